"""A running query of the embedded engine: the worker's side, which blocks, and the reader's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.engine.connection import run
from kelp.engine.contract import NO_SOURCES, ResultStream
from kelp.engine.errors import QueryCancelled
from kelp.engine.formats import chunk_joiner
from kelp.engine.settings import query_clauses
from kelp.engine.sources import over_sources

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from kelp.engine.connection import Connection
    from kelp.engine.contract import QueryLimits, QueryStatistics, ResultFormat, SourceBody
    from kelp.engine.errors import EngineError
    from kelp.engine.running import Running


class EmbeddedResultStream(ResultStream):
    """The reader's side."""

    def __init__(self, running: Running, stop: Callable[[Running, EngineError], Awaitable[None]]) -> None:
        self._running = running
        self._stop = stop

    @property
    def statistics(self) -> QueryStatistics:
        return self._running.statistics

    async def __anext__(self) -> bytes:
        chunk = await self._running.channel.take()
        if chunk is None:
            await self._running.ended.wait()
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        self._running.channel.abandon()
        await self._stop(self._running, QueryCancelled())


def stream_query(
    connection: Connection,
    running: Running,
    sql: str,
    result_format: ResultFormat,
    limits: QueryLimits,
    condition_cache: bool,  # noqa: FBT001 - a setting passed through
    sources: Mapping[str, SourceBody] = NO_SOURCES,
) -> None:
    """Run a SELECT, or an EXPLAIN of one, and put its chunks into the channel.

    Raises `ReaderLeft`, or RuntimeError with the engine's text.
    """
    clauses = query_clauses(
        result_format=result_format,
        limits=limits,
        remaining_seconds=running.remaining_seconds(),
        identity=running.identity,
        condition_cache=condition_cache,
        source_formats=frozenset(source.format for source in sources.values()),
        explains=sql.startswith("EXPLAIN"),
    )
    if sql.startswith("EXPLAIN"):
        # The engine streams only rows; what it says about a statement is short.
        running.put(connection.query(sql + clauses, result_format.value).bytes(), 0)
        return
    with over_sources(sql, sources) as text:
        _stream_statement(connection, running, text, result_format, clauses)


def _stream_statement(
    connection: Connection, running: Running, sql: str, result_format: ResultFormat, clauses: str
) -> None:
    joiner = chunk_joiner(result_format)
    connection.set_progress_callback(running.note_progress)
    try:
        stream = connection.send_query(sql + clauses, result_format.value)
        try:
            while (chunk := stream.fetch()) is not None:
                running.put(joiner.join(chunk.bytes()), chunk.rows_read())
        finally:
            stream.cancel()
    finally:
        connection.set_progress_callback(None)
    if rest := joiner.finish(lambda: _fetch_empty(connection, sql, clauses)):
        running.put(rest, 0)


def _fetch_empty(connection: Connection, sql: str, clauses: str) -> bytes:
    """Return the document without rows, which the stream of an empty result withholds."""
    return run(connection, f"SELECT * FROM (\n{sql}\n) LIMIT 0{clauses}")  # noqa: S608 - Kelp's own statement
