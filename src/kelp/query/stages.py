"""Running a result: its segments in order, then its own statement, which reads them.

Each statement is the caller's own, verified over the caller's scope; a segment is given rows of such statements and
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from kelp.clickhouse.kept_rows import SOURCE, kept_type, print_lines
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.engine.contract import (
    InputFormat,
    QueryLimits,
    QueryStatistics,
    ResultFormat,
    ResultStream,
    SourceBody,
    SourceColumn,
)
from kelp.plan.external_data import ExternalAccess, ReadExternalData
from kelp.plan.segment_operations import Keep, operation_name
from kelp.query.errors import SegmentInputTooLarge
from kelp.query.explanation import Explanation, explain
from kelp.query.result_cache import ResultCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.base.settings import Settings
    from kelp.clickhouse.compiler import CompiledResult, CompiledSegment, CompiledStatement
    from kelp.clickhouse.explanation import QueryOutline
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.contract import Engine, QueryUsage
    from kelp.kql.types import Column
    from kelp.query.segment_worker import SegmentWorkers

_FORMATS = {Encoding.WIRE: ResultFormat.JSON_ROWS, Encoding.ARROW: ResultFormat.ARROW}
"""What the engine is asked for: rows that go to the wire as they are."""


@dataclass(slots=True)
class StagedStream(ResultStream):
    """The result's own stream, with what the statements before it used."""

    _stream: ResultStream
    _tables: frozenset[EngineTable]
    _before: QueryStatistics

    @property
    def statistics(self) -> QueryStatistics:
        used = add_statistics(self._before, without_made_up_rows(self._stream.statistics, self._tables))
        return replace(used, result_rows=self._stream.statistics.result_rows)

    async def __anext__(self) -> bytes:
        return await anext(self._stream)

    async def aclose(self) -> None:
        await self._stream.aclose()


class Stages:
    """Safe for concurrent use from the tasks of one event loop."""

    def __init__(
        self, engine: Engine, workers: SegmentWorkers, settings: Settings, *, reads_files: bool = False
    ) -> None:
        """`reads_files`: whether `externaldata` may read files of this machine."""
        self._engine = engine
        self._results = ResultCache(engine, settings.query.result_cache_bytes)
        self._workers = workers
        self._settings = settings
        self._access = ExternalAccess(
            hosts=frozenset(settings.query.external_hosts.lower().replace(",", " ").split()),
            reads_files=reads_files,
            seconds=settings.query.external_seconds,
            bytes_of_place=settings.query.external_bytes,
        )

    async def open(
        self,
        result: CompiledResult,
        *,
        tag: str,
        deadline_at_monotonic: float,
        encoding: Encoding = Encoding.WIRE,
    ) -> ResultStream:
        """Return the result's stream once its first rows, or its end, are there; it was compiled for that encoding.

        Raises `EngineError`, `QueryError`.
        """
        key = self._results.key_of(result)
        if key is not None and (kept := self._results.find(key)) is not None:
            return kept
        run = _Run(tag, deadline_at_monotonic, {}, QueryStatistics())
        for segment in result.segments:
            await self._run_segment(segment, run)
        reads = {segment.name for segment in result.segments}
        stream = await self._start(result.sql, result.tables, reads, _FORMATS[encoding], run)
        if result.segments:
            return StagedStream(stream, result.tables, run.used)
        return self._results.record(key, stream) if key is not None else stream

    async def write_lines(
        self,
        columns: Sequence[Column],
        stream: tuple[bytes, ...],
        line_format: ResultFormat,
        *,
        tag: str,
        disarmed: bool = False,
    ) -> ResultStream:
        """Return rows that are kept, as the chunks of one Arrow stream, in another format. Raises `EngineError`.

        `disarmed`: as `clickhouse.kept_rows.print_lines` says.
        """
        structure = tuple(SourceColumn(column.name, kept_type(column.type)) for column in columns)
        settings = self._settings
        return await self._engine.query(
            print_lines(columns, disarmed=disarmed),
            format=line_format,
            limits=QueryLimits(
                deadline_seconds=settings.query.default_timeout_seconds,
                max_memory_bytes=settings.engine.query_memory_bytes,
                max_threads=1,
            ),
            tag=tag,
            sources={SOURCE: SourceBody(structure, InputFormat.ARROW, stream)},
        )

    async def explain(self, outline: QueryOutline, tag: str) -> Explanation:
        """Return the outline of a query with what the engine says about it. Runs none of it. Raises `EngineError`."""
        return await explain(self._engine, outline, tag)

    def forget_results(self) -> None:
        """Drop what is kept of former results."""
        self._results.clear()

    async def measure(self, tag: str) -> QueryUsage | None:
        """Return what the engine has used for what runs under the tag; None while it runs nothing."""
        return await self._engine.measure(tag)

    async def kill(self, tag: str) -> int:
        """Stop what runs under the tag; return how many statements and segments there were."""
        return await self._workers.kill(tag) + await self._engine.kill(tag)

    async def _run_segment(self, segment: CompiledSegment, run: _Run) -> None:
        room = self._settings.segments.input_bytes
        inputs: list[tuple[bytes, ...]] = []
        for statement in segment.inputs:
            rows = await self._read(statement, segment, room, run)
            room -= sum(map(len, rows))
            inputs.append(rows)
        body = inputs[0] if isinstance(segment.operation, Keep) else await self._compute(segment, inputs, run)
        structure = tuple(SourceColumn(name, kind) for name, kind in segment.structure)
        run.sources[segment.name] = SourceBody(structure, InputFormat.ARROW, body)

    async def _compute(
        self, segment: CompiledSegment, inputs: list[tuple[bytes, ...]], run: _Run
    ) -> tuple[bytes, ...]:
        operation = segment.operation
        if isinstance(operation, ReadExternalData):
            operation = replace(operation, access=self._access)
        body = await self._workers.run(
            operation,
            segment.columns,
            inputs,
            tag=run.tag,
            deadline_seconds=run.remaining_seconds(),
        )
        return (body,)

    async def _read(
        self, statement: CompiledStatement, segment: CompiledSegment, room: int, run: _Run
    ) -> tuple[bytes, ...]:
        """Return the rows of a segment's input as the chunks of one Arrow stream."""
        chunks: list[bytes] = []
        stream = await self._start(
            statement.sql, statement.tables, statement.segments, ResultFormat.ARROW, run
        )
        async with stream:
            async for chunk in stream:
                room -= len(chunk)
                if room < 0:
                    limit = self._settings.segments.input_bytes
                    raise SegmentInputTooLarge(operation_name(segment.operation), limit)
                chunks.append(chunk)
        used = without_made_up_rows(stream.statistics, statement.tables)
        run.used = add_statistics(run.used, replace(used, result_rows=0, result_bytes=0))
        return tuple(chunks)

    async def _start(
        self,
        sql: str,
        tables: frozenset[EngineTable],
        reads: Iterable[str],
        result_format: ResultFormat,
        run: _Run,
    ) -> ResultStream:
        settings = self._settings.engine
        limits = QueryLimits(
            deadline_seconds=run.remaining_seconds(),
            max_memory_bytes=settings.query_memory_bytes,
            max_threads=settings.threads or None,
        )
        return await self._engine.query(
            sql,
            format=result_format,
            limits=limits,
            tag=run.tag,
            tables=tables,
            sources={name: run.sources[name] for name in reads},
        )


@dataclass(slots=True)
class _Run:
    """One result under way: the segments that are done, and what was used so far."""

    tag: str
    deadline_at_monotonic: float
    sources: dict[str, SourceBody]
    used: QueryStatistics

    def remaining_seconds(self) -> float:
        return max(0.001, self.deadline_at_monotonic - monotonic())


def without_made_up_rows(used: QueryStatistics, tables: frozenset[EngineTable]) -> QueryStatistics:
    """Return what was read of stored tables: the engine counts the rows that it makes up, or is sent, as well."""
    return used if tables else replace(used, rows_read=0, bytes_read=0)


def add_statistics(first: QueryStatistics, second: QueryStatistics) -> QueryStatistics:
    """Return what two statements used, one after the other."""
    return QueryStatistics(
        elapsed_seconds=first.elapsed_seconds + second.elapsed_seconds,
        rows_read=first.rows_read + second.rows_read,
        bytes_read=first.bytes_read + second.bytes_read,
        result_rows=first.result_rows + second.result_rows,
        result_bytes=first.result_bytes + second.result_bytes,
    )
