"""The engine inside this process (chDB). One instance owns its data folder; one instance a process.

Worker threads with a connection each run the statements; the event loop accepts, streams, times and kills them. A
statement is killed through another connection by its `log_comment`: cancelling a stream from a thread that is not the
one fetching it can block for ever.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from kelp.base.errors import ServiceError
from kelp.engine.connection import connect, engine_version, kill, run
from kelp.engine.data_folder import prepare_data_folder
from kelp.engine.errors import (
    DataFolderRefused,
    EngineError,
    EngineUnavailable,
    QueryCancelled,
    QueryTimedOut,
    map_engine_error,
)
from kelp.engine.formats import chunk_joiner
from kelp.engine.results import ChunkChannel, ReaderLeft
from kelp.engine.running import Running, RunningStatements
from kelp.engine.settings import print_settings, query_clauses
from kelp.engine.streams import EmbeddedResultStream
from kelp.engine.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

    from kelp.clickhouse.types import EngineTable
    from kelp.engine.connection import Connection
    from kelp.engine.contract import QueryLimits, ResultFormat
    from kelp.engine.settings import EmbeddedSettings

_DEADLINE_GRACE_SECONDS = 1.0
"""How long the engine's own clock has to end a query before it is killed."""
_KILL_INTERVAL_SECONDS = 0.05
_CODE_LOCKED = 76


class EmbeddedEngine:
    """Fulfils `engine.contract.Engine`. Make it with `open`, end it with `close`."""

    def __init__(self, settings: EmbeddedSettings, configuration: Path) -> None:
        self._settings = settings
        self._configuration = configuration
        self._running = RunningStatements()
        self._stopping: set[asyncio.Task[None]] = set()
        self._closing = False
        self._readers = Workers("reader", settings.reader_threads, self._connect)
        self._writers = Workers("writer", settings.writer_threads, self._connect)
        self._schema = Workers("schema", 2, self._connect)
        self._control = Workers("control", 1, self._connect)

    @classmethod
    async def open(cls, settings: EmbeddedSettings) -> Self:
        """Start the engine on its folder. Raises `DataFolderRefused` when that is in use or not for this engine."""
        configuration = await asyncio.to_thread(prepare_data_folder, settings, engine_version())
        engine = cls(settings, configuration)
        try:
            await engine._control.run(lambda connection: run(connection, "SELECT 1"))
        except RuntimeError as failure:
            await engine.close()
            error = map_engine_error(str(failure))
            if error.engine_code == _CODE_LOCKED:
                raise DataFolderRefused(
                    f"{settings.data_directory} is in use by another process."
                ) from failure
            raise error from failure
        return engine

    async def query(
        self,
        sql: str,
        *,
        format: ResultFormat,  # noqa: A002 - the word of the contract
        limits: QueryLimits,
        tag: str,
        tables: frozenset[EngineTable] = frozenset(),
    ) -> EmbeddedResultStream:
        running = self._accept(tag, tables, time.monotonic() + limits.deadline_seconds)
        stream = EmbeddedResultStream(running, self._stop)

        def work(connection: Connection) -> None:
            self._stream(connection, running, sql, format, limits)

        self._start(self._readers, running, work)
        try:
            await running.channel.wait()
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def execute(self, sql: str, *, tag: str = "", tables: frozenset[EngineTable] = frozenset()) -> None:
        running = self._accept(tag, tables)

        def work(connection: Connection) -> None:
            run(connection, f"SET {print_settings({'log_comment': running.identity})}")
            run(connection, sql)

        self._start(self._schema, running, work)
        await self._finish(running)

    async def kill(self, tag: str) -> int:
        return await self._stop_matching(lambda running: running.tag == tag, QueryCancelled())

    async def close(self) -> None:
        self._closing = True
        await self._stop_matching(lambda _: True, EngineUnavailable("The engine is stopping."))
        if self._stopping:
            await asyncio.wait(self._stopping)
        for workers in (self._readers, self._writers, self._schema, self._control):
            await asyncio.to_thread(workers.close)

    def _accept(
        self, tag: str, tables: frozenset[EngineTable], deadline_at_monotonic: float = float("inf")
    ) -> Running:
        if self._closing:
            raise EngineUnavailable("The engine is stopping.")
        return Running(tag, tables, ChunkChannel(self._settings.read_ahead_bytes), deadline_at_monotonic)

    def _start(self, workers: Workers, running: Running, work: Callable[[Connection], None]) -> None:
        self._running.add(running)
        if running.deadline_at_monotonic != float("inf"):
            delay = running.remaining_seconds() + _DEADLINE_GRACE_SECONDS
            running.timer = asyncio.get_running_loop().call_later(delay, self._expire, running)
        running.work = workers.submit(lambda connection: self._perform(connection, running, work))

    async def _finish(self, running: Running) -> None:
        """Wait for a statement without rows. Raises its error."""
        try:
            await running.channel.take()
        except asyncio.CancelledError:
            await asyncio.shield(self._stop(running, QueryCancelled()))
            raise

    async def _stop(self, running: Running, error: EngineError) -> None:
        """Kill one statement and wait for its end."""
        running.stopped_by = running.stopped_by or error
        if running.work is not None and running.work.cancel():  # no worker had begun it
            running.channel.end(running.stopped_by)
            self._running.end(running)
        # A statement that a worker has begun may not be known to the engine yet, so one try is not enough.
        while not running.ended.is_set():
            await self._control.run(lambda connection: kill(connection, running.identity))
            with suppress(TimeoutError):
                await asyncio.wait_for(running.ended.wait(), _KILL_INTERVAL_SECONDS)

    async def _stop_matching(self, matches: Callable[[Running], bool], error: EngineError) -> int:
        found = self._running.find_matching(matches)
        await asyncio.gather(*(self._stop(running, error) for running in found))
        return len(found)

    def _expire(self, running: Running) -> None:
        error = QueryTimedOut()
        running.channel.end(error)
        task = asyncio.get_running_loop().create_task(self._stop(running, error))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    # What follows runs on worker threads.

    def _connect(self) -> Connection:
        return connect(self._settings.data_directory / "engine", self._configuration)

    def _perform(self, connection: Connection, running: Running, work: Callable[[Connection], None]) -> None:
        error: ServiceError | None = None
        try:
            running.require_running()
            work(connection)
        except ReaderLeft:
            error = running.stopped_by
        except ServiceError as failure:
            error = failure
        except Exception as failure:
            # The worker loop: whatever went wrong ends this statement and not the thread.
            error = running.stopped_by or map_engine_error(str(failure) or repr(failure))
            error.__cause__ = failure
        running.channel.end(error)
        self._running.end_from_worker(running)

    def _stream(
        self,
        connection: Connection,
        running: Running,
        sql: str,
        result_format: ResultFormat,
        limits: QueryLimits,
    ) -> None:
        clauses = query_clauses(
            result_format=result_format,
            limits=limits,
            remaining_seconds=running.remaining_seconds(),
            identity=running.identity,
            condition_cache=self._settings.query_condition_cache,
        )
        joiner = chunk_joiner(result_format)
        connection.set_progress_callback(running.note_progress)
        stream = connection.send_query(sql + clauses, result_format.value)
        try:
            while (chunk := stream.fetch()) is not None:
                running.put(joiner.join(chunk.bytes()), chunk.rows_read())
        finally:
            stream.cancel()
            connection.set_progress_callback(None)
        if rest := joiner.finish(lambda: _fetch_empty(connection, sql, clauses)):
            running.put(rest, 0)


def _fetch_empty(connection: Connection, sql: str, clauses: str) -> bytes:
    """Return the document without rows, which the stream of an empty result withholds."""
    return run(connection, f"SELECT * FROM (\n{sql}\n) LIMIT 0{clauses}")  # noqa: S608 - Kelp's own statement
