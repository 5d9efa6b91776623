"""Measures what each workspace received, hour by hour, and tells it in the workspace's `Usage` table.

An hour is measured once it is over and everything that was accepted in it is loaded; so a measure never changes, and a
row of `Usage` is written once, also when the server was stopped in between.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec
import structlog

from kelp.base.errors import ServiceError
from kelp.catalog.storage_rules import FREE_TABLES
from kelp.catalog.stored_tables import list_held_tables
from kelp.catalog.usage_book import HourOfUse, Progress
from kelp.jobs.own_queries import WorkspaceAccess
from kelp.jobs.usage_report import NODES_TABLE, Period
from kelp.kql.diagnostics import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.base.ids import WorkspaceId
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.tables import StandardTables
    from kelp.catalog.usage_book import UsageBook
    from kelp.ingest.internal_rows import InternalRows
    from kelp.jobs.own_queries import OwnAnswer, OwnQueries
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

INTERVAL = timedelta(seconds=5)
TABLE = "Usage"
HOUR = timedelta(hours=1)
_GRACE = timedelta(seconds=5)
"""How long after its end an hour may still get a record that was accepted in it: between stamp and journal."""
_MEGABYTE = 1_000_000
_CUSTOM_SOLUTION = "LogManagement"


class Usage:
    """The job and what others ask of it. Belongs to one event loop."""

    def __init__(
        self,
        store: ResourceStore,
        ledger: TableLedger,
        standard: StandardTables,
        book: UsageBook,
        queries: OwnQueries,
        rows: InternalRows,
        find_oldest_waiting: Callable[[UUID], datetime | None],
        clock: Clock,
    ) -> None:
        """`find_oldest_waiting` tells when the oldest record of a workspace was accepted that is not loaded yet."""
        self._store = store
        self._ledger = ledger
        self._standard = standard
        self._book = book
        self._queries = queries
        self._rows = rows
        self._find_oldest_waiting = find_oldest_waiting
        self._clock = clock
        self._looks: dict[UUID, tuple[int, ...]] = {}
        self._log = structlog.get_logger("kelp.usage")

    async def run(self) -> None:
        """Measure and tell the hours that are over. A workspace that can't be measured now doesn't stop the others."""
        progress = await asyncio.to_thread(self._book.read_progress)
        for workspace_id, workspace in list(self._store.snapshot.workspaces.items()):
            try:
                await self._run_workspace(workspace, progress.get(workspace_id))
            except (ServiceError, QueryRefusedError, OSError) as error:
                self._log.warning("usage not measured", workspace_id=str(workspace_id), error=str(error))

    async def measure(self, workspace_id: WorkspaceId, since: datetime, until: datetime) -> list[HourOfUse]:
        """Return what the workspace received in [since, until) and is loaded, by hour, table and customer.

        Raises `ServiceError`.
        """
        held = list_held_tables(self._ledger, self._store.snapshot, workspace_id)
        names = sorted({one.name for one in held if one.stored.holds_rows and one.name != TABLE})
        if not names:
            return []
        answer = await self._read(workspace_id, _print_query(names, since, until))
        return [
            HourOfUse(
                workspace_id=workspace_id,
                hour=datetime.fromisoformat(hour).astimezone(UTC),
                table=table,
                customer_id=customer_id,
                billed_bytes=round(billed or 0),
                rows=count,
                is_billable=table not in FREE_TABLES,
            )
            for hour, customer_id, billed, count, table in answer.rows
        ]

    async def _read(self, workspace_id: WorkspaceId, text: str) -> OwnAnswer:
        access = WorkspaceAccess(workspace_id)
        return await self._queries.read(text, access, workspace_id, self._clock.now())

    async def count_nodes(
        self, workspace_ids: Iterable[WorkspaceId], period: Period
    ) -> dict[tuple[UUID, date], int]:
        """Return how many computers reported to each workspace on each day. Raises `ServiceError`."""
        first = datetime.combine(period.first, time.min, UTC)
        until = datetime.combine(period.last, time.min, UTC) + timedelta(days=1)
        nodes: dict[tuple[UUID, date], int] = {}
        for workspace_id in workspace_ids:
            text = (
                f"{NODES_TABLE} | where TimeGenerated >= {_print_time(first)} and TimeGenerated < {_print_time(until)} "
                "| summarize dcount(Computer, 4) by Day = bin(TimeGenerated, 1d)"
            )
            answer = await self._read(workspace_id, text)
            nodes |= {(workspace_id, datetime.fromisoformat(day).date()): count for day, count in answer.rows}
        return nodes

    async def measure_since(self, workspace_id: WorkspaceId, since: datetime) -> list[HourOfUse]:
        """Return what the workspace received since then, as far as it is loaded: from the book, and from its tables."""
        now = self._clock.now()
        progress = await asyncio.to_thread(self._book.find_progress, workspace_id)
        measured_until = max(since, progress.measured_until) if progress is not None else since
        entered = await asyncio.to_thread(self._book.read_hours, since, measured_until, [workspace_id])
        return entered + await self.measure(workspace_id, measured_until, now + HOUR)

    async def _run_workspace(self, workspace: Resource[Workspace], progress: Progress | None) -> None:
        workspace_id = workspace.properties.workspace_id
        begin = floor_hour(workspace.created.at)
        progress = progress or Progress(begin, begin)
        until = self._find_end(workspace_id)
        if until > progress.measured_until:
            hours: list[HourOfUse] = []
            if self._has_received(workspace_id):
                hours = await self.measure(workspace_id, progress.measured_until, until)
            await asyncio.to_thread(self._book.enter, workspace_id, progress.measured_until, until, hours)
            progress = Progress(until, progress.told_until)
        if progress.told_until < progress.measured_until:
            await self._tell(workspace, progress)

    def _has_received(self, workspace_id: UUID) -> bool:
        """Tell whether anything was loaded since the look before the last one.

        What came between the end of an hour and the look after it was loaded, but belongs to the next hour.
        """
        held = list_held_tables(self._ledger, self._store.snapshot, workspace_id)
        loaded_bytes = sum(one.size.bytes for one in held)
        looks = (*self._looks.get(workspace_id, (-1, -2)), loaded_bytes)[-3:]
        self._looks[workspace_id] = looks
        return len(set(looks)) > 1

    def _find_end(self, workspace_id: UUID) -> datetime:
        """Return the end of the last hour of which everything is loaded."""
        end = floor_hour(self._clock.now() - _GRACE)
        oldest = self._find_oldest_waiting(workspace_id)
        return end if oldest is None else min(end, floor_hour(oldest))

    async def _tell(self, workspace: Resource[Workspace], progress: Progress) -> None:
        workspace_id = workspace.properties.workspace_id
        told = await asyncio.to_thread(
            self._book.read_hours, progress.told_until, progress.measured_until, [workspace_id]
        )
        by_hour: dict[datetime, list[HourOfUse]] = {}
        for one in told:
            by_hour.setdefault(one.hour, []).append(one)
        for hour, own in sorted(by_hour.items()):
            body = msgspec.json.encode([self._row(workspace, one) for one in own])
            await self._rows.send(workspace_id, TABLE, body, once=f"usage/{hour.isoformat()}")
            await asyncio.to_thread(self._book.note_told, workspace_id, hour + HOUR)
        await asyncio.to_thread(self._book.note_told, workspace_id, progress.measured_until)

    def _row(self, workspace: Resource[Workspace], one: HourOfUse) -> dict[str, object]:
        table = self._standard.find(one.table)
        return {
            "TimeGenerated": one.hour + HOUR,
            "SourceSystem": "Kelp",
            "StartTime": one.hour,
            "EndTime": one.hour + HOUR,
            "DataType": one.table,
            "Solution": table.solutions[0] if table is not None and table.solutions else _CUSTOM_SOLUTION,
            "Quantity": one.billed_bytes / _MEGABYTE,
            "QuantityUnit": "MBytes",
            "IsBillable": one.is_billable,
            "ResourceUri": workspace.id.key,
            "_CustomerId": one.customer_id,
        }


def floor_hour(moment: datetime) -> datetime:
    """Return the beginning of the moment's hour, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _print_query(names: Iterable[str], since: datetime, until: datetime) -> str:
    received = f"ingestion_time() >= {_print_time(since)} and ingestion_time() < {_print_time(until)}"
    parts: Sequence[str] = [
        f"(['{name}'] | where {received} "
        "| summarize Billed = sum(_BilledSize), Records = count() "
        f"by Hour = bin(ingestion_time(), 1h), Customer = _CustomerId | extend Table = '{name}')"
        for name in sorted(names)
    ]
    columns = "Hour, Customer, Billed, Records, Table"
    return f"union {', '.join(parts)} | project {columns}"


def _print_time(moment: datetime) -> str:
    return f"datetime({moment.astimezone(UTC).isoformat().replace('+00:00', 'Z')})"
