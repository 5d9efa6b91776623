"""Gives properties of dynamic columns that queries often read columns of their own (ADR 18).

The engine computes such a column from the text with the expression that queries use, for new rows as they arrive and
for the parts that exist in the background; until it is done, it computes the rest as it reads.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kelp.catalog.inventory import is_repetitive
from kelp.clickhouse.ddl import find_store, materialize_column
from kelp.clickhouse.functions.json_paths import TEXT_READING, define_property_column

if TYPE_CHECKING:
    from kelp.catalog.engine_tables import EngineTables
    from kelp.catalog.property_use import PropertyUse
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.contract import Engine
    from kelp.plan.scope import PropertyPath

INTERVAL = timedelta(seconds=5)


class PropertyPromotion:
    """`maximum` bounds the columns of this kind that a table gets, since each makes loading it dearer."""

    def __init__(self, engine: Engine, tables: EngineTables, use: PropertyUse, maximum: int) -> None:
        self._engine = engine
        self._tables = tables
        self._use = use
        self._maximum = maximum

    async def run(self) -> None:
        """Promote what is due. What fails is counted anew by the queries to come. Raises `ServiceError`."""
        for table, path in self._use.take_due():
            await self._promote(table, path)

    async def _promote(self, table: EngineTable, path: PropertyPath) -> None:
        store_id = find_store(table.database)
        if store_id is None:
            return
        column = define_property_column(path, repeats=False)
        if path.reading == TEXT_READING and await is_repetitive(self._engine, table, column):
            column = define_property_column(path, repeats=True)
        if await self._tables.add_computed(store_id, table.name, column, self._maximum):
            await self._engine.execute(materialize_column(table, column.name))
