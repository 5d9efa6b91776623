"""Removes what has passed its total retention: rows, bodies as they were received, rejects.

A table is touched only when its books say that it holds such rows; most runs touch none. Whatever a crash leaves is
found by the next run, because nothing is noted as removed before it is.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING

import structlog

from kelp.base.clock import to_ticks
from kelp.base.errors import ServiceError
from kelp.catalog.stored_tables import list_held_tables
from kelp.ingest.flow import Origin
from kelp.kql.diagnostics import QueryRefusedError
from kelp.resources.retention import find_removal_cutoff

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from kelp.base.clock import Clock
    from kelp.base.ids import WorkspaceId
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.retention_marks import RetentionMarks
    from kelp.catalog.stored_tables import HeldTable
    from kelp.ingest.ingestion import Ingestion
    from kelp.ingest.journal import Envelope
    from kelp.jobs.row_removal import RowRemoval
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

INTERVAL = timedelta(hours=1)
FIRST_AFTER = timedelta(minutes=2)
"""What a former process left is loaded first."""


class Retention:
    """Of all open workspaces; `run` is the job. Belongs to one event loop."""

    def __init__(
        self,
        store: ResourceStore,
        ledger: TableLedger,
        removal: RowRemoval,
        ingestion: Ingestion,
        marks: RetentionMarks,
        clock: Clock,
        grace: timedelta,
    ) -> None:
        """`grace` is for how long a retention that was shortened removes nothing."""
        self._store = store
        self._ledger = ledger
        self._removal = removal
        self._ingestion = ingestion
        self._marks = marks
        self._clock = clock
        self._grace = grace
        self._log = structlog.get_logger("kelp.retention")

    async def run(self) -> None:
        """Remove what has passed its retention by now. Raises the first `ServiceError` or `OSError` at the end.

        A workspace where it fails, for want of a key perhaps, does not concern the others.
        """
        failures: list[ServiceError | OSError] = []
        for workspace in tuple(self._store.snapshot.workspaces.values()):
            try:
                await self._run_workspace(workspace)
            except (ServiceError, OSError) as failure:
                self._log.warning(
                    "retention_postponed",
                    workspace_id=workspace.properties.workspace_id,
                    error=str(failure),
                )
                failures.append(failure)
        if failures:
            raise failures[0]

    async def _run_workspace(self, workspace: Resource[Workspace]) -> None:
        now = self._clock.now()
        workspace_id = workspace.properties.workspace_id
        for held in list_held_tables(self._ledger, self._store.snapshot, workspace_id):
            cutoff = self._cutoff(workspace, held.name, now)
            if _may_hold_older(held, cutoff):
                rows = await self._removal.remove_before(held, cutoff)
                if rows:
                    self._log.info("rows_removed", workspace_id=workspace_id, table=held.name, rows=rows)
        await self._remove_bodies(workspace, now)

    def _cutoff(self, workspace: Resource[Workspace], name: str, now: datetime) -> datetime:
        declared = self._store.snapshot.find_table(workspace, name)
        table = declared.properties if declared is not None else None
        return find_removal_cutoff(workspace.properties, name, table, now, self._grace)

    async def _remove_bodies(self, workspace: Resource[Workspace], now: datetime) -> None:
        """Remove bodies and rejects by the day of their receipt.

        A day on which all tables have passed goes as a whole. Of other days those bodies go whose tables have passed;
        a day is looked through when it passes for one more table, which the marks tell.
        """
        workspace_id = workspace.properties.workspace_id
        cutoffs = self._table_cutoffs(workspace, now)
        last = min(cutoffs.values())
        removed = await asyncio.to_thread(self._ingestion.archive.delete_before, workspace_id, last)
        removed += await asyncio.to_thread(
            self._ingestion.rejects.delete,
            workspace_id,
            lambda table, day: day < cutoffs.get(table, last).isoformat(),
        )
        marks = await asyncio.to_thread(self._marks.read, workspace_id)
        moved = {name: day for name, day in cutoffs.items() if name and marks.get(name, date.min) < day}
        days = await asyncio.to_thread(self._ingestion.archive.list_days, workspace_id) if moved else []
        for day in days:
            if any(marks.get(name, date.min) <= day < cutoff for name, cutoff in moved.items()):
                passed = {name for name, cutoff in cutoffs.items() if name and day < cutoff}
                removed += await self._remove_day(workspace_id, day, passed)
        await asyncio.to_thread(self._marks.write, workspace_id, moved)
        if removed:
            self._log.info("raw_data_removed", workspace_id=workspace_id, blobs=removed)

    def _table_cutoffs(self, workspace: Resource[Workspace], now: datetime) -> dict[str, date]:
        """Return the first day that each table keeps; under "" that of tables of which nothing is known."""
        workspace_id = workspace.properties.workspace_id
        declared = self._store.snapshot.tables.get(workspace.id.key, {}).values()
        names = {held.name for held in list_held_tables(self._ledger, self._store.snapshot, workspace_id)}
        names |= {table.id.name for table in declared}
        # What search jobs and restores filled did not come as bodies.
        names -= {table.id.name for table in declared if table.properties.reading is not None}
        return {name: self._cutoff(workspace, name, now).date() for name in sorted(names | {""})}

    async def _remove_day(self, workspace_id: WorkspaceId, day: date, passed: Collection[str]) -> int:
        archive = self._ingestion.archive
        origins = await asyncio.to_thread(archive.list_origins, workspace_id, day)
        gone = {origin for origin in origins if self._has_passed(origin, passed)}
        if not gone:
            return 0

        def keep(envelope: Envelope) -> Envelope | None:
            return None if Origin.of(envelope) in gone else envelope

        return await asyncio.to_thread(archive.rewrite_day, workspace_id, day, keep)

    def _has_passed(self, origin: Origin, passed: Collection[str]) -> bool:
        """Tell whether all tables that the bodies went to have passed; where that can't be told, they are kept."""
        try:
            tables = self._ingestion.find_tables(origin)
        except QueryRefusedError:
            return False
        return bool(tables) and tables <= frozenset(passed)


def _may_hold_older(held: HeldTable, cutoff: datetime) -> bool:
    if not held.size.rows:
        return False
    return held.size.first_ticks is None or held.size.first_ticks < to_ticks(cutoff)
