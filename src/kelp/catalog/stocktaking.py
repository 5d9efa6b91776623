"""Compares the ledger with what the engine says, once a store and process, and corrects the ledger.

After a crash, or when engine and ledger were restored from copies of different times, the engine may lack tables or
columns that the ledger lists (they are made again, empty), or hold tables that it does not list (they are taken in).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from kelp.catalog import storage_rules
from kelp.catalog.inventory import list_columns, list_columns_of
from kelp.catalog.ledger import StoredTable
from kelp.catalog.recounting import recount_table
from kelp.clickhouse.ddl import TableDefinition, database_name
from kelp.clickhouse.introspection import read_scalar_type
from kelp.clickhouse.types import EngineTable, expression_type
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.engine.contract import Engine
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace


class Stocktaking:
    """Used by one task."""

    def __init__(self, engine: Engine, ledger: TableLedger, directory: WorkspaceDirectory) -> None:
        self._engine = engine
        self._ledger = ledger
        self._directory = directory
        self._taken: set[UUID] = set()
        self._log = structlog.get_logger("kelp.catalog")

    async def take_once(self, workspace: Resource[Workspace], store_id: UUID) -> None:
        """Compare the tables of a store of an open workspace unless that was done before. Raises `EngineError`."""
        if store_id in self._taken:
            return
        held = await list_columns(self._engine, database_name(store_id))
        listed = self._ledger.tables(store_id)
        for name, stored in listed.items():
            if stored.definition is not None:
                await self._check_listed(store_id, stored, held.get(name, {}))
        for name in held.keys() - listed.keys():
            await self._take_in(workspace, store_id, name, held[name])
        self._taken.add(store_id)

    async def _check_listed(self, store_id: UUID, stored: StoredTable, columns: Mapping[str, str]) -> None:
        definition = stored.definition
        assert definition is not None
        if any(column.name not in columns for column in definition.columns):
            # Perhaps it was just being woken. Taken for absent it would be empty to queries for a moment.
            table = EngineTable(database_name(store_id), stored.name)
            columns = await list_columns_of(self._engine, table)
        missing = [column.name for column in definition.columns if column.name not in columns]
        if not missing:
            if stored.holds_rows and stored.first_ticks is None:
                await self._recount(store_id, stored.name)
            return
        self._log.warning("engine_lacks_columns", store_id=store_id, table=stored.name, columns=len(missing))

        def reopen(current: StoredTable | None) -> StoredTable:
            table = current or stored
            return replace(table, definition=None, pending=table.pending or definition)

        await asyncio.to_thread(self._ledger.change, store_id, stored.name, reopen)

    async def _take_in(
        self, workspace: Resource[Workspace], store_id: UUID, name: str, columns: Mapping[str, str]
    ) -> None:
        definition = self._guess_definition(workspace, name, columns)
        if definition is None:
            self._log.warning("engine_holds_unknown_table", store_id=store_id, table=name)
            return
        declared = self._directory.get_schema(workspace).find_declaration(name)
        uid = declared.uid if declared is not None else None
        await asyncio.to_thread(self._ledger.put, store_id, StoredTable(name, definition, None, uid))
        rows = await self._recount(store_id, name)
        self._log.warning("engine_table_taken_in", store_id=store_id, table=name, rows=rows)

    async def _recount(self, store_id: UUID, name: str) -> int:
        table = EngineTable(database_name(store_id), name)
        return await recount_table(self._engine, self._ledger, store_id, table)

    def _guess_definition(
        self, workspace: Resource[Workspace], name: str, columns: Mapping[str, str]
    ) -> TableDefinition | None:
        """The columns with documented types where the engine's agree. Term indexes can't be seen, so none are used."""
        table = self._directory.get_schema(workspace).find_table(name)
        if table is None:
            return None
        documented = {column.name: column.type for column in table.schema.columns}
        found = []
        for column, engine_type in columns.items():
            scalar_type = _agree(documented.get(column), engine_type)
            if scalar_type is not None:
                found.append(Column(column, scalar_type))
        return TableDefinition(tuple(found), storage_rules.find_partitioning(name))


def _agree(documented: ScalarType | None, engine_type: str) -> ScalarType | None:
    guessed = read_scalar_type(engine_type)
    if documented is not None and guessed is read_scalar_type(expression_type(documented)):
        return documented
    return guessed
