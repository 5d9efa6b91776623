"""Finds workspaces by what people call them, and holds the present schema of each. In memory; knows no caller."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.base.ids import WorkspaceId
from kelp.catalog.workspace_schema import WorkspaceSchema
from kelp.clickhouse.ddl import find_store
from kelp.resources.stores import find_owner, readable_stores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.tables import StandardTables
    from kelp.resources.customer import Customer
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.store import ResourceStore
    from kelp.resources.table import Table
    from kelp.resources.workspace import Workspace

_NO_TABLES: Mapping[str, Resource[Table]] = MappingProxyType({})


class WorkspaceDirectory:
    """All live workspaces of all tenants. Safe for concurrent use from an event loop."""

    def __init__(self, store: ResourceStore, ledger: TableLedger, standard: StandardTables) -> None:
        self._store = store
        self._ledger = ledger
        self._standard = standard
        self._schemas: dict[WorkspaceId, WorkspaceSchema] = {}
        self._names: tuple[int, Mapping[str, Sequence[Resource[Workspace]]]] = (-1, {})

    @property
    def version(self) -> tuple[int, int]:
        """Changes with every change of the resource store or of the stored tables."""
        return self._store.snapshot.version, self._ledger.revision

    def find_workspaces(self, reference: str) -> Sequence[Resource[Workspace]]:
        """Return the workspaces that a GUID, a resource id or a name stands for; only a name can stand for several."""
        snapshot = self._store.snapshot
        if is_name(reference):
            return self._by_name(snapshot).get(reference.lower(), ())
        if reference.startswith("/"):
            found = snapshot.workspaces_by_key.get(reference.rstrip("/").lower())
        else:
            found = snapshot.workspaces.get(WorkspaceId(UUID(reference)))
        return () if found is None else (found,)

    def find_owner(self, database: str) -> WorkspaceId | None:
        """Return the workspace that a database holds records of."""
        store_id = find_store(database)
        owner = find_owner(self._store.snapshot, store_id) if store_id is not None else None
        return None if owner is None else owner.properties.workspace_id

    def find_of_tenant(self, tenant_id: UUID) -> Sequence[Resource[Workspace]]:
        """Return the workspaces of a tenant."""
        live = self._store.snapshot.workspaces.values()
        return [workspace for workspace in live if workspace.tenant_id == tenant_id]

    def list_stores(self, workspace: Resource[Workspace]) -> Sequence[UUID]:
        """Return the stores of a workspace that queries read."""
        return readable_stores(self._store.snapshot, workspace)

    def customers_of(self, workspace: Resource[Workspace]) -> Sequence[Resource[Customer]]:
        """Return the customers of a workspace."""
        return self._store.snapshot.customers_of.get(workspace.properties.workspace_id, ())

    def get_schema(self, workspace: Resource[Workspace]) -> WorkspaceSchema:
        """Return the workspace's tables as they are now; the same object as before if nothing changed."""
        workspace_id = workspace.properties.workspace_id
        declared = self._store.snapshot.tables.get(workspace.id.key, _NO_TABLES)
        stores = readable_stores(self._store.snapshot, workspace)
        stored = [(store_id, self._ledger.tables(store_id)) for store_id in stores]
        known = self._schemas.get(workspace_id)
        if known is not None and known.is_of(workspace, declared, stored):
            return known
        self._forget_closed()
        made = self._schemas[workspace_id] = WorkspaceSchema(workspace, declared, stored, self._standard)
        return made

    def find_declaration(self, workspace: Resource[Workspace], table: str) -> Resource[Table] | None:
        """Return what the owner declared about a table, custom or standard."""
        return self._store.snapshot.find_table(workspace, table)

    def _by_name(self, snapshot: Snapshot) -> Mapping[str, Sequence[Resource[Workspace]]]:
        version, names = self._names
        if version == snapshot.version:
            return names
        made: dict[str, list[Resource[Workspace]]] = {}
        for workspace in snapshot.workspaces.values():
            made.setdefault(workspace.id.name.lower(), []).append(workspace)
        self._names = (snapshot.version, made)
        return made

    def _forget_closed(self) -> None:
        live = self._store.snapshot.workspaces
        if len(self._schemas) > len(live):
            self._schemas = {key: schema for key, schema in self._schemas.items() if key in live}


def is_name(reference: str) -> bool:
    """Tell whether the text is a name, neither a GUID nor a resource id."""
    if reference.startswith("/"):
        return False
    try:
        UUID(reference)
    except ValueError:
        return True
    return False
