"""Runs or explains a query over a data folder that nobody serves, with files beside it.

Whoever can read the folder and its root key can read all that is in it. Where it holds several organizations, one
workspace is named, nothing of another organization is read, and its audit keeps a record.
"""

from __future__ import annotations

import asyncio
import getpass
from contextlib import closing
from typing import TYPE_CHECKING

from kelp.app.installation import Installation
from kelp.app.services import open_storage
from kelp.catalog.table_access import FullAccess
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.file_tables import load_files
from kelp.cli.offline_query import T, now_ticks
from kelp.resources.author import Author, AuthorKind
from kelp.resources.bootstrap import DEFAULT_NAME

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from uuid import UUID

    from kelp.app.services import Storage
    from kelp.base.settings import Settings
    from kelp.cli.file_tables import FileTable
    from kelp.cli.offline_query import Work
    from kelp.kql.schema import SchemaProvider
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace


async def work_over_folder(
    text: str, files: Sequence[FileTable], settings: Settings, workspace: str | None, work: Work[T]
) -> T:
    """Do the work over a workspace (None: the first) and the files. Raises `CommandFailed`, `ServiceError`."""
    installation = await asyncio.to_thread(Installation.open, settings.data)
    with closing(installation):
        async with open_storage(installation, settings) as storage:
            names = installation.find_names()
            name = workspace or (str(names.workspace_id) if names else DEFAULT_NAME)
            access = await asyncio.to_thread(_enter, installation, storage, workspace)
            built = storage.scopes.build([name], access, now_ticks())
            provider: SchemaProvider = built.provider
            scope = built.scope
            if files:
                schema = (await load_files(storage.engine, files)).before(provider, scope)
                provider, scope = schema, schema.scope
            return await work(storage.stages, text, provider, scope, settings)


class _TenantAccess(FullAccess):
    """Every row of the workspaces of one tenant."""

    def __init__(self, tenant_id: UUID) -> None:
        self._tenant_id = tenant_id

    @property
    def key(self) -> Hashable:
        return ("full", self._tenant_id)

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        return workspace.tenant_id == self._tenant_id


def _enter(installation: Installation, storage: Storage, workspace: str | None) -> FullAccess:
    """Return what may be read; in a folder of several tenants note who reads. Raises `CommandFailed`."""
    workspaces = installation.store.snapshot.workspaces.values()
    if len({found.tenant_id for found in workspaces}) < 2:
        return FullAccess()
    if workspace is None:
        known = "\n".join(sorted(f"  {found.properties.workspace_id}  {found.id}" for found in workspaces))
        message = f"The folder holds workspaces of several organizations; name one with --workspace:\n{known}"
        raise CommandFailed(ExitCode.USAGE, message)
    found = storage.directory.find_workspaces(workspace)
    if len(found) != 1:
        what = "no workspace" if not found else "several workspaces"
        message = f"'{workspace}' names {what} of the folder; give the GUID or the resource id of one."
        raise CommandFailed(ExitCode.REFUSED, message)
    (one,) = found
    author = Author(one.tenant_id, None, f"host user {getpass.getuser()}", AuthorKind.SYSTEM)
    with installation.store.write(author) as transaction:
        transaction.record_action(one.id, "folder/query/action")
    return _TenantAccess(one.tenant_id)
