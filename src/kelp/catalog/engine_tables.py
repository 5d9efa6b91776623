"""Gives the engine the tables and columns that records need, when they first need them.

What is about to change is entered in the ledger before the engine is asked, and taken for granted only after it obeyed;
so a crash in between leaves something to be completed, and two writers can't give one column two types.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kelp.base.errors import Category, ServiceError
from kelp.catalog import storage_rules
from kelp.catalog.inventory import list_columns, list_columns_of
from kelp.catalog.ledger import StoredTable
from kelp.catalog.migration import check_types, plan_migration
from kelp.catalog.stored_tables import HeldTable, list_held_tables
from kelp.catalog.workspace_schema import find_own, find_own_in_stores, make_schema
from kelp.clickhouse import ddl
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import DatabaseSpec
from kelp.kql.types import Column, ScalarType
from kelp.resources.author import system_author
from kelp.resources.stores import find_cluster, find_owner, present_store, readable_stores
from kelp.resources.table import Table, TableColumn, TableSubType, add_columns

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.tables import StandardTables
    from kelp.clickhouse.ddl import MaterializedColumn, TableDefinition
    from kelp.engine.contract import Engine
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

SpecifyDatabase: TypeAlias = "Callable[[Snapshot, Resource[Workspace], UUID], DatabaseSpec]"


def specify_database(snapshot: Snapshot, workspace: Resource[Workspace], store_id: UUID) -> DatabaseSpec:
    """Return how the database of a workspace's store is made: as its cluster says, or with the store's key alone."""
    cluster = find_cluster(snapshot, workspace, store_id)
    if cluster is None:
        return DatabaseSpec(store_id)
    properties = cluster.properties
    return DatabaseSpec(store_id, properties.double_encryption, properties.cluster_id)


class EngineTables:
    """The tables of all workspaces. Safe for concurrent use from the tasks of one event loop."""

    def __init__(
        self,
        engine: Engine,
        store: ResourceStore,
        ledger: TableLedger,
        standard: StandardTables,
        *,
        specify_database: SpecifyDatabase = specify_database,
    ) -> None:
        self._engine = engine
        self._store = store
        self._ledger = ledger
        self._standard = standard
        self._specify_database = specify_database
        self._locks: dict[tuple[UUID, str], asyncio.Lock] = {}

    async def ensure_table(
        self, workspace_id: WorkspaceId, name: str, columns: Sequence[Column]
    ) -> TableDefinition:
        """Return the table as the engine has it in the present store, with all columns, after making what was missing.

        `columns` are those of the records at hand; constants among them are left out. A custom table that nobody
        declared is declared as a classic one. Safe to call again and at once. Raises `ColumnTypeConflict`,
        `InvalidDocument` (what can't be declared), `ServiceError` (not_found: no such workspace), `EngineError`.
        """
        workspace, store_id = self._get_workspace(workspace_id), self.find_present_store(workspace_id)
        definition = self._find_definition(workspace, store_id, name)
        if (
            definition is not None
            and _covers(definition, columns)
            and not self._brings_back(workspace, name, columns)
        ):
            return definition
        async with self._lock(workspace_id, name):
            declared = await self._declare(workspace, name, columns)
            stored = self._ledger.tables(store_id).get(name)
            if stored is not None and find_own({name: stored}, name, declared) is None:
                await self._drop(store_id, name)
            # Made as it is in another store of the workspace, so that types and indexes agree.
            like = next(iter(self._find_definitions(workspace, name, declared)), None)
            uid = declared.uid if declared is not None else None
            await asyncio.to_thread(self._reserve, store_id, name, columns, uid, like)
            return await self._complete(workspace, store_id, name)

    def find_present_store(self, workspace_id: WorkspaceId) -> UUID:
        """Return the store that new records of a workspace go to. Raises `ServiceError` (not_found)."""
        return present_store(self._store.snapshot, self._get_workspace(workspace_id))

    def list_held(self, workspace_id: WorkspaceId, name: str | None = None) -> tuple[HeldTable, ...]:
        """Return a workspace's tables in all its stores, or those of one name."""
        return list_held_tables(self._ledger, self._store.snapshot, workspace_id, name)

    async def open_store(self, workspace_id: WorkspaceId, store_id: UUID) -> None:
        """See that the engine has the database of a store. Raises `EngineError`, `ServiceError` (not_found)."""
        workspace = self._get_workspace(workspace_id)
        await self._engine.open_database(self._specify_database(self._store.snapshot, workspace, store_id))

    async def complete_table(self, store_id: UUID, name: str) -> None:
        """Bring a change to its end that was cut short. Raises `EngineError`, `ServiceError` (not_found)."""
        workspace = self._get_owner(store_id)
        async with self._lock(workspace.properties.workspace_id, name):
            stored = self._ledger.tables(store_id).get(name)
            if stored is not None and stored.pending is not None:
                await self._complete(workspace, store_id, name)

    async def add_computed(self, store_id: UUID, name: str, column: MaterializedColumn, maximum: int) -> bool:
        """Have the engine keep a property in a column of its own; return whether it is new.

        Nothing happens where the table has it or `maximum` such columns, or lacks the dynamic column it is taken from.
        Raises `EngineError`, `ServiceError` (not_found: no such workspace).
        """
        workspace = self._get_owner(store_id)
        async with self._lock(workspace.properties.workspace_id, name):
            stored = self._ledger.tables(store_id).get(name)
            definition = (stored.pending or stored.definition) if stored is not None else None
            if definition is None or Column(column.path.column, ScalarType.DYNAMIC) not in definition.columns:
                return False
            present = definition.materialized
            if len(present) >= maximum or any(other.path == column.path for other in present):
                return False
            wanted = replace(definition, materialized=(*present, column))
            await asyncio.to_thread(
                self._ledger.change, store_id, name, lambda current: _await_change(current, wanted)
            )
            await self._complete(workspace, store_id, name)
            return True

    async def drop_table(self, store_id: UUID, name: str) -> None:
        """Remove a table of one store and its rows. Safe to call again. Raises `EngineError`."""
        owner = find_owner(self._store.snapshot, store_id)
        async with self._lock(store_id if owner is None else owner.properties.workspace_id, name):
            await self._drop(store_id, name)

    def _lock(self, workspace_id: UUID, name: str) -> asyncio.Lock:
        return self._locks.setdefault((workspace_id, name), asyncio.Lock())

    def _get_workspace(self, workspace_id: WorkspaceId) -> Resource[Workspace]:
        workspace = self._store.snapshot.workspaces.get(workspace_id)
        if workspace is None:
            raise ServiceError(
                Category.NOT_FOUND, "WorkspaceNotFound", f"The workspace '{workspace_id}' was not found."
            )
        return workspace

    def _get_owner(self, store_id: UUID) -> Resource[Workspace]:
        workspace = find_owner(self._store.snapshot, store_id)
        if workspace is None:
            raise ServiceError(
                Category.NOT_FOUND, "WorkspaceNotFound", f"No workspace has the store '{store_id}'."
            )
        return workspace

    def _find_declaration(self, workspace: Resource[Workspace], name: str) -> Resource[Table] | None:
        """Return what decides about a custom table; a standard one needs no declaration."""
        if self._standard.find(name) is not None:
            return None
        return self._store.snapshot.find_table(workspace, name)

    def _find_definition(
        self, workspace: Resource[Workspace], store_id: UUID, name: str
    ) -> TableDefinition | None:
        declared = self._find_declaration(workspace, name)
        if declared is None and self._standard.find(name) is None:
            return None
        stored = find_own(self._ledger.tables(store_id), name, declared)
        return stored.definition if stored is not None else None

    def _find_stored(
        self, workspace: Resource[Workspace], name: str, declared: Resource[Table] | None
    ) -> list[StoredTable]:
        stores = readable_stores(self._store.snapshot, workspace)
        tables = [(store_id, self._ledger.tables(store_id)) for store_id in stores]
        return [stored for _, stored in find_own_in_stores(tables, name, declared)]

    def _find_definitions(
        self, workspace: Resource[Workspace], name: str, declared: Resource[Table] | None
    ) -> list[TableDefinition]:
        found = self._find_stored(workspace, name, declared)
        return [stored.definition for stored in found if stored.definition is not None]

    def _brings_back(self, workspace: Resource[Workspace], name: str, columns: Sequence[Column]) -> bool:
        """Tell whether records of a classic table, which they define, have a column that was removed from it."""
        declared = self._store.snapshot.find_table(workspace, name)
        if declared is None or declared.properties.sub_type is not TableSubType.CLASSIC:
            return False
        removed = {column.name for column in declared.properties.removed_columns}
        return not removed.isdisjoint(column.name for column in columns)

    async def _declare(
        self, workspace: Resource[Workspace], name: str, columns: Sequence[Column]
    ) -> Resource[Table] | None:
        """Return the declaration of a custom table, after adding what records brought to a classic one."""
        snapshot = self._store.snapshot
        standard, declared = self._standard.find(name), snapshot.find_table(workspace, name)
        own = self._find_stored(workspace, name, declared if standard is None else None)
        known = {column.name: column.type for column in make_schema(standard, declared, own).columns}
        check_types(name, known, columns)
        if standard is not None:
            return None
        if declared is not None and declared.properties.sub_type is not TableSubType.CLASSIC:
            return declared
        added = [
            TableColumn(column.name, column.type)
            for column in columns
            if column.name not in known and column.name != ddl.RECEIPT_COLUMN
        ]
        if declared is not None and not added:
            return declared
        return await asyncio.to_thread(self._add_declared_columns, workspace, name, added)

    def _add_declared_columns(
        self, workspace: Resource[Workspace], name: str, columns: Sequence[TableColumn]
    ) -> Resource[Table]:
        with self._store.write(system_author(workspace.tenant_id)) as transaction:
            return add_columns(transaction, workspace.id.child("tables", name), columns)

    def _reserve(
        self,
        store_id: UUID,
        name: str,
        columns: Sequence[Column],
        uid: UUID | None,
        like: TableDefinition | None,
    ) -> None:
        def enter(current: StoredTable | None) -> StoredTable:
            table = current or StoredTable(name, resource_uid=uid)
            definition = table.pending or table.definition or like or storage_rules.define_table(name, ())
            check_types(name, {column.name: column.type for column in definition.columns}, columns)
            return replace(table, pending=storage_rules.add_columns(definition, columns))

        self._ledger.change(store_id, name, enter)

    async def _complete(self, workspace: Resource[Workspace], store_id: UUID, name: str) -> TableDefinition:
        wanted = self._ledger.tables(store_id)[name].pending
        assert wanted is not None
        spec = self._specify_database(self._store.snapshot, workspace, store_id)
        await self._engine.open_database(spec)
        # Asked, not remembered: an attempt before this one may have come some way.
        existing = await list_columns_of(self._engine, EngineTable(spec.name, name))
        storage = self._engine.table_storage(spec.name)
        for statement in plan_migration(EngineTable(spec.name, name), existing.keys(), wanted, storage):
            await self._engine.execute(statement)
        await asyncio.to_thread(self._ledger.change, store_id, name, lambda current: _settle(current, wanted))
        return wanted

    async def _drop(self, store_id: UUID, name: str) -> None:
        table = EngineTable(ddl.database_name(store_id), name)
        if await list_columns(self._engine, table.database, name):
            await self._engine.execute(ddl.drop_table(table))
        await asyncio.to_thread(self._ledger.remove_table, store_id, name)


def _covers(definition: TableDefinition, columns: Sequence[Column]) -> bool:
    present = set(definition.columns)
    return all(column in present or column.name in storage_rules.CONSTANT_COLUMNS for column in columns)


def _await_change(current: StoredTable | None, wanted: TableDefinition) -> StoredTable:
    assert current is not None
    return replace(current, pending=wanted)


def _settle(current: StoredTable | None, wanted: TableDefinition) -> StoredTable:
    """Enter that the engine has `wanted`; what was reserved meanwhile stays pending."""
    assert current is not None
    definition = storage_rules.add_columns(wanted, current.definition.columns if current.definition else ())
    pending = current.pending
    if pending is not None and _holds(definition, pending):
        pending = None
    return replace(current, definition=definition, pending=pending)


def _holds(definition: TableDefinition, wanted: TableDefinition) -> bool:
    return set(wanted.columns) <= set(definition.columns) and set(wanted.materialized) <= set(
        definition.materialized
    )
