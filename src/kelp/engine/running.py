"""What the engine works on at present, so that it can be timed and killed. Belongs to the event loop."""

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
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from kelp.clickhouse.types import EngineTable
    from kelp.engine.errors import EngineError
    from kelp.engine.results import ChunkChannel


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
    rows_read: int = 0
    bytes_read: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    finished_at_monotonic: float | None = None
    stopped_by: EngineError | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    work: Future[None] | None = None
    timer: asyncio.TimerHandle | None = None

    def remaining_seconds(self) -> float:
        """Return how long the statement may still take; infinity without a deadline."""
        return self.deadline_at_monotonic - time.monotonic()

    def note_progress(self, progress: Mapping[str, int]) -> None:
        """Take the engine's totals so far."""
        self.rows_read = progress["read_rows"]
        self.bytes_read = progress["read_bytes"]

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

    def require_running(self) -> None:
        """Raise what stopped the statement, or that its deadline has passed."""
        if self.stopped_by is not None:
            raise self.stopped_by
        if self.remaining_seconds() <= 0:
            raise QueryTimedOut


class RunningStatements:
    """The statements that were accepted and have not ended."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._all: dict[str, Running] = {}

    def add(self, running: Running) -> None:
        """Take note of a statement before it is queued."""
        self._all[running.identity] = running

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

    def find_matching(self, matches: Callable[[Running], bool]) -> list[Running]:
        """Return the statements of this moment for which `matches` holds."""
        return [running for running in self._all.values() if matches(running)]
