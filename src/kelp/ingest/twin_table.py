"""A second table beside a table, filled unseen and then put in its place.

The twin has a name that no table of a workspace can have. Which of the two is which is told by the engine's own ids,
because a crash may come just before or just after their names are swapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kelp.catalog.inventory import list_columns
from kelp.catalog.migration import plan_migration
from kelp.clickhouse import ddl
from kelp.clickhouse.introspection import select_table_id, select_tables_ending
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import QueryLimits, ResultFormat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from kelp.clickhouse.ddl import TableDefinition
    from kelp.engine.contract import Engine
    from kelp.kql.types import Column

_ENDING = "~twin"
_LIMITS = QueryLimits(deadline_seconds=60)


class TwinTable:
    """The twin of one table, there or not. Used by one task. Raises `EngineError`."""

    def __init__(self, engine: Engine, store_id: UUID, table: str) -> None:
        database = ddl.database_name(store_id)
        self._engine = engine
        self.original = EngineTable(database, table)
        self.twin = EngineTable(database, f"{table}{_ENDING}")
        self._definition: TableDefinition | None = None

    async def make(self, definition: TableDefinition) -> None:
        """Make the twin, empty, or give it the columns of the definition that it lacks."""
        if definition == self._definition:
            return
        existing = (await list_columns(self._engine, self.twin.database, self.twin.name)).get(
            self.twin.name, {}
        )
        storage = self._engine.table_storage(self.twin.database)
        for statement in plan_migration(self.twin, existing.keys(), definition, storage):
            await self._engine.execute(statement)
        self._definition = definition

    async def copy_older_rows(
        self, source: EngineTable, columns: Iterable[Column], received_before_ticks: int
    ) -> None:
        """Take over the rows of a table, which has these columns, that were received before a moment. Once only."""
        assert self._definition is not None
        wanted = {column.name for column in self._definition.columns}
        names = [column.name for column in columns if column.name in wanted]
        await self._engine.execute(ddl.copy_rows(self.twin, source, names, received_before_ticks))

    async def find_twin_id(self) -> str:
        """Return the engine's id of the twin; empty if there is none."""
        return await self._find_id(self.twin)

    async def swap(self, twin_id: str) -> None:
        """Put the table that has the id in the original's place, unless it is there already."""
        if await self._find_id(self.original) != twin_id:
            await self._engine.execute(ddl.exchange_tables(self.original, self.twin))

    async def drop(self) -> None:
        """Remove what bears the twin's name now. Safe to call again."""
        if await self.find_twin_id():
            await self._engine.execute(ddl.drop_table(self.twin))
        self._definition = None

    async def _find_id(self, table: EngineTable) -> str:
        rows = await _query(self._engine, select_table_id(table))
        return str(rows[0][0]) if rows else ""


async def find_twins(engine: Engine) -> list[TwinTable]:
    """Return all twins that there are, complete or not. Raises `EngineError`."""
    twins = []
    for database, name in await _query(engine, select_tables_ending(_ENDING)):
        store_id = ddl.find_store(database)
        if store_id is not None:
            twins.append(TwinTable(engine, store_id, name.removesuffix(_ENDING)))
    return twins


async def _query(engine: Engine, sql: str) -> list[list[str]]:
    stream = await engine.query(sql, format=ResultFormat.JSON_ROWS, limits=_LIMITS, tag="kelp.ingest")
    async with stream:
        content = b"".join([chunk async for chunk in stream])
    return [msgspec.json.decode(line, type=list[str]) for line in content.splitlines()]
