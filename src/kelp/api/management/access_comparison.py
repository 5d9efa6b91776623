"""What somebody may do now and what they might do with other role assignments (`compareAccess`): Kelp's own.

Actions and tables are those that the service knows; each is decided as every surface decides it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.management.access_explanation import read_principal
from kelp.api.management.api_versions import KNOWN_VERSIONS
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import taking
from kelp.api.management.provider_operations import iter_operations
from kelp.api.management.role_definitions import scope_of
from kelp.api.management.supposed_access import CHANGES, find_supposed_access
from kelp.catalog.table_access import RoleAccess
from kelp.resources.condition_text import print_condition
from kelp.resources.errors import InvalidDocument, Problem
from kelp.resources.shape import Named, Record, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.base.ids import ResourceId
    from kelp.identity.principal import Principal
    from kelp.resources.access import Access
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.Authorization"


def compare(call: Call) -> Answer:
    """Answer with the actions at a scope, and the tables of its workspace, of which the answer would be another.

    That is for those who may see the role assignments there. Raises `ServiceError`.
    """
    scope = scope_of(call)
    call.require_subscription(scope)
    reader = call.reader()
    principal = read_principal(call, scope, reader)
    now = call.services.access
    then = find_supposed_access(call, scope, reader)
    if then is None:
        raise InvalidDocument([Problem("with", "Say in 'with' or 'without' what to suppose.")])
    document = {
        "scope": str(scope),
        "actions": list(_iter_changed_actions(now, then, principal, scope)),
        "workspace": None,
        "tables": [],
        "tableCount": 0,
    }
    workspace = _find_workspace(call, scope)
    if workspace is not None:
        names = _list_tables(call, workspace)
        document |= {
            "workspace": str(workspace.id),
            "tables": list(_iter_changed_tables(now, then, principal, workspace, names)),
            "tableCount": len(names),
        }
    return Answer(200, document)


def _iter_changed_actions(
    now: Access, then: Access, principal: Principal, scope: ResourceId
) -> Iterator[dict[str, Any]]:
    for namespace in KNOWN_VERSIONS:
        for operation in iter_operations(namespace):
            # What reads records is told by tables.
            if "*" in operation.name:
                continue
            before, after = (
                access.decide(principal, operation.name, scope, is_data=operation.is_data).allowed
                for access in (now, then)
            )
            if before != after:
                yield {
                    "name": operation.name,
                    "displayName": operation.title,
                    "isDataAction": operation.is_data,
                    "now": before,
                    "then": after,
                }


def _iter_changed_tables(
    now: Access, then: Access, principal: Principal, workspace: Resource[Workspace], names: list[str]
) -> Iterator[dict[str, Any]]:
    readers = [RoleAccess(access, principal) for access in (now, then)]
    for name in names:
        before, after = (_read_table(reader, workspace, name) for reader in readers)
        if before != after:
            yield {"name": name, "now": before, "then": after}


def _read_table(reader: RoleAccess, workspace: Resource[Workspace], table: str) -> dict[str, Any]:
    """Return whether a table is read and, unless whole, for which records: what any way lets through."""
    allowed = [way for way in reader.decide_reading(workspace, table) if way.allowed]
    is_whole = any(not way.limits for way in allowed)
    limits = [] if is_whole else [print_condition(limit) for way in allowed for limit in way.limits]
    return {"allowed": bool(allowed), "limits": list(dict.fromkeys(limits))}


def _find_workspace(call: Call, scope: ResourceId) -> Resource[Workspace] | None:
    known = call.store.snapshot.workspaces_by_key
    return next((known[one.key] for one in (scope, *scope.iter_ancestors()) if one.key in known), None)


def _list_tables(call: Call, workspace: Resource[Workspace]) -> list[str]:
    built_in = {table.name.lower(): table.name for table in call.services.built_in_tables.iter_built_in()}
    stored = call.store.snapshot.tables.get(workspace.id.key, {})
    names = {key: table.id.name for key, table in stored.items()} | built_in
    return sorted(names.values(), key=str.lower)


_SAYS = taking(Named("AccessComparison", Record({"principal": Text(), **CHANGES})))
_PATH = "/providers/Microsoft.Authorization/compareAccess"
ROUTES = (
    ManagementRoute("POST", _PATH, _NAMESPACE, compare, _SAYS),
    ManagementRoute("POST", f"/{{scope:path}}{_PATH}", _NAMESPACE, compare, _SAYS),
)
