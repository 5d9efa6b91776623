"""Enters in the ledger how many rows a table has, and their times, as the engine counts them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kelp.catalog.inventory import measure_table
from kelp.catalog.ledger import TableSize

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.catalog.ledger import TableLedger
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.contract import Engine


async def recount_table(engine: Engine, ledger: TableLedger, store_id: UUID, table: EngineTable) -> int:
    """Count a table anew, as often as loads come in between, and return its rows.

    Its accepted bytes shrink with its rows, as far as that can be told. Raises `EngineError`.
    """
    while (before := ledger.sizes(store_id).get(table.name)) is not None:
        rows, first, last = await measure_table(engine, table)
        left_bytes = before.bytes * rows // before.rows if rows < before.rows else before.bytes
        size = TableSize(rows, left_bytes, first, last)
        if await asyncio.to_thread(ledger.replace_size, store_id, table.name, size, instead_of=before):
            return rows
    return 0
