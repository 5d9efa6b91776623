"""What a query of a caller over some workspaces may reach: made anew for each query, from memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kelp.catalog.scoped_schema import TICKS_PER_HOUR, ScopedSchema
from kelp.catalog.seals import WorkspaceSealedOff

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.base.errors import ServiceError
    from kelp.base.ids import WorkspaceId
    from kelp.catalog.seals import FindSeal
    from kelp.catalog.table_access import TableAccess
    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.kql.schema import StoredFunction
    from kelp.plan.scope import QueryScope
    from kelp.resources.resource import Resource
    from kelp.resources.saved_search import SavedSearch
    from kelp.resources.workspace import Workspace

MAXIMUM_WORKSPACES = 100

FindFunction: TypeAlias = "Callable[[Resource[Workspace], str], StoredFunction | None]"
"""Finds a workspace's saved function by its name, in memory."""
ListFunctions: TypeAlias = "Callable[[Resource[Workspace]], Iterable[Resource[SavedSearch]]]"
"""Lists a workspace's saved functions, in memory."""


@dataclass(frozen=True, slots=True)
class BuiltScope:
    """A scope. Two with an equal `key` give every text the same meaning and the same statements."""

    provider: ScopedSchema
    scope: QueryScope
    workspace_ids: tuple[WorkspaceId, ...]
    key: Hashable
    find_owner: Callable[[str], WorkspaceId | None]
    """Tells which workspace a database holds records of."""


class ScopeBuilder:
    """Builds scopes. Safe for concurrent use from an event loop."""

    def __init__(
        self,
        directory: WorkspaceDirectory,
        *,
        find_function: FindFunction = lambda _workspace, _name: None,
        list_functions: ListFunctions = lambda _workspace: (),
        maximum_workspaces: int = MAXIMUM_WORKSPACES,
        find_seal: FindSeal = lambda _owner: None,
    ) -> None:
        self._directory = directory
        self._find_seal = find_seal
        self._find_function = find_function
        self._list_functions = list_functions
        self._maximum_workspaces = maximum_workspaces

    def list_functions(self, workspace: Resource[Workspace]) -> Iterable[Resource[SavedSearch]]:
        """Return the functions of a workspace, which who may query it may call, in the order of their names."""
        return self._list_functions(workspace)

    def find_workspaces(self, reference: str) -> Sequence[Resource[Workspace]]:
        """Return the workspaces that an id, a name or a resource id may mean, whoever may query them."""
        return self._directory.find_workspaces(reference)

    def find_refusal(self, workspace_ids: Iterable[UUID]) -> ServiceError | None:
        """Return why queries of the workspaces are refused now: the first of which the key was taken away."""
        for workspace_id in workspace_ids:
            for workspace in self._directory.find_workspaces(str(workspace_id)):
                for store_id in self._directory.list_stores(workspace):
                    if (reason := self._find_seal(store_id)) is not None:
                        return WorkspaceSealedOff(workspace, reason)
        return None

    def build(self, workspaces: Sequence[str], access: TableAccess, now_ticks: int) -> BuiltScope:
        """Return the scope of a caller over the named workspaces; the first is the one that the request is about.

        A workspace is named by its GUID, its name or its resource id. A table that several of them have is the union of
        all. `now_ticks` (100 ns since 1970) decides what retention has taken. Raises `ServiceError`: not_found or
        forbidden for a workspace that is not the caller's to query or is sealed off, invalid for an ambiguous name or
        too many.
        """
        version = self._directory.version
        schema = ScopedSchema(
            self._directory,
            workspaces,
            access,
            now_ticks,
            find_function=self._find_function,
            maximum_workspaces=self._maximum_workspaces,
            find_seal=self._find_seal,
        )
        ids = tuple(own.workspace.properties.workspace_id for own in schema.own)
        key = (version, now_ticks // TICKS_PER_HOUR, access.key, ids)
        return BuiltScope(schema, schema.scope, ids, key, self._directory.find_owner)

    def build_for_resource(self, tenant_id: UUID, access: TableAccess, now_ticks: int) -> BuiltScope:
        """Return the scope of a caller over what a tenant's resource logged, in whichever of its workspaces.

        `access` tells the rows. The text decides which workspaces are read, so none is named beforehand.
        """
        version = self._directory.version
        schema = ScopedSchema(
            self._directory,
            (),
            access,
            now_ticks,
            find_function=self._find_function,
            maximum_workspaces=self._maximum_workspaces,
            find_seal=self._find_seal,
            holders=[one for one in self._directory.find_of_tenant(tenant_id) if access.may_query(one)],
        )
        key = (version, now_ticks // TICKS_PER_HOUR, access.key, "resource")
        return BuiltScope(schema, schema.scope, (), key, self._directory.find_owner)
