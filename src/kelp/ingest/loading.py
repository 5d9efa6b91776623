"""Carries out load plans: the recorded statement over the recorded frames."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from kelp.catalog.inventory import measure_table
from kelp.catalog.ledger import Load
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.engine.errors import RowsRejected
from kelp.ingest.batch import read_records
from kelp.ingest.recipe import decode_recipe, insert_of
from kelp.ingest.rejects import Reject, RejectedProperty

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.catalog.ledger import TableLedger
    from kelp.engine.contract import Engine
    from kelp.ingest.batch import Records
    from kelp.ingest.discovery import Discovery
    from kelp.ingest.frame_ledger import FrameLedger
    from kelp.ingest.journal import Journal
    from kelp.ingest.load_plan import LoadPlan
    from kelp.ingest.operation_log import OperationLog
    from kelp.ingest.recipe import Recipe
    from kelp.ingest.rejects import RejectStore

_KEPT_RECORDS = 1_000
"""Of one load, as examples of what did not fit; the archive has them all."""


class Loader:
    """Runs plans. Safe for concurrent use from the tasks of one event loop; a plan is run by one task at a time."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        frames: FrameLedger,
        tables: TableLedger,
        discovery: Discovery,
        rejects: RejectStore,
        log: OperationLog,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._frames = frames
        self._tables = tables
        self._discovery = discovery
        self._rejects = rejects
        self._log = log
        self._clock = clock

    async def run_plan(self, plan: LoadPlan, records: Records | None, *, is_first: bool) -> None:
        """Load the plan's frames and mark it done.

        `records` are theirs, when the caller has them at hand; `is_first` says that the plan was never run before, not
        even by a process that died. Raises `RowsRejected` if the engine can't take the records at all; whatever else
        is raised passes, and the plan is to be run again.
        """
        if records is None:
            records = await asyncio.to_thread(read_records, self._journal, plan.frames)
        rows = await self.insert(plan, records, is_first=is_first)
        _, first, last = await measure_table(self._engine, _table_of(plan)) if rows else (0, None, None)
        size_bytes = sum(map(len, records))
        load = Load(plan.plan_id, plan.store_id, plan.table, rows, size_bytes, first, last)
        await asyncio.to_thread(self._close_plan, load)

    async def insert(
        self, plan: LoadPlan, records: Records, *, is_first: bool, table: str | None = None
    ) -> int:
        """Insert the records as the plan says, and tell of what did not fit. `table` takes the place of the plan's.

        Returns the number of rows added. Raises as `run_plan` does.
        """
        if not records:
            return 0
        recipe = decode_recipe(plan.transformation)
        target = _table_of(plan, table)
        token = plan.deduplication_token
        try:
            checked = insert_of(recipe, target, records, token, is_checked=True, first_attempt=is_first)
            return (await self._engine.insert(checked)).rows
        except RowsRejected:
            # The same records fail the same way in a replay, so it comes to the same statement.
            lenient = insert_of(recipe, target, records, token, is_checked=False, first_attempt=False)
            outcome = await self._engine.insert(lenient)
        await self._report_misfits(plan, recipe, records)
        return outcome.rows

    async def give_up(self, plan: LoadPlan, reason: str) -> None:
        """Keep a plan's records with the rejects, tell the owner, and close it: they will not be loaded."""
        records = await asyncio.to_thread(read_records, self._journal, plan.frames)
        texts = tuple(chunk.decode(errors="replace") for chunk in records)
        reject = Reject(plan.table, plan.plan_id, self._clock.now(), reason, (), texts)
        key = await asyncio.to_thread(self._rejects.put, plan.workspace_id, reject)
        self._log.report_lost(plan.workspace_id, plan.table, reason, key)
        structlog.get_logger("kelp.ingest").error(
            "records given up", table=plan.table, plan=str(plan.plan_id), reason=reason
        )
        await asyncio.to_thread(self._frames.finish_plans, [plan.plan_id])

    async def _report_misfits(self, plan: LoadPlan, recipe: Recipe, records: Records) -> None:
        misfits = await self._discovery.find_misfits(recipe, records)
        if not misfits:
            return  # a dynamic value that only the whole record tells
        texts = await self._discovery.find_unfit_records(recipe, records, _KEPT_RECORDS)
        properties = tuple(
            RejectedProperty(misfit.property, misfit.type, misfit.values, misfit.sample) for misfit in misfits
        )
        reason = "values that do not convert"
        reject = Reject(plan.table, plan.plan_id, self._clock.now(), reason, properties, tuple(texts))
        key = await asyncio.to_thread(self._rejects.put, plan.workspace_id, reject)
        for misfit in misfits:
            self._log.report_misfit(plan.workspace_id, plan.table, misfit, key)

    def _close_plan(self, load: Load) -> None:
        self._tables.record_loads([load])
        self._frames.finish_plans([load.plan_id])
        self._tables.forget_plans([load.plan_id])


def _table_of(plan: LoadPlan, name: str | None = None) -> EngineTable:
    return EngineTable(database_name(plan.store_id), name or plan.table)
