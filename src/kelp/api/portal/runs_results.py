"""The rows of a run as a browser or a program takes them: Arrow as it came from the engine, and what is made of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kelp.api.portal.runs import RunState
from kelp.api.portal.runs_parquet import ParquetWriter
from kelp.base.errors import Category, ServiceError
from kelp.engine.contract import ResultFormat
from kelp.query.arrow_rows import STREAM_END

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    import pyarrow as pa

    from kelp.api.portal.runs import Run, Runs, RunTable
    from kelp.api.query.runner import QueryRunner
    from kelp.api.query.streaming import Chunks
    from kelp.query.arrow_rows import RowBatch


class RowsFormat(StrEnum):
    """How the rows are written."""

    ARROW = "arrow"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    EXCEL_CSV = "excel-csv"
    PARQUET = "parquet"


MEDIA_TYPES: Mapping[RowsFormat, str] = {
    RowsFormat.ARROW: "application/vnd.apache.arrow.stream",
    RowsFormat.JSON: "application/json; charset=utf-8",
    RowsFormat.JSONL: "application/jsonl; charset=utf-8",
    RowsFormat.CSV: "text/csv; charset=utf-8",
    RowsFormat.EXCEL_CSV: "text/csv; charset=utf-8",
    RowsFormat.PARQUET: "application/vnd.apache.parquet",
}
ENDINGS: Mapping[RowsFormat, str] = {
    RowsFormat.ARROW: "arrows",
    RowsFormat.JSON: "json",
    RowsFormat.JSONL: "jsonl",
    RowsFormat.CSV: "csv",
    RowsFormat.EXCEL_CSV: "csv",
    RowsFormat.PARQUET: "parquet",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows of a run are wanted: of its table of that number from `skip` on, `top` at the most."""

    table: int = 0
    skip: int = 0
    top: int | None = None


@dataclass(frozen=True, slots=True)
class RunResults:
    """Writes rows of runs. While they are read, the run goes on."""

    runs: Runs
    runner: QueryRunner

    async def iter_rows(self, run: Run, part: Part, rows_format: RowsFormat) -> Chunks:
        """Yield the rows in a format; Arrow as they come, the others once the run has ended.

        Raises what the run failed with before it had that table, or not_found where it has none.
        """
        with self.runs.watch(run):
            async with aclosing(self._iter_format(run, part, rows_format)) as chunks:
                async for chunk in chunks:
                    yield chunk

    def _iter_format(self, run: Run, part: Part, rows_format: RowsFormat) -> Chunks:
        match rows_format:
            case RowsFormat.ARROW:
                return iter_arrow(run, part)
            case RowsFormat.PARQUET:
                return _iter_parquet(run, part)
            case RowsFormat.JSON:
                return _as_array(self._iter_lines(run, part, ResultFormat.JSON_EACH_ROW))
            case RowsFormat.JSONL:
                return self._iter_lines(run, part, ResultFormat.JSON_EACH_ROW)
            case RowsFormat.CSV:
                return self._iter_lines(run, part, ResultFormat.CSV)
            case RowsFormat.EXCEL_CSV:
                return _with_mark(self._iter_lines(run, part, ResultFormat.CSV, disarmed=True))

    async def _iter_lines(
        self, run: Run, part: Part, line_format: ResultFormat, *, disarmed: bool = False
    ) -> Chunks:
        table = await _wait_for_whole_table(run, part.table)
        stream = tuple([chunk async for chunk in iter_arrow(run, part)])
        lines = await self.runner.tagged.write_lines(
            table.columns, stream, line_format, tag=run.id, disarmed=disarmed
        )
        async with lines:
            async for chunk in lines:
                yield chunk


async def iter_arrow(run: Run, part: Part) -> Chunks:
    """Yield rows as one Arrow IPC stream."""
    begun = False
    async for batch in _iter_batches(run, part):
        if not begun:
            begun = True
            yield batch.schema.serialize().to_pybytes()
        yield batch.message
    if not begun:
        table = await _wait_for_table(run, part.table)
        yield (await _wait_for_schema(run, table)).serialize().to_pybytes()
    yield STREAM_END


async def _iter_batches(run: Run, part: Part) -> AsyncGenerator[RowBatch, None]:
    """Yield rows as they come."""
    table = await _wait_for_table(run, part.table)
    batches = table.batches
    position, seen, left = 0, 0, part.top
    while left is None or left > 0:
        if position == len(batches):
            if table.is_whole or run.state is RunState.ENDED:
                return
            await run.wait_for_change()
            continue
        batch = batches[position]
        position, start = position + 1, max(0, part.skip - seen)
        seen += batch.rows
        kept = batch.slice(start, batch.rows if left is None else left)
        if kept.rows:
            left = None if left is None else left - kept.rows
            yield kept


async def _wait_for_table(run: Run, index: int) -> RunTable:
    """Return a table once its columns are known."""
    while len(run.tables) <= index and run.state is not RunState.ENDED:
        await run.wait_for_change()
    if len(run.tables) > index:
        return run.tables[index]
    if run.failure is not None:
        raise run.failure
    message = f"The result has {len(run.tables)} tables; the first is 0."
    raise ServiceError(Category.NOT_FOUND, "TableNotFound", message, target="table")


async def _wait_for_whole_table(run: Run, index: int) -> RunTable:
    table = await _wait_for_table(run, index)
    while not table.is_whole and run.state is not RunState.ENDED:
        await run.wait_for_change()
    return table


async def _wait_for_schema(run: Run, table: RunTable) -> pa.Schema:
    while table.schema is None and run.state is not RunState.ENDED:
        await run.wait_for_change()
    if table.schema is not None:
        return table.schema
    message = "The query ended before its first row."
    raise run.failure or ServiceError(Category.NOT_FOUND, "TableNotFound", message)


async def _as_array(lines: Chunks) -> Chunks:
    """Make one JSON array of JSON documents that have a line each; a line end inside of a value is escaped."""
    opening = b"["
    async with aclosing(lines):
        async for chunk in lines:
            yield opening + chunk[:-1].replace(b"\n", b",\n")
            opening = b",\n"
    yield b"]" if opening != b"[" else b"[]"


async def _with_mark(lines: Chunks) -> Chunks:
    """Put the mark in front by which spreadsheets know UTF-8."""
    yield b"\xef\xbb\xbf"
    async with aclosing(lines):
        async for chunk in lines:
            yield chunk


async def _iter_parquet(run: Run, part: Part) -> Chunks:
    """Yield a Parquet file, a row group for each batch."""
    table = await _wait_for_whole_table(run, part.table)
    batches = [batch async for batch in _iter_batches(run, part)]
    schema = await _wait_for_schema(run, table)
    writer = await asyncio.to_thread(ParquetWriter, table.columns, schema, batches)
    for batch in batches:
        yield await asyncio.to_thread(writer.write, batch)
    yield await asyncio.to_thread(writer.close)
