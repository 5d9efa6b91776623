"""Carries out purge orders: rows, also those that search jobs and restores copied, then raw records, then rejects.

An order is done when nothing of it can be found any more; until then it is pending, and every step is repeated.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from kelp.base.errors import ServiceError
from kelp.catalog.stored_tables import list_held_tables
from kelp.kql.diagnostics import QueryRefusedError
from kelp.resources.archive_reading import ReadingStatus
from kelp.resources.author import system_author

if TYPE_CHECKING:
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.purge_conditions import PurgeConditions
    from kelp.catalog.stored_tables import HeldTable
    from kelp.ingest.ingestion import Ingestion
    from kelp.jobs.row_removal import RowRemoval
    from kelp.resources.purge import PurgeOrder
    from kelp.resources.store import ResourceStore

NAME = "purge"
INTERVAL = timedelta(minutes=1)
_ROUNDS, _PAUSE_SECONDS = 20, 0.5
"""How often a run looks again for what is being loaded, and mostly is in a second."""


class Purge:
    """Of all open workspaces; `run` is the job. Belongs to one event loop."""

    def __init__(
        self,
        store: ResourceStore,
        ledger: TableLedger,
        conditions: PurgeConditions,
        removal: RowRemoval,
        ingestion: Ingestion,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._conditions = conditions
        self._removal = removal
        self._ingestion = ingestion
        self._log = structlog.get_logger("kelp.purge")

    async def run(self) -> None:
        """Carry out what is pending. Raises the first failure at the end; an order that fails holds up no other."""
        failures: list[Exception] = []
        for round_number in range(_ROUNDS):
            if round_number:
                await asyncio.sleep(_PAUSE_SECONDS)
            waiting = False
            for order in await asyncio.to_thread(self._list_pending):
                try:
                    waiting |= not await self._carry_out(order)
                except (ServiceError, OSError, QueryRefusedError) as failure:
                    self._log.warning("purge_postponed", purge=order.id, error=str(failure))
                    failures.append(failure)
            if failures:
                raise failures[0]
            if not waiting:
                break

    def _list_pending(self) -> list[PurgeOrder]:
        """Those of open workspaces: a closed one is destroyed as a whole, or recovered with what is pending."""
        live = self._store.snapshot.workspaces
        return [order for order in self._store.list_purges() if order.workspace_id in live]

    async def _carry_out(self, order: PurgeOrder) -> bool:
        """Return whether it is done; what was accepted before the order is loaded first, and purged then."""
        holds = partial(self._ingestion.frames.holds_received_by, order.workspace_id, order.requested_at)
        if await asyncio.to_thread(holds, unsettled_only=True):
            return False
        rows = await self._remove_rows(order)
        if not await self._remove_copies(order):
            return False
        await asyncio.to_thread(self._ingestion.frames.release, rotate=True, thoroughly=True)
        if await asyncio.to_thread(holds, unsettled_only=False):
            return False
        await self._remove_bodies(order)
        await asyncio.to_thread(self._complete, order, rows)
        self._log.info("purge_completed", purge=order.id, table=order.table, rows=rows)
        return True

    def _list_held(self, order: PurgeOrder) -> tuple[HeldTable, ...]:
        return list_held_tables(self._ledger, self._store.snapshot, order.workspace_id, order.table)

    async def _remove_rows(self, order: PurgeOrder) -> int:
        rows = 0
        for held in self._list_held(order):
            definition = held.stored.definition
            assert definition is not None
            condition = await asyncio.to_thread(self._conditions.print_condition, order, definition.columns)
            rows += await self._removal.remove_matching(held, condition)
        return rows

    async def _remove_copies(self, order: PurgeOrder) -> bool:
        """Remove the rows from what was copied out of the table; return False while it is being copied.

        An order without filters is that of a table that was deleted: what was copied before stays.
        """
        if not await asyncio.to_thread(self._store.open_purge, order):
            return True
        snapshot = self._store.snapshot
        workspace = snapshot.workspaces[order.workspace_id]
        copies = [
            (table, table.properties.reading)
            for table in snapshot.tables.get(workspace.id.key, {}).values()
            if table.properties.reading is not None and table.properties.reading.source_table == order.table
        ]
        for copy, reading in copies:
            for held in list_held_tables(self._ledger, snapshot, order.workspace_id, copy.id.name):
                definition = held.stored.definition
                assert definition is not None
                condition = await asyncio.to_thread(
                    self._conditions.print_copy_condition, order, copy, definition.columns
                )
                if reading.status is not ReadingStatus.IN_PROGRESS and held.size.rows:
                    await self._removal.remove_matching(held, condition)
        return all(reading.status is not ReadingStatus.IN_PROGRESS for _, reading in copies)

    async def _remove_bodies(self, order: PurgeOrder) -> None:
        is_whole = not await asyncio.to_thread(self._store.open_purge, order)
        await self._ingestion.body_purge.remove(
            order.workspace_id,
            order.table,
            order.requested_at,
            None if is_whole else partial(self._conditions.print_filter, order),
        )
        day = order.requested_at.date().isoformat()
        await asyncio.to_thread(
            self._ingestion.rejects.delete,
            order.workspace_id,
            lambda table, rejected_on: table == order.table and rejected_on <= day,
        )

    def _complete(self, order: PurgeOrder, rows: int) -> None:
        with self._store.write(system_author(order.tenant_id)) as transaction:
            transaction.complete_purge(order, rows)
