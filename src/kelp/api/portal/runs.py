"""Queries of the portal's pages, which outlive the request that began them: their rows are kept for a while.

A run is its user's: nobody else learns that it exists. What is kept stays in memory and is given up after ten minutes,
when the user or all users together keep more than the settings allow, or when the server stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog

from kelp.api.errors import internal_error
from kelp.api.query.encoder import visualization_of
from kelp.base.errors import Category, ServiceError
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.engine.contract import QueryStatistics, QueryUsage
from kelp.query.errors import QueryTimeout
from kelp.query.execution import PartialError

if TYPE_CHECKING:
    import pyarrow as pa

    from kelp.api.query.runner import QueryRunner
    from kelp.base.clock import Clock
    from kelp.base.settings import PortalSettings
    from kelp.identity.principal import Principal
    from kelp.kql.bound import Visualization
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.types import Column
    from kelp.query.arrow_rows import RowBatch
    from kelp.query.execution import RunningQuery
    from kelp.query.request import QueryOrigin

_LONGEST_SECONDS = float("inf")
"""As long as the settings allow: a page shows how it goes on, and can stop it."""
_KEPT_RUNS_PER_USER = 200
"""Those without rows cost little, but not nothing."""
_FIRST_WATCHER_SECONDS = 30.0
"""How long a run waits for the page that began it."""


class RunState(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    """For a place, or for its first rows."""
    READING = "reading"
    ENDED = "ended"


class Purpose(StrEnum):
    """What a page runs a query for."""

    QUERY = "query"
    HISTOGRAM = "histogram"
    FIELD = "field"
    DASHBOARD = "dashboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A query as a page asks for it. `workspaces` are ids, names or resource ids; the first is the one it is about."""

    workspaces: tuple[str, ...]
    query: str
    timespan: str | None = None
    maximum_rows: int | None = None
    parent: str = ""
    purpose: Purpose = Purpose.QUERY
    is_background: bool = False


@dataclass(slots=True, eq=False)
class RunTable:
    """One result table, as far as it was read."""

    name: str
    columns: tuple[Column, ...]
    schema: pa.Schema | None = None
    batches: list[RowBatch] = field(default_factory=list)
    rows: int = 0
    is_whole: bool = False


@dataclass(slots=True, eq=False)
class Run:
    """One query and its rows. Belongs to the event loop."""

    id: str
    principal: Principal
    request: RunRequest
    origin: QueryOrigin
    started_at: datetime
    is_background: bool
    """Whether it goes on when no page looks at it."""
    state: RunState = RunState.WAITING
    tables: list[RunTable] = field(default_factory=list)
    held_bytes: int = 0
    usage: QueryUsage | None = None
    used: QueryStatistics = field(default_factory=QueryStatistics)
    visualization: Visualization | None = None
    warnings: tuple[Diagnostic, ...] = ()
    partial_error: PartialError | None = None
    failure: ServiceError | None = None
    is_forgotten: bool = False
    ended_at: datetime | None = None
    started_at_monotonic: float = field(default_factory=monotonic)
    ended_at_monotonic: float | None = None
    task: asyncio.Task[None] | None = None
    version: int = 0
    """Counts what happened to it."""
    watchers: int = 0
    leaving: asyncio.TimerHandle | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def owner(self) -> tuple[UUID, UUID]:
        """Whose it is: an account, in a tenant."""
        return self.principal.tenant_id, self.principal.object_id

    @property
    def elapsed_seconds(self) -> float:
        """From the request to the last row, or to now."""
        return (self.ended_at_monotonic or monotonic()) - self.started_at_monotonic

    @property
    def rows(self) -> int:
        """Rows of all tables so far."""
        return sum(table.rows for table in self.tables)

    def note_change(self) -> None:
        """Wake all who wait for news."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_change(self, since: int | None = None, seconds: float | None = None) -> None:
        """Return when there is news since that version (else since now), or after that time."""
        if since in (None, self.version):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)


class Runs:
    """All runs of the server. Belongs to one event loop."""

    def __init__(
        self, runner: QueryRunner, settings: PortalSettings, clock: Clock, record: Callable[[Run], None]
    ) -> None:
        """`record` keeps what was asked, once it has ended, for the user's history; it is called in a thread."""
        self._runner = runner
        self._settings = settings
        self._clock = clock
        self._record = record
        self._recording: set[asyncio.Task[None]] = set()
        self._runs: dict[str, Run] = {}
        """In the order in which they began."""

    def start(self, principal: Principal, request: RunRequest, origin: QueryOrigin) -> Run:
        """Begin a query and return at once. Raises `ServiceError` where the caller may not query there.

        Raises not_found for a `parent` that is not the caller's.
        """
        self._runner.check(principal, request.workspaces, request.timespan)
        if request.parent:
            self.get(principal, request.parent)
        run = Run(
            str(uuid4()), principal, request, origin, self._clock.now(), is_background=request.is_background
        )
        self._forget_old(run.owner)
        self._runs[run.id] = run
        run.task = asyncio.create_task(self._execute(run), name=f"run {run.id}")
        run.task.add_done_callback(lambda task: self._end(run, task))
        self._expect_watcher(run, _FIRST_WATCHER_SECONDS)
        return run

    def get(self, principal: Principal, run_id: str) -> Run:
        """Return a run of the caller's. Raises `ServiceError`: not_found, also for a run of somebody else."""
        self._forget_expired()
        run = self._runs.get(run_id)
        if run is None or run.owner != (principal.tenant_id, principal.object_id):
            message = (
                "There is no such run of yours; results are kept for a short time only. Run the query again."
            )
            raise ServiceError(Category.NOT_FOUND, "RunNotFound", message, target=run_id)
        return run

    def list(self, principal: Principal) -> list[Run]:
        """Return the caller's runs that are kept, the newest first."""
        self._forget_expired()
        owner = principal.tenant_id, principal.object_id
        return [run for run in reversed(self._runs.values()) if run.owner == owner]

    def keep_in_background(self, run: Run, *, is_background: bool) -> None:
        """Let a run go on without a page that looks at it, or no more."""
        run.is_background = is_background
        if run.leaving is not None:
            run.leaving.cancel()
        self._expect_watcher(run, self._settings.grace_seconds)

    def require_readable(self, principal: Principal, run: Run) -> None:
        """Raise `ServiceError` where the rows are gone, or the caller lost the right to read them since."""
        if run.is_forgotten:
            message = "The rows of this run had to make room for those of later runs. Run the query again."
            raise ServiceError(Category.NOT_FOUND, "RunResultGone", message, target=run.id)
        self._runner.check(principal, run.request.workspaces, None)

    async def cancel(self, run: Run) -> None:
        """Stop a run and its children, in the engine too, and return when they have ended."""
        children = [one for one in self._runs.values() if one.request.parent == run.id]
        await asyncio.gather(*(self._stop(one) for one in (run, *children)))

    async def measure(self, run: Run) -> QueryUsage | None:
        """Return what the engine has used for the run so far: never less than was told before."""
        now = await self._runner.tagged.measure(run.id)
        if now is not None:
            run.usage = now if run.usage is None else _later(run.usage, now)
        return run.usage

    def find_position(self, run: Run) -> int | None:
        """Return the run's place in its user's queue, counted from 1; None if it does not wait for one."""
        return self._runner.tagged.find_position(run.id)

    @contextmanager
    def watch(self, run: Run) -> Iterator[None]:
        """Keep the run going while the block runs: a page looks at it."""
        run.watchers += 1
        if run.leaving is not None:
            run.leaving.cancel()
        try:
            yield
        finally:
            run.watchers -= 1
            self._expect_watcher(run, self._settings.grace_seconds)

    def forget_rows(self) -> None:
        """Give up the rows of all that has ended: what was read may be of a workspace that is sealed off now."""
        for run in self._runs.values():
            if run.state is RunState.ENDED:
                forget_rows(run)

    async def close(self) -> None:
        """Stop everything and forget it."""
        await asyncio.gather(*(self._stop(run) for run in self._runs.values()))
        await asyncio.gather(*self._recording)
        self._runs.clear()

    def _expect_watcher(self, run: Run, seconds: float) -> None:
        """Stop the run after a while unless somebody comes to look at it."""
        if run.watchers or run.state is RunState.ENDED or run.is_background:
            return
        loop = asyncio.get_running_loop()
        run.leaving = loop.call_later(seconds, lambda: run.task and run.task.cancel())

    async def _stop(self, run: Run) -> None:
        if run.task is None or run.state is RunState.ENDED:
            return
        run.task.cancel()
        while run.ended_at is None:
            await run.wait_for_change()

    async def _execute(self, run: Run) -> None:
        request = run.request
        maximum = request.maximum_rows
        try:
            query = await self._runner.start(
                run.principal,
                request.workspaces,
                request.query,
                timespan=request.timespan,
                timeout_seconds=_LONGEST_SECONDS,
                maximum_rows=self._settings.default_rows if maximum is None else maximum,
                origin=run.origin,
                tag=run.id,
                encoding=Encoding.ARROW,
            )
        except QueryTimeout as late:
            message = (
                f"The query did not finish within {late.seconds:g} seconds. Narrow its time range, summarize, or look "
                "for records with a search job."
            )
            raise ServiceError(late.category, late.code, message) from late
        try:
            async with query:
                run.state, run.visualization = RunState.READING, visualization_of(query)
                await self._read(run, query)
        finally:
            run.partial_error = run.partial_error or query.partial_error
            run.used, run.warnings = query.statistics, query.warnings

    async def _read(self, run: Run, query: RunningQuery) -> None:
        async for source in query.iter_tables():
            table = RunTable(source.result.name, source.result.columns)
            run.tables.append(table)
            run.note_change()
            async for batch in source.iter_batches():
                if not self._make_room(run, len(batch.message)):
                    run.partial_error = PartialError(
                        "E_QUERY_RESULT_SET_TOO_LARGE",
                        "There is no room to keep more of the result; these are the first rows. "
                        "Narrow the query, or project fewer columns.",
                        "memory",
                    )
                    return
                table.schema = batch.schema
                table.batches.append(batch)
                table.rows += batch.rows
                run.held_bytes += len(batch.message)
                run.note_change()
            table.schema = source.schema
            table.is_whole = True

    def _end(self, run: Run, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            message = "The query was cancelled."
            run.failure = ServiceError(Category.CONFLICT, "QueryCancelled", message)
        elif (failure := task.exception()) is not None:
            run.failure = failure if isinstance(failure, ServiceError) else _report(run, failure)
        run.state = RunState.ENDED
        run.ended_at, run.ended_at_monotonic = self._clock.now(), monotonic()
        if run.leaving is not None:
            run.leaving.cancel()
        run.note_change()
        asyncio.get_running_loop().call_later(
            self._settings.result_minutes * 60, self._runs.pop, run.id, None
        )
        if run.request.purpose is Purpose.QUERY and not run.request.parent:
            recording = asyncio.create_task(asyncio.to_thread(self._record, run))
            self._recording.add(recording)
            recording.add_done_callback(self._recording.discard)

    def _make_room(self, run: Run, more_bytes: int) -> bool:
        """Forget older results until so many bytes more can be kept; tell whether they can."""
        own = [one for one in self._runs.values() if one.owner == run.owner]
        return _free(own, run, more_bytes, self._settings.result_bytes_per_user) and _free(
            list(self._runs.values()), run, more_bytes, self._settings.result_bytes
        )

    def _forget_expired(self) -> None:
        oldest = self._clock.now() - timedelta(minutes=self._settings.result_minutes)
        for run in list(self._runs.values()):
            if run.ended_at is not None and run.ended_at <= oldest:
                del self._runs[run.id]

    def _forget_old(self, owner: tuple[UUID, UUID]) -> None:
        self._forget_expired()
        ended = [one for one in self._runs.values() if one.owner == owner and one.state is RunState.ENDED]
        for run in ended[: max(0, len(ended) + 1 - _KEPT_RUNS_PER_USER)]:
            del self._runs[run.id]


def _free(runs: Sequence[Run], keeping: Run, more_bytes: int, limit_bytes: int) -> bool:
    held = sum(run.held_bytes for run in runs) + more_bytes
    for run in runs:
        if held <= limit_bytes:
            break
        if run is not keeping and run.state is RunState.ENDED and run.held_bytes:
            held -= run.held_bytes
            forget_rows(run)
    return held <= limit_bytes


def forget_rows(run: Run) -> None:
    """Give up the rows of a run that has ended; what it was and what it cost stays."""
    run.held_bytes, run.is_forgotten = 0, True
    for table in run.tables:
        table.batches = []


def _later(before: QueryUsage, now: QueryUsage) -> QueryUsage:
    """Return the greater of what two measurements tell: a run may have several statements, one after the other."""
    return QueryUsage(
        max(before.rows_read, now.rows_read),
        max(before.bytes_read, now.bytes_read),
        max(before.rows_to_read, now.rows_to_read),
        max((one for one in (before.cpu_seconds, now.cpu_seconds) if one is not None), default=None),
        max(
            (one for one in (before.peak_memory_bytes, now.peak_memory_bytes) if one is not None),
            default=None,
        ),
    )


def _report(run: Run, failure: BaseException) -> ServiceError:
    """Write a fault of ours to the service's log; whoever ran the query learns where it is."""
    structlog.get_logger("kelp.portal").error("a run failed", run=run.id, exc_info=failure)
    return internal_error(run.origin.correlation_id)
