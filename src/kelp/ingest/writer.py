"""The worker that brings durable frames into tables: gathers them, has them planned and loaded, tidies up after."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog

from kelp.base.errors import ServiceError
from kelp.engine.errors import RowsRejected
from kelp.ingest.backlog_queue import BacklogQueue
from kelp.ingest.batch import read_batches
from kelp.ingest.flow import Origin
from kelp.kql.diagnostics import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence

    from kelp.base.settings import IngestSettings
    from kelp.ingest.batch import Batch, Records
    from kelp.ingest.frame_ledger import FrameLedger
    from kelp.ingest.journal import FrameRef, Journal, PendingFrame
    from kelp.ingest.load_plan import LoadPlan
    from kelp.ingest.loading import Loader
    from kelp.ingest.plain_bodies import PlainBodies
    from kelp.ingest.planning import Planner

_TICK_SECONDS = 0.05
_RELEASE_SECONDS = 5.0
_ROTATE_EVERY = 60
"""Releases: a quiet node closes its newest segment every five minutes, so that its frames reach the archive."""
_FIRST_DELAY_SECONDS = 0.5
_LONGEST_DELAY_SECONDS = 30.0
_DESCRIBED_AT_ONCE = 200


class Writer:
    """Loads what the journal accepts. One for a journal; `run` until it is cancelled. Belongs to one event loop."""

    def __init__(
        self,
        journal: Journal,
        plain_bodies: PlainBodies,
        frames: FrameLedger,
        planner: Planner,
        loader: Loader,
        settings: IngestSettings,
        concurrent_loads: int = 2,
    ) -> None:
        self._journal = journal
        self._plain_bodies = plain_bodies
        self._frames = frames
        self._planner = planner
        self._loader = loader
        self._batch_bytes = settings.flush_bytes
        self._queue = BacklogQueue(settings.flush_interval_seconds, settings.flush_bytes, concurrent_loads)
        self._slots = asyncio.Semaphore(concurrent_loads)
        self._tasks: set[asyncio.Task[None]] = set()
        self._replaying: dict[asyncio.Task[None], tuple[UUID, str]] = {}
        self._held: Counter[tuple[UUID, str | None]] = Counter()
        """What nothing is loaded into: a table, or all of a workspace."""
        self._is_draining = False
        self._has_taken_up = False
        self._progress = asyncio.Event()
        self._retrying = asyncio.Event()
        self._log = structlog.get_logger("kelp.ingest")

    async def run(self) -> None:
        """Recover, then load what comes until cancelled; what is being loaded then is replayed at the next start.

        Raises `JournalDamaged` where an open plan names frames that the journal lost.
        """
        recovery = await asyncio.to_thread(self._frames.recover)
        for plan in recovery.open_plans:
            self._replay(plan)
        locked = [plan.plan_id for plan in recovery.locked_plans]
        try:
            self._start(self._take_up(recovery.unplanned, locked))
            self._start(self._release_now_and_then())
            while True:
                await asyncio.sleep(_TICK_SECONDS)
                self._gather(self._journal.take_pending(0))
                await self._begin_loads()
        finally:
            await self._stop()

    async def drain(self) -> None:
        """Return once everything that was accepted so far, and does not have to wait for something, is loaded."""
        self._is_draining = True
        try:
            self._gather(self._journal.take_pending(0))
            await self._wait_until(
                lambda: self._has_taken_up and not len(self._queue) and not self._replaying
            )
        finally:
            self._is_draining = False

    def retry_now(self) -> None:
        """Try again at once what waits to be tried again: what it waited for is there, such as a key."""
        self._queue.forget_pauses()
        retrying, self._retrying = self._retrying, asyncio.Event()
        retrying.set()

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until `retry_now`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._retrying.wait(), seconds)

    async def wait_recovered(self) -> None:
        """Return once it is known what a former process left; before that, settled frames are not told from others."""
        await self._wait_until(lambda: self._has_taken_up)

    @asynccontextmanager
    async def hold_table(self, workspace_id: UUID, table: str) -> AsyncIterator[None]:
        """Load nothing into a table while the block runs; begins once no plan of the table is open."""
        async with self._hold(workspace_id, table):
            yield

    @asynccontextmanager
    async def hold_workspace(self, workspace_id: UUID) -> AsyncIterator[None]:
        """Load nothing of a workspace while the block runs; begins once no plan of it is being carried out."""
        async with self._hold(workspace_id, None):
            yield

    @asynccontextmanager
    async def _hold(self, workspace_id: UUID, table: str | None) -> AsyncIterator[None]:
        held = (workspace_id, table)
        self._held[held] += 1
        try:
            await self._wait_until(lambda: not self._is_loading(workspace_id, table))
            yield
        finally:
            self._held[held] -= 1
            if not self._held[held]:
                del self._held[held]

    async def _wait_until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            self._progress.clear()
            await self._progress.wait()

    def _is_loading(self, workspace_id: UUID, table: str | None) -> bool:
        for replayed, name in self._replaying.values():
            if replayed == workspace_id and table in (None, name):
                return True
        return any(
            origin.workspace_id == workspace_id and (table is None or table in self._find_tables(origin))
            for origin in self._queue.busy_origins()
        )

    def _is_held(self, origin: Origin) -> bool:
        if not any(workspace_id == origin.workspace_id for workspace_id, _ in self._held):
            return False
        if (origin.workspace_id, None) in self._held:
            return True
        return any((origin.workspace_id, table) in self._held for table in self._find_tables(origin))

    def _find_tables(self, origin: Origin) -> frozenset[str]:
        with suppress(QueryRefusedError):
            return self._planner.find_tables(origin)
        return frozenset()

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _gather(self, frames: Iterable[PendingFrame]) -> None:
        by_origin: dict[Origin, list[PendingFrame]] = {}
        for frame in frames:
            by_origin.setdefault(Origin.of(frame), []).append(frame)
        for origin, own in by_origin.items():
            self._queue.add(origin, own, self._now())

    async def _begin_loads(self) -> None:
        while not self._slots.locked():
            taken = self._queue.take(self._now(), is_held=self._is_held, everything=self._is_draining)
            if taken is None:
                return
            await self._slots.acquire()
            self._start(self._load(*taken))

    async def _load(self, origin: Origin, frames: list[PendingFrame], since: float) -> None:
        """Read, plan and load frames of an origin; those that could not be planned are queued again. Holds a slot."""
        not_before = 0.0
        try:
            left = await self._load_some(origin, frames)
            if left:
                self._queue.put_back(origin, left, since)
        except ServiceError as error:
            self._log.warning("load postponed", stream=origin.stream, code=error.code, error=error.message)
            self._queue.put_back(origin, self._unplanned(frames), since)
            not_before = self._now() + (error.retry_after_seconds or _FIRST_DELAY_SECONDS)
        except Exception:
            # The worker loop: a defect that concerns one stream must not stop the others.
            self._log.exception("load failed", stream=origin.stream)
            self._queue.put_back(origin, self._unplanned(frames), since)
            not_before = self._now() + _LONGEST_DELAY_SECONDS
        finally:
            self._queue.finish(origin, not_before)
            self._slots.release()
            self._progress.set()

    def _unplanned(self, frames: Sequence[PendingFrame]) -> list[PendingFrame]:
        """Return the frames that have no plan and are not settled: an error may come after some were loaded."""
        return [frame for frame in frames if self._frames.is_unplanned(frame.ref)]

    async def _load_some(self, origin: Origin, frames: list[PendingFrame]) -> Sequence[PendingFrame]:
        """Load the first of the frames and return the others."""
        reading = await asyncio.to_thread(
            read_batches, self._journal, self._plain_bodies, frames, self._batch_bytes
        )
        if reading.damaged:
            await self._reject(origin, reading.damaged, "FrameDamaged")
        for batch in reading.batches:
            await self._load_batch(origin, batch)
        return reading.left

    async def _load_batch(self, origin: Origin, batch: Batch) -> None:
        try:
            plans = await self._planner.make_plans(origin, batch)
        except QueryRefusedError as refused:
            self._log.error("transformation refused", rule=origin.route, reason=str(refused))
            await self._reject(origin, batch.frames, "TransformationRefused")
            return
        if not plans:
            await self._reject(origin, batch.frames, "RuleOrWorkspaceGone")
            return
        await asyncio.to_thread(self._frames.record_plans, plans)
        for plan in plans:
            await self._run_plan(plan, batch.records, is_first=not plan.once)

    async def _run_plan(self, plan: LoadPlan, records: Records | None, *, is_first: bool) -> None:
        """Run a recorded plan until it is done, however long that takes. Holds a slot, but not while it waits."""
        delay = _FIRST_DELAY_SECONDS
        while not await self._try_plan(plan, records, is_first=is_first):
            # What passes is waited for, without the records in memory and without the slot.
            records, is_first = None, False
            self._slots.release()
            try:
                await self._pause(delay)
            finally:
                await self._slots.acquire()
            delay = min(delay * 2, _LONGEST_DELAY_SECONDS)

    async def _try_plan(self, plan: LoadPlan, records: Records | None, *, is_first: bool) -> bool:
        """Run a recorded plan once and tell whether it is done, in one way or another."""
        try:
            await self._run_or_take_apart(plan, records, is_first=is_first)
        except ServiceError as error:
            self._log.warning("insert postponed", table=plan.table, code=error.code, error=error.message)
            return False
        except Exception:
            # The worker loop: a plan is never dropped, and a defect may go away with what caused it.
            self._log.exception("insert failed", table=plan.table)
            return False
        return True

    async def _run_or_take_apart(self, plan: LoadPlan, records: Records | None, *, is_first: bool) -> None:
        try:
            await self._loader.run_plan(plan, records, is_first=is_first)
        except RowsRejected as rejected:
            self._log.error("rows rejected", table=plan.table, correlation_id=rejected.correlation_id)
            await self._take_apart(plan)

    async def _take_apart(self, plan: LoadPlan) -> None:
        """Keep records that the engine can't take at all from holding up those of other frames."""
        if len(plan.frames) == 1:
            await self._loader.give_up(plan, "the engine can't read them")
            return
        middle = len(plan.frames) // 2
        halves = [
            replace(plan, plan_id=uuid4(), frames=part)
            for part in (plan.frames[:middle], plan.frames[middle:])
        ]
        await asyncio.to_thread(self._frames.replace_plan, plan.plan_id, halves)
        for half in halves:
            await self._run_plan(half, None, is_first=True)

    async def _reject(self, origin: Origin, frames: Sequence[FrameRef], code: str) -> None:
        self._log.warning("frames rejected", code=code, stream=origin.stream, frames=len(frames))
        self._plain_bodies.drop(frames)
        await asyncio.to_thread(self._frames.reject, frames, code)

    def _replay(self, plan: LoadPlan) -> None:
        async def run() -> None:
            async with self._slots:
                await self._run_plan(plan, None, is_first=False)

        task = self._start(run())
        self._replaying[task] = (plan.workspace_id, plan.table)
        task.add_done_callback(self._end_replay)

    def _end_replay(self, task: asyncio.Task[None]) -> None:
        del self._replaying[task]
        self._progress.set()

    async def _take_up(self, frames: Sequence[FrameRef], locked: Sequence[UUID]) -> None:
        """Queue the frames that a former process accepted and did not plan; of locked workspaces again and again."""
        while frames or locked:
            frames, locked = await self._take_up_unlocked(frames), self._replay_unlocked(locked)
            self._note_taken_up()
            if frames or locked:
                await self._pause(_LONGEST_DELAY_SECONDS)
        self._note_taken_up()

    def _note_taken_up(self) -> None:
        self._has_taken_up = True
        self._progress.set()

    async def _take_up_unlocked(self, frames: Sequence[FrameRef]) -> list[FrameRef]:
        locked: list[FrameRef] = []
        rest = iter(frames)
        while some := list(islice(rest, _DESCRIBED_AT_ONCE)):
            described, failed = await asyncio.to_thread(self._describe, some)
            self._gather(described)
            locked += failed
        return locked

    def _describe(self, frames: Sequence[FrameRef]) -> tuple[list[PendingFrame], list[FrameRef]]:
        described: list[PendingFrame] = []
        failed: list[FrameRef] = []
        for ref in frames:
            try:
                described.append(self._journal.describe(ref))
            except ServiceError:
                failed.append(ref)
        return described, failed

    def _replay_unlocked(self, plan_ids: Sequence[UUID]) -> list[UUID]:
        locked: list[UUID] = []
        for plan_id in plan_ids:
            try:
                self._replay(self._frames.get_plan(plan_id))
            except ServiceError:
                locked.append(plan_id)
        return locked

    async def release(self) -> None:
        """Archive all that is loaded, also what lies in the newest segment. Raises as `FrameLedger.release` does."""
        await asyncio.to_thread(self._frames.release, rotate=True)

    async def _release_now_and_then(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(_RELEASE_SECONDS)
            turn += 1
            try:
                released = await asyncio.to_thread(self._frames.release, rotate=turn % _ROTATE_EVERY == 0)
            except (ServiceError, OSError) as error:
                self._log.warning("release postponed", error=str(error))
                continue
            for postponed in released.postponed:
                self._log.warning("frames not archived", segment=postponed.segment, code=postponed.error.code)
