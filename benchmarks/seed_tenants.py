"""Makes many workspaces and role assignments in a server's folder before it serves."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.resources.author import system_author
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import LOG_ANALYTICS_READER
from kelp.resources.workspace import WorkspaceSettings, put_workspace

if TYPE_CHECKING:
    from uuid import UUID

_TYPE = "Microsoft.OperationalInsights/workspaces"
_APPLICATIONS = 500
_AT_ONCE = 200


def seed(folder: Path, workspaces: int, assignments: int) -> None:
    """Add workspaces beside the first one, and give applications roles on them in turn."""
    with closing(Installation.open(folder)) as installation:
        names = installation.find_names()
        assert names is not None
        group = names.workspace_resource_id.parent
        assert group is not None
        paths = [group.child(_TYPE, f"space-{number:04}") for number in range(1, workspaces)]
        paths.append(names.workspace_resource_id)
        for first in range(0, workspaces - 1, _AT_ONCE):
            with installation.store.write(system_author(names.tenant_id)) as transaction:
                for path in paths[first : min(first + _AT_ONCE, workspaces - 1)]:
                    put_workspace(transaction, path, WorkspaceSettings("local"))
        installation.ensure_workspace_keys()
        principals = [
            installation.directory.create_application(names.tenant_id, f"application {number}").object_id
            for number in range(min(_APPLICATIONS, assignments))
        ]
        _assign(installation, names.tenant_id, paths, principals, assignments)


def _assign(
    installation: Installation, tenant_id: UUID, paths: list[ResourceId], principals: list[UUID], count: int
) -> None:
    """Give each principal roles on workspaces, each pair once."""
    pairs = (
        (paths[(number // len(principals) + number) % len(paths)], principals[number % len(principals)])
        for number in range(count)
    )
    for _ in range(0, count, _AT_ONCE):
        with installation.store.write(system_author(tenant_id)) as transaction:
            for scope, principal in (pair for pair, _ in zip(pairs, range(_AT_ONCE), strict=False)):
                name = scope.child("Microsoft.Authorization/roleAssignments", str(uuid4()))
                put_role_assignment(
                    transaction,
                    name,
                    LOG_ANALYTICS_READER,
                    principal,
                    find_principal_kind=lambda *_: PrincipalKind.SERVICE_PRINCIPAL,
                )


if __name__ == "__main__":
    seed(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
