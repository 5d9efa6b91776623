"""Runs summary rules: the query of each over one bin of time after the other, each bin once.

A bin is run when it is over, its delay has passed, and everything that was accepted by then is loaded. Its rows bear a
name of their own on the way into the table, so a bin that was cut short is simply run again. One that fails is tried
again later, while those after it go on; after some attempts it is left to its owner (`retrybin`): `Operation` says so.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import structlog

from kelp.base.errors import Category, ServiceError
from kelp.ingest.operation_log import TABLE, operation_row
from kelp.jobs.listing import Listing
from kelp.jobs.own_queries import WorkspaceAccess
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.types import Column, ScalarType
from kelp.resources.summary_rule import SummaryRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.base.clock import Clock
    from kelp.base.ids import WorkspaceId
    from kelp.catalog.job_state import JobStates
    from kelp.ingest.internal_rows import InternalRows
    from kelp.jobs.own_queries import OwnQueries
    from kelp.jobs.windows import WindowSender
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

NAME = "summary-rules"
INTERVAL = timedelta(seconds=10)
MAXIMUM_ROWS = 100_000
MAXIMUM_ATTEMPTS = 8
_BINS_AT_ONCE = 50
"""Of one rule in one run, so that one with many bins to catch up doesn't keep the others waiting."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=3)
_START, _SIZE = Column("_BinStartTime", ScalarType.DATETIME), Column("_BinSize", ScalarType.LONG)
_RULE = Column("_RuleName", ScalarType.STRING)
_VERSION = Column("_RuleLastModifiedTime", ScalarType.DATETIME)
_TIME = Column("TimeGenerated", ScalarType.DATETIME)


class FailedBin(msgspec.Struct):
    """A bin that is to be tried again; `next_try_at` of None: only when its owner asks."""

    start: datetime
    attempts: int
    next_try_at: datetime | None
    error: str


class RuleState(msgspec.Struct):
    """`next_start` is where the first bin begins that was never tried; its size may have changed since."""

    next_start: datetime
    failed: list[FailedBin] = []


class SummaryRules:
    """The job. Belongs to one event loop."""

    def __init__(
        self,
        store: ResourceStore,
        states: JobStates,
        queries: OwnQueries,
        sender: WindowSender,
        rows: InternalRows,
        find_oldest_waiting: Callable[[UUID], datetime | None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._states = states
        self._queries = queries
        self._sender = sender
        self._rows = rows
        self._find_oldest_waiting = find_oldest_waiting
        self._clock = clock
        self._listing = Listing(store, SummaryRule)
        self._changing = asyncio.Lock()
        self._log = structlog.get_logger("kelp.jobs")

    async def run(self) -> None:
        """Run every bin that is due. A rule that fails doesn't stop the others."""
        for rule in await self._listing.read():
            try:
                await self._run_rule(rule)
            except ServiceError as error:
                self._log.warning(
                    "summary postponed", rule=rule.id.name, code=error.code, error=error.message
                )

    async def retry_bin(self, rule: Resource[SummaryRule], start: datetime) -> None:
        """Have the bin that holds a moment tried at the next run; rows that it has brought stay as they are.

        Raises `ServiceError` (invalid) for a bin that was not tried yet.
        """
        state = await self._load_state(rule)
        start = _floor(rule.properties, start)
        if start >= state.next_start:
            raise ServiceError(
                Category.INVALID,
                "InvalidParameter",
                f"The bin that begins at {start:%Y-%m-%dT%H:%M:%SZ} was not run yet.",
                target="properties.retryBinStartTime",
            )
        await self._change_failed(rule, start, FailedBin(start, 0, self._clock.now(), ""))

    async def _run_rule(self, rule: Resource[SummaryRule]) -> None:
        workspace = self._store.snapshot.workspaces_by_key.get(str(rule.id.parent).lower())
        if workspace is None or not rule.properties.is_active:
            return
        workspace_id = workspace.properties.workspace_id
        state = await self._load_state(rule)
        for failed in state.failed:
            if failed.next_try_at is not None and failed.next_try_at <= self._clock.now():
                again = await self._try_bin(rule, workspace_id, failed.start, failed.attempts)
                await self._change_failed(rule, failed.start, again, failed)
        for _ in range(_BINS_AT_ONCE):
            start = state.next_start
            if not self._is_due(rule.properties, workspace_id, start):
                return
            outcome = await self._try_bin(rule, workspace_id, start, 0)
            async with self._changing:
                state = await self._load_state(rule)
                state.next_start = start + rule.properties.bin_size
                state.failed += [outcome] if outcome is not None else []
                await self._keep_state(rule, state)

    def _is_due(self, rule: SummaryRule, workspace_id: WorkspaceId, start: datetime) -> bool:
        until = start + rule.bin_size + rule.bin_delay
        if until > self._clock.now():
            return False
        oldest = self._find_oldest_waiting(workspace_id)
        return oldest is None or oldest >= until

    async def _change_failed(
        self,
        rule: Resource[SummaryRule],
        start: datetime,
        now: FailedBin | None,
        before: FailedBin | None = None,
    ) -> None:
        """Put what became of a bin into the state; if it is not as `before` any more, its owner's wish stays."""
        async with self._changing:
            state = await self._load_state(rule)
            if before is None or before in state.failed:
                others = [one for one in state.failed if one.start != start]
                state.failed = others if now is None else [*others, now]
                await self._keep_state(rule, state)

    async def _try_bin(
        self, rule: Resource[SummaryRule], workspace_id: WorkspaceId, start: datetime, attempts: int
    ) -> FailedBin | None:
        """Run a bin; return it as a failed one where it fails. Raises `ServiceError` where nothing can run now."""
        try:
            await self._run_bin(rule, workspace_id, start)
        except QueryRefusedError as refused:
            message = "; ".join(found.message for found in refused.diagnostics)
            return self._note_failure(rule, workspace_id, start, attempts + 1, message)
        except ServiceError as error:
            if error.category in (Category.UNAVAILABLE, Category.THROTTLED):
                raise
            return self._note_failure(rule, workspace_id, start, attempts + 1, error.message)
        return None

    async def _run_bin(self, rule: Resource[SummaryRule], workspace_id: WorkspaceId, start: datetime) -> None:
        definition = rule.properties
        end = start + definition.bin_size
        answer = await self._queries.read(
            definition.query,
            WorkspaceAccess(workspace_id),
            workspace_id,
            end + definition.bin_delay,
            time_range=(start, end),
            maximum_rows=MAXIMUM_ROWS,
        )
        stamps: dict[Column, object] = {
            _START: start,
            _SIZE: definition.bin_size_minutes,
            _RULE: rule.id.name,
            _VERSION: definition.version_at,
            _TIME: start,
        }
        await self._sender.send(
            workspace_id,
            definition.destination_table,
            answer,
            once=f"summary/{rule.uid}/{start.isoformat()}/{definition.bin_size_minutes}",
            keeps_customers=True,
            extra=stamps,
        )

    def _note_failure(
        self,
        rule: Resource[SummaryRule],
        workspace_id: WorkspaceId,
        start: datetime,
        attempts: int,
        message: str,
    ) -> FailedBin:
        """Tell of a bin that failed, the first time and the last one."""
        now = self._clock.now()
        pause = min(_FIRST_PAUSE * 2 ** (attempts - 1), _LONGEST_PAUSE)
        is_last = attempts >= MAXIMUM_ATTEMPTS
        failed = FailedBin(start, attempts, None if is_last else now + pause, message)
        if attempts not in (1, MAXIMUM_ATTEMPTS):
            return failed
        rest = "It is not tried again by itself: use retrybin." if is_last else "It is tried again."
        status = "Failed" if is_last else "Warning"
        detail = f"The bin of {start:%Y-%m-%dT%H:%M:%SZ} of the summary rule '{rule.id.name}' failed: {message} {rest}"
        self._rows.add(workspace_id, TABLE, operation_row(now, status, "Summary Rules", rule.id.name, detail))
        return failed

    async def _load_state(self, rule: Resource[SummaryRule]) -> RuleState:
        """Return how far a rule is. It goes on where it was, but for the time in which it was stopped."""
        state = await asyncio.to_thread(self._states.find, _name(rule), RuleState)
        since = _floor(rule.properties, rule.properties.active_since or rule.created.at)
        if state is None:
            return RuleState(since)
        # With another bin size a bin may begin within one that was run: the first whole one after it is the next.
        start = _floor(rule.properties, state.next_start)
        if start < state.next_start:
            start += rule.properties.bin_size
        state.next_start = max(start, since)
        return state

    async def _keep_state(self, rule: Resource[SummaryRule], state: RuleState) -> None:
        await asyncio.to_thread(self._states.put, _name(rule), state)


def _name(rule: Resource[SummaryRule]) -> str:
    return f"summary/{rule.uid}"


def _floor(rule: SummaryRule, moment: datetime) -> datetime:
    """Return the beginning of the bin that holds a moment."""
    moment = moment.astimezone(UTC)
    origin = (rule.bin_start_at or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC)
    if moment < origin:
        return origin
    return origin + (moment - origin) // rule.bin_size * rule.bin_size
