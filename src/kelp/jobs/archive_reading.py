"""Fills the tables of search jobs and restores out of the archive, a slice of time after the other.

The order lies in the resource store; what is under way lies here. After a crash a table is begun anew, so that no row
comes twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from kelp.base.clock import to_ticks
from kelp.base.errors import Category, ServiceError
from kelp.catalog.archive_search import ORIGINAL_TIME, ORIGINAL_TYPE
from kelp.catalog.recounting import recount_table
from kelp.clickhouse import ddl
from kelp.clickhouse.ddl import RECEIPT_COLUMN, TIME_COLUMN
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.types import Column
from kelp.resources.archive_reading import ReadingKind, ReadingStatus
from kelp.resources.author import system_author
from kelp.resources.reading_table import end_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.base.clock import Clock
    from kelp.catalog.archive_search import ArchiveSearch
    from kelp.catalog.engine_tables import EngineTables
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.stored_tables import HeldTable
    from kelp.engine.contract import Engine
    from kelp.resources.archive_reading import ArchiveReading
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.table import Table
    from kelp.resources.workspace import Workspace

NAME = "archive-reading"
INTERVAL = timedelta(minutes=1)
_CONCURRENT = 2
_LOOK_SECONDS = 0.2
_SLICES = 100
_SHORTEST_SLICE_TICKS = 86_400 * 10_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is, as a share of its range of time."""

    share: float
    rows: int
    scanned_bytes: int


class ArchiveReadings:
    """Of all workspaces; `run` is the job. Belongs to one event loop, but for `find_progress`."""

    def __init__(
        self,
        engine: Engine,
        store: ResourceStore,
        ledger: TableLedger,
        tables: EngineTables,
        search: ArchiveSearch,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._store = store
        self._ledger = ledger
        self._tables = tables
        self._search = search
        self._clock = clock
        self._progress: dict[UUID, Progress] = {}
        self._slots = asyncio.Semaphore(_CONCURRENT)
        self._log = structlog.get_logger("kelp.archive")

    def find_progress(self, table_uid: UUID) -> Progress | None:
        """Return how far the reading into a table is; None for one that is not under way here. From any thread."""
        return self._progress.get(table_uid)

    async def run(self) -> None:
        """Read what is ordered, and what is ordered meanwhile, until nothing is. Raises the first failure then."""
        running: dict[UUID, asyncio.Task[None]] = {}
        failures: dict[UUID, BaseException] = {}
        try:
            while True:
                for workspace, table in self._iter_ordered():
                    if table.uid not in running and table.uid not in failures:
                        running[table.uid] = asyncio.create_task(self._read(workspace, table))
                for uid in [uid for uid, task in running.items() if task.done()]:
                    failure = running.pop(uid).exception()
                    if failure is not None:
                        failures[uid] = failure
                if not running:
                    break
                await asyncio.wait(running.values(), timeout=_LOOK_SECONDS)
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)
        for failure in failures.values():
            raise failure

    def _iter_ordered(self) -> Iterator[tuple[Resource[Workspace], Resource[Table]]]:
        snapshot = self._store.snapshot
        for key, tables in snapshot.tables.items():
            workspace = snapshot.workspaces_by_key.get(key)
            for table in tables.values() if workspace is not None else ():
                if workspace is not None and _is_running(table):
                    yield workspace, table

    async def _read(self, workspace: Resource[Workspace], table: Resource[Table]) -> None:
        reading = table.properties.reading
        assert reading is not None
        async with self._slots:
            try:
                ended = await self._fill(workspace, table, reading)
            except QueryRefusedError as refused:
                ended = replace(reading, status=ReadingStatus.FAILED, error=str(refused))
            except ServiceError as error:
                if error.category is not Category.UNSUPPORTED:
                    self._log.warning("archive_reading_postponed", table=table.id.name, code=error.code)
                    raise
                ended = replace(reading, status=ReadingStatus.FAILED, error=error.message)
            await asyncio.to_thread(self._end, table, ended)
            self._progress.pop(table.uid, None)
            self._log.info("archive_reading_ended", table=table.id.name, status=ended.status, rows=ended.rows)

    def _end(self, table: Resource[Table], ended: ArchiveReading) -> None:
        with self._store.write(system_author(table.tenant_id)) as transaction:
            end_reading(transaction, table, ended)

    async def _fill(
        self, workspace: Resource[Workspace], table: Resource[Table], reading: ArchiveReading
    ) -> ArchiveReading:
        """Read slice after slice, the newest first, until all are read, enough was found, or it was cancelled."""
        workspace_id, name = workspace.properties.workspace_id, table.id.name
        for held in self._tables.list_held(workspace_id, name):
            await self._tables.drop_table(held.store_id, name)
        columns = [Column(column.name, column.type) for column in table.properties.columns]
        await self._tables.ensure_table(workspace_id, name, columns)
        target = self._tables.list_held(workspace_id, name)[0]
        sources = self._tables.list_held(workspace_id, reading.source_table)
        slices = _slice(reading, sources)
        total_bytes = sum(held.size.bytes for held in sources)
        rows, now_ticks = 0, to_ticks(self._clock.now())
        self._progress[table.uid] = Progress(0, 0, 0)
        for index, span in enumerate(slices):
            left = None if reading.limit is None else reading.limit - rows
            if left == 0 or not self._is_wanted(workspace, table):
                break
            await self._insert(workspace, table, target, span, left, now_ticks)
            rows = await recount_table(self._engine, self._ledger, target.store_id, target.table)
            share = (index + 1) / len(slices)
            self._progress[table.uid] = Progress(share, rows, int(total_bytes * share))
        scanned = self._progress[table.uid].scanned_bytes
        status = ReadingStatus.SUCCEEDED if self._is_wanted(workspace, table) else ReadingStatus.CANCELED
        return replace(reading, status=status, rows=rows, scanned_bytes=scanned)

    def _is_wanted(self, workspace: Resource[Workspace], table: Resource[Table]) -> bool:
        present = self._store.snapshot.find_table(workspace, table.id.name)
        return present is not None and present.uid == table.uid and _is_running(present)

    async def _insert(
        self,
        workspace: Resource[Workspace],
        table: Resource[Table],
        target: HeldTable,
        span: tuple[int, int],
        limit_rows: int | None,
        now_ticks: int,
    ) -> None:
        reading = table.properties.reading
        assert reading is not None
        query = reading.query or f"['{reading.source_table}']"
        compiled = await asyncio.to_thread(self._search.compile, workspace, query, span, now_ticks)
        given = {column.name for column in compiled.columns}
        now = ddl.print_time(now_ticks)
        values = [(RECEIPT_COLUMN, now)]
        if reading.kind is ReadingKind.RESTORE:
            values.append((TIME_COLUMN, quote_identifier(TIME_COLUMN)))
        else:
            original = quote_identifier(TIME_COLUMN) if TIME_COLUMN in given else "NULL"
            values += [
                (TIME_COLUMN, now),
                (ORIGINAL_TIME.name, original),
                (ORIGINAL_TYPE.name, quote_string(reading.source_table)),
            ]
        taken = {name for name, _ in values}
        values += [
            (column.name, quote_identifier(column.name))
            for column in table.properties.columns
            if column.name in given and column.name not in taken
        ]
        statement = ddl.insert_rows(target.table, values, compiled.sql, compiled.tables, limit_rows)
        await self._engine.execute(statement, tag=f"{NAME} {table.uid}")


def _is_running(table: Resource[Table]) -> bool:
    reading = table.properties.reading
    return reading is not None and reading.status is ReadingStatus.IN_PROGRESS


def _slice(reading: ArchiveReading, sources: tuple[HeldTable, ...]) -> list[tuple[int, int]]:
    """Cut the range of time, as far as there are rows, into spans of a day or more, the newest first."""
    start, end = to_ticks(reading.start_at), to_ticks(reading.end_at)
    held = [one.size for one in sources if one.size.rows]
    if not held:
        return []
    firsts, lasts = [one.first_ticks for one in held], [one.last_ticks for one in held]
    if None not in firsts:
        start = max(start, min(ticks for ticks in firsts if ticks is not None))
    if None not in lasts:
        end = min(end, max(ticks for ticks in lasts if ticks is not None) + 1)
    length = max(_SHORTEST_SLICE_TICKS, (end - start) // _SLICES + 1)
    return [(max(start, last - length), last) for last in range(end, start, -length)]
