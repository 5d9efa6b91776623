"""Carries out load plans: the recorded statement over the recorded frames, as often as it takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import WorkspaceId
from kelp.catalog.inventory import measure_table
from kelp.catalog.ledger import Load
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.engine.errors import RowsRejected
from kelp.ingest.recipe import decode_recipe, insert_by_columns, insert_by_documents
from kelp.ingest.scan import unpack_body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.catalog.ledger import TableLedger
    from kelp.engine.contract import Engine
    from kelp.ingest.frame_ledger import FrameLedger
    from kelp.ingest.journal import Journal
    from kelp.ingest.journal.envelope import Envelope
    from kelp.ingest.load_plan import LoadPlan
    from kelp.ingest.rejects import RejectReports

_FIRST_DELAY_SECONDS = 0.5
_LONGEST_DELAY_SECONDS = 30.0
_NO_LIMIT = 1 << 40
"""Bodies were measured when they were accepted."""

Body = tuple[bytes, ...]


class Loader:
    """Runs plans. Safe for concurrent use from the tasks of one event loop; a plan is run by one task at a time."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        frames: FrameLedger,
        tables: TableLedger,
        reports: RejectReports,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._frames = frames
        self._tables = tables
        self._reports = reports

    async def run_plan(self, plan: LoadPlan, body: Body | None = None) -> None:
        """Load the plan's frames and mark it done; returns only then.

        `body` are their records, when the caller has them at hand. What passes (no space, no key, a busy engine) is
        waited for; a plan whose records the engine can't take at all is reported and closed, its frames stay in the
        archive.
        """
        delay = _FIRST_DELAY_SECONDS
        while True:
            try:
                records = body if body is not None else await asyncio.to_thread(self.read_body, plan)
                rows = await self._insert(plan, records)
                await self._finish(plan, rows, sum(map(len, records)))
            except RowsRejected as error:
                structlog.get_logger("kelp.ingest").error(
                    "plan rejected",
                    table=plan.table,
                    plan=str(plan.plan_id),
                    correlation_id=error.correlation_id,
                )
                self._reports.report_lost_plan(plan)
                await asyncio.to_thread(self._frames.finish_plans, [plan.plan_id])
            except ServiceError as error:
                if error.category is Category.INTERNAL:
                    structlog.get_logger("kelp.ingest").error(
                        "load failed", table=plan.table, code=error.code
                    )
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_DELAY_SECONDS)
                continue
            return

    async def _insert(self, plan: LoadPlan, records: Body) -> int:
        if not records:
            return 0
        recipe = decode_recipe(plan.transformation)
        table = EngineTable(database_name(plan.workspace_id), plan.table)
        token = plan.deduplication_token
        try:
            outcome = await self._engine.insert(insert_by_columns(recipe, table, records, token))
        except RowsRejected:
            # The same bytes fail the same way in a replay, so it comes to the same statement.
            outcome = await self._engine.insert(insert_by_documents(recipe, table, records, token))
            self._reports.report_unfit_values(plan, recipe, records)
        return outcome.rows

    def read_body(self, plan: LoadPlan) -> Body:
        """Return the records of the plan's frames, in order. Blocks; raises as `Journal.read` does."""
        return join_records(self._journal.read(ref) for ref in plan.frames)

    async def _finish(self, plan: LoadPlan, rows: int, size_bytes: int) -> None:
        table = EngineTable(database_name(plan.workspace_id), plan.table)
        _, first, last = await measure_table(self._engine, table)
        load = Load(plan.plan_id, WorkspaceId(plan.workspace_id), plan.table, rows, size_bytes, first, last)
        await asyncio.to_thread(self._close_plan, load)

    def _close_plan(self, load: Load) -> None:
        self._tables.record_loads([load])
        self._frames.finish_plans([load.plan_id])
        self._tables.forget_plans([load.plan_id])


def join_records(envelopes: Iterable[Envelope]) -> Body:
    """Return the records of several bodies as chunks of one document of objects, arrays taken apart."""
    chunks: list[bytes] = []
    for envelope in envelopes:
        plain = unpack_body(envelope.body, envelope.content_encoding, _NO_LIMIT).strip()
        if plain.startswith(b"["):
            plain = plain[1:-1].strip()
        if plain:
            chunks += (plain, b"\n")
    return tuple(chunks)
