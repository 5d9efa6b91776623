"""A query under way: its tables as streams of JSON rows, cut at the limits, with what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from kelp.base.errors import ServiceError
from kelp.engine.contract import QueryStatistics
from kelp.kql.slow_patterns import worth_showing
from kelp.query.arrow_rows import ArrowRows
from kelp.query.log import report_engine_failure
from kelp.query.stages import add_statistics, without_made_up_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import pyarrow as pa

    from kelp.clickhouse.compiler import CompiledQuery, CompiledResult
    from kelp.engine.contract import ResultStream
    from kelp.kql.diagnostics import Diagnostic
    from kelp.query.arrow_rows import RowBatch

TOO_LARGE = "E_QUERY_RESULT_SET_TOO_LARGE"
"""The code that Azure Monitor and Kusto give to an answer that was cut."""


@dataclass(frozen=True, slots=True)
class PartialError:
    """Why an answer is not the whole one. `code` and `message` go to the caller."""

    code: str
    message: str
    limit: str = ""
    """Which limit of a result was reached, `rows` or `bytes`; empty for any other reason."""


@dataclass(slots=True)
class RunningTable:
    """One result table. Iterating gives chunks of whole rows, each row a JSON array and a line end; or Arrow's batches,
    of a query that was asked for in Arrow.
    """

    result: CompiledResult
    _stream: ResultStream
    _query: RunningQuery
    rows: int = 0
    _arrow: ArrowRows = field(init=False)

    def __post_init__(self) -> None:
        self._arrow = ArrowRows(self.result.columns)

    @property
    def schema(self) -> pa.Schema | None:
        """The columns in Arrow, of a query that was asked for in Arrow, as soon as a row or the end is there."""
        return self._arrow.schema

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        """Yield the rows up to the limits; what stops them early becomes the query's `partial_error`."""
        query = self._query
        try:
            async for chunk in self._stream:
                kept = query.cut(chunk, self.rows)
                self.rows += kept.count(b"\n")
                if kept:
                    yield kept
                if query.partial_error is not None:
                    return
        except ServiceError as error:
            query.note_failure(error)

    async def iter_batches(self) -> AsyncIterator[RowBatch]:
        """Yield the rows up to the limits as `iter_chunks` does, in Arrow."""
        query = self._query
        try:
            async for chunk in self._stream:
                for batch in self._arrow.feed(chunk):
                    kept = query.cut_batch(batch, self.rows)
                    self.rows += kept.rows
                    if kept.rows:
                        yield kept
                    if query.partial_error is not None:
                        return
        except ServiceError as error:
            query.note_failure(error)

    async def aclose(self) -> QueryStatistics:
        """End the engine's query if it still runs, and return what it used.

        Without a stored table nothing was read, though the engine counts the rows that it makes up.
        """
        await self._stream.aclose()
        used = replace(self._stream.statistics, result_rows=self.rows)
        return without_made_up_rows(used, self.result.all_tables)


@dataclass(slots=True)
class RunningQuery:
    """All results of a query, one after the other. Read each table to its end before the next; leave with `aclose`.

    `statistics` are complete, and the engine is at rest, once the query is closed or the last table was left.
    """

    compiled: CompiledQuery
    maximum_rows: int
    maximum_bytes: int
    _open: Callable[[CompiledResult], Awaitable[ResultStream]]
    _first: ResultStream
    _close: Callable[[RunningQuery], Awaitable[None]]
    _tag: str
    statistics: QueryStatistics = field(default_factory=QueryStatistics)
    _find_cause: Callable[[ServiceError], ServiceError | None] = lambda _failure: None
    partial_error: PartialError | None = None
    sent_bytes: int = 0
    _table: RunningTable | None = None
    _is_closed: bool = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop what still runs, free the query's place, and write its log row. Safe to call again."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._first.aclose()
            await self._leave_table()
        finally:
            await self._close(self)

    async def iter_tables(self) -> AsyncIterator[RunningTable]:
        """Yield the result tables in order; after a partial error the rest is left out."""
        stream = self._first
        for index, result in enumerate(self.compiled.results):
            if index:
                try:
                    stream = await self._open(result)
                except ServiceError as error:
                    self.note_failure(error)
                    return
            self._table = RunningTable(result, stream, self)
            yield self._table
            await self._leave_table()
            if self.partial_error is not None:
                return

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the author of the text should know; complete once the last table was left."""
        return worth_showing(self.compiled.warnings, self.statistics.rows_read)

    async def _leave_table(self) -> None:
        table, self._table = self._table, None
        if table is None:
            return
        used = add_statistics(self.statistics, await table.aclose())
        self.statistics = replace(used, result_bytes=self.sent_bytes)

    def note_failure(self, error: ServiceError) -> None:
        """Remember what ended the query early, after there were rows."""
        report_engine_failure(error, self._tag)
        error = self._find_cause(error) or error
        self.partial_error = PartialError(error.code, error.message)

    def cut(self, chunk: bytes, rows_before: int) -> bytes:
        """Return what of the chunk still fits; sets `partial_error` when something does not."""
        room = self.maximum_rows - rows_before
        if chunk.count(b"\n") > room:
            self.partial_error = self._too_many_rows()
            chunk = b"".join(chunk.splitlines(keepends=True)[:room])
        if self.sent_bytes + len(chunk) > self.maximum_bytes:
            self.partial_error = self._too_many_bytes()
            chunk = chunk[: chunk.rfind(b"\n", 0, max(0, self.maximum_bytes - self.sent_bytes)) + 1]
        self.sent_bytes += len(chunk)
        return chunk

    def cut_batch(self, batch: RowBatch, rows_before: int) -> RowBatch:
        """Return what of the rows still fits, as `cut` does."""
        room = self.maximum_rows - rows_before
        if batch.rows > room:
            self.partial_error = self._too_many_rows()
            batch = batch.slice(0, room)
        if self.sent_bytes + len(batch.message) > self.maximum_bytes:
            self.partial_error = self._too_many_bytes()
            batch = batch.fit(max(0, self.maximum_bytes - self.sent_bytes))
        self.sent_bytes += len(batch.message) if batch.rows else 0
        return batch

    def _too_many_rows(self) -> PartialError:
        message = (
            f"The result has more than {self.maximum_rows:,} rows; these are the first. "
            "Narrow the query or summarize."
        )
        return PartialError(TOO_LARGE, message, "rows")

    def _too_many_bytes(self) -> PartialError:
        message = (
            f"The result is larger than {self.maximum_bytes:,} bytes; these are the first rows. "
            "Narrow the query or project fewer columns."
        )
        return PartialError(TOO_LARGE, message, "bytes")
