"""Removes rows from stored tables for good, and brings the books after: sizes, and the hashes of parts.

Each step may be repeated: what a crash left half-done is found again by the same question.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from kelp.base.clock import to_ticks
from kelp.base.errors import Category, ServiceError
from kelp.catalog.inventory import list_partitions_before
from kelp.catalog.recounting import recount_table
from kelp.clickhouse import ddl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.stored_tables import HeldTable
    from kelp.engine.contract import Engine
    from kelp.ingest.writer import Writer
    from kelp.jobs.integrity import Integrity

_PATIENCE_SECONDS = 60
"""A load takes seconds; one that waits for something, such as a key, must not hold up a job."""


class RowRemoval:
    """Nothing is loaded into a table while rows of it are removed. Belongs to one event loop. Raises `EngineError`."""

    def __init__(self, engine: Engine, ledger: TableLedger, writer: Writer, integrity: Integrity) -> None:
        self._engine = engine
        self._ledger = ledger
        self._writer = writer
        self._integrity = integrity

    async def remove_before(self, held: HeldTable, cutoff: datetime) -> int:
        """Remove the rows of before a moment: whole partitions where that will do. Return how many rows went."""
        ticks = to_ticks(cutoff)
        async with self._hold(held):
            partitions = await list_partitions_before(self._engine, held.table, ticks)
            whole = [one for one in partitions if ddl.is_partition_before(one, cutoff)]
            for partition_id in whole:
                await self._engine.execute(ddl.drop_partition(held.table, partition_id))
            if len(whole) < len(partitions):
                await self._engine.execute(ddl.delete_rows(held.table, ddl.print_before(ticks)))
            return await self._settle(held)

    async def remove_matching(self, held: HeldTable, predicate: str) -> int:
        """Remove the rows for which the printed predicate holds. Return how many went."""
        async with self._hold(held):
            await self._engine.execute(ddl.delete_rows(held.table, predicate))
            return await self._settle(held)

    @asynccontextmanager
    async def _hold(self, held: HeldTable) -> AsyncIterator[None]:
        """Hold the table; raises `ServiceError` (unavailable) where a load of it does not end in a while."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await stack.enter_async_context(self._writer.hold_table(held.workspace_id, held.name))
            except TimeoutError as late:
                message = f"Table '{held.name}' has been loading for {_PATIENCE_SECONDS} seconds."
                raise ServiceError(Category.UNAVAILABLE, "TableLoading", message) from late
            yield

    async def _settle(self, held: HeldTable) -> int:
        before = self._ledger.sizes(held.store_id)[held.name].rows
        left = await recount_table(self._engine, self._ledger, held.store_id, held.table)
        await self._integrity.record_table(held.store_id, held.name)
        return max(before - left, 0)
