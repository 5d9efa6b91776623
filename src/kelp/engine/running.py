"""What the engine works on at present, so that it can be timed and stopped. Belongs to the event loop."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.engine.contract import QueryStatistics
from kelp.engine.errors import QueryTimedOut

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from concurrent.futures import Future

    from kelp.clickhouse.types import EngineTable
    from kelp.engine.errors import EngineError
    from kelp.engine.results import ChunkChannel

_DEADLINE_GRACE_SECONDS = 1.0
"""How long the engine's own clock has to end a statement before it is stopped from outside."""
_KILL_INTERVAL_SECONDS = 0.05


@dataclass(slots=True, eq=False)
class Running:
    """One statement from its acceptance to its end, waiting or running.

    `identity` is what the engine knows the statement by. `stopped_by` is set in the loop and read by the worker; the
    counts are written by the worker and read anywhere.
    """

    tag: str
    tables: frozenset[EngineTable]
    channel: ChunkChannel
    deadline_at_monotonic: float = float("inf")
    identity: str = field(default_factory=lambda: secrets.token_hex(12))
    started_at_monotonic: float = field(default_factory=time.monotonic)
    finished_at_monotonic: float | None = None
    rows_read: int = 0
    bytes_read: int = 0
    rows_to_read: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    work: Future[None] | None = None
    timer: asyncio.TimerHandle | None = None
    stopped_by: EngineError | None = None
    stopping: asyncio.Task[None] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def remaining_seconds(self) -> float:
        """Return how long the statement may still take; infinity without a deadline."""
        return self.deadline_at_monotonic - time.monotonic()

    def require_running(self) -> None:
        """Raise what stopped the statement, or that its deadline has passed."""
        if self.stopped_by is not None:
            raise self.stopped_by
        if self.remaining_seconds() <= 0:
            raise QueryTimedOut

    def note_progress(self, progress: Mapping[str, int]) -> None:
        """Take the engine's totals so far."""
        self.rows_read = progress["read_rows"]
        self.bytes_read = progress["read_bytes"]
        self.rows_to_read = progress["total_rows_to_read"]

    def put(self, chunk: bytes, rows: int) -> None:
        """Hand a chunk to the reader and count it. Raises `ReaderLeft`."""
        self.result_rows += rows
        self.result_bytes += len(chunk)
        self.channel.put(chunk)

    @property
    def statistics(self) -> QueryStatistics:
        """What the statement has used so far."""
        return QueryStatistics(
            elapsed_seconds=(self.finished_at_monotonic or time.monotonic()) - self.started_at_monotonic,
            rows_read=self.rows_read,
            bytes_read=self.bytes_read,
            result_rows=self.result_rows,
            result_bytes=self.result_bytes,
        )


class RunningStatements:
    """The statements that were accepted and have not ended.

    `kill` asks the engine to end the statement of that identity, perhaps in vain: a statement that a worker has just
    begun is unknown to the engine for a moment.
    """

    def __init__(self, kill: Callable[[str], Awaitable[None]]) -> None:
        self._kill = kill
        self._loop = asyncio.get_running_loop()
        self._all: dict[str, Running] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    def begin(self, running: Running, work: Future[None]) -> None:
        """Watch over a statement from when its work is queued."""
        running.work = work
        self._all[running.identity] = running
        if running.deadline_at_monotonic != float("inf"):
            running.timer = self._loop.call_later(running.remaining_seconds(), self._meet_deadline, running)

    def end(self, running: Running) -> None:
        """Note the end of a statement, in the loop."""
        self._all.pop(running.identity, None)
        running.finished_at_monotonic = time.monotonic()
        if running.timer is not None:
            running.timer.cancel()
        running.ended.set()

    def end_from_worker(self, running: Running) -> None:
        """Note the end of a statement, from a worker thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self.end, running)

    async def stop(self, running: Running, error: EngineError) -> None:
        """Stop one statement, waiting or running, and wait for its end, which is `error` for its reader.

        Cancelling the wait does not take the stop back.
        """
        self._begin_stop(running, error)
        if running.stopping is not None:
            await asyncio.shield(running.stopping)

    async def stop_matching(
        self, matches: Callable[[Running], bool], make_error: Callable[[], EngineError]
    ) -> int:
        """Stop all statements of this moment for which `matches` holds; return how many there were."""
        found = [running for running in self._all.values() if matches(running)]
        await asyncio.gather(*(self.stop(running, make_error()) for running in found))
        return len(found)

    def find_begun(self, tag: str) -> list[Running]:
        """Return the statements of the tag that a worker has begun."""
        return [one for one in self._all.values() if one.tag == tag and one.work and one.work.running()]

    async def wait_stopped(self) -> None:
        """Wait until nothing is being stopped any more."""
        if self._stopping:
            await asyncio.wait(self._stopping)

    def _begin_stop(self, running: Running, error: EngineError) -> None:
        if running.ended.is_set() or running.stopping is not None:
            return
        running.stopped_by = error
        running.channel.end(error)  # wakes a worker that waits for the reader
        if running.work is not None and running.work.cancel():  # no worker had begun it
            self.end(running)
            return
        running.stopping = self._loop.create_task(self._kill_until_ended(running))
        self._stopping.add(running.stopping)
        running.stopping.add_done_callback(self._stopping.discard)

    async def _kill_until_ended(self, running: Running) -> None:
        while not running.ended.is_set():
            await self._kill(running.identity)
            with suppress(TimeoutError):
                await asyncio.wait_for(running.ended.wait(), _KILL_INTERVAL_SECONDS)

    def _meet_deadline(self, running: Running) -> None:
        if running.work is not None and running.work.cancel():
            running.channel.end(QueryTimedOut())
            self.end(running)
            return
        running.timer = self._loop.call_later(
            _DEADLINE_GRACE_SECONDS, self._begin_stop, running, QueryTimedOut()
        )
