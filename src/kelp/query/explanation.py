"""What a query would do, and what it would read: told without running it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kelp.clickhouse.introspection import estimate_rows, explain_plan, select_column_sizes
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import QueryLimits, ResultFormat
from kelp.kql.slow_patterns import worth_showing

if TYPE_CHECKING:
    from kelp.clickhouse.explanation import OutlinedResult, OutlinedStatement, QueryOutline, TableRead
    from kelp.engine.contract import Engine
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.types import Column

_SECONDS = 20.0
"""For each question to the engine; it reads its metadata and index only."""


@dataclass(frozen=True, slots=True)
class ExplainedStatement:
    """A statement of the engine and its plan there, a line each.

    No lines where the engine could tell them only by running a part of the query.
    """

    title: str
    sql: str
    engine_plan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableEstimate:
    """What would be read of a stored table, after its index was asked; None where that is not known."""

    table: str
    columns: tuple[str, ...]
    rows: int | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class ExplainedResult:
    """One result table, stage by stage. `segments` are parts that run outside of the engine."""

    name: str
    columns: tuple[Column, ...]
    bound: str
    plan: str
    segments: tuple[str, ...]
    statements: tuple[ExplainedStatement, ...]
    reads: tuple[TableEstimate, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A whole query. `text` is spelled in Kelp's own way."""

    text: str
    results: tuple[ExplainedResult, ...]
    warnings: tuple[Diagnostic, ...]


def without_volumes(explanation: Explanation) -> Explanation:
    """Return what may be told to a caller who may not see every row: not how much there is in the tables."""
    results = tuple(
        replace(
            result,
            statements=tuple(replace(part, engine_plan=()) for part in result.statements),
            reads=(),
        )
        for result in explanation.results
    )
    return replace(explanation, results=results)


async def explain(engine: Engine, outline: QueryOutline, tag: str) -> Explanation:
    """Return the outline with what the engine says about it. Reads no rows. Raises `EngineError`."""
    results = [await _explain_result(engine, result, tag) for result in outline.results]
    counts = [read.rows for result in results for read in result.reads]
    rows = None if None in counts else sum(count or 0 for count in counts)
    return Explanation(outline.text, tuple(results), worth_showing(outline.warnings, rows))


async def _explain_result(engine: Engine, outline: OutlinedResult, tag: str) -> ExplainedResult:
    statements: list[ExplainedStatement] = []
    rows: dict[EngineTable, int] = {}
    for part in outline.statements:
        statements.append(await _explain_statement(engine, part, tag))
        for table, count in await _estimate(engine, part, tag):
            rows[table] = rows.get(table, 0) + count
    known = all(not part.runs_when_explained for part in outline.statements)
    reads = [
        await _measure(engine, read, rows.get(read.table, 0) if known else None, tag)
        for read in outline.reads
    ]
    return ExplainedResult(
        outline.name,
        outline.columns,
        outline.bound,
        outline.plan,
        outline.segments,
        tuple(statements),
        tuple(reads),
    )


async def _explain_statement(engine: Engine, part: OutlinedStatement, tag: str) -> ExplainedStatement:
    lines: tuple[str, ...] = ()
    if not part.runs_when_explained:
        lines = tuple(str(row[0]) for row in await _ask(engine, explain_plan(part.statement.sql), part, tag))
    return ExplainedStatement(part.title, part.statement.sql, lines)


async def _estimate(engine: Engine, part: OutlinedStatement, tag: str) -> list[tuple[EngineTable, int]]:
    if part.runs_when_explained or not part.statement.tables:
        return []
    found = await _ask(engine, estimate_rows(part.statement.sql), part, tag)
    return [(EngineTable(database, table), int(rows)) for database, table, _, rows, _ in found]


async def _measure(engine: Engine, read: TableRead, rows: int | None, tag: str) -> TableEstimate:
    """Return the estimate of a table: as much of the bytes of its columns as is read of its rows."""
    sizes = await _rows_of(engine, select_column_sizes(read.table), frozenset(), tag)
    total = max((int(count) for _, count, *_ in sizes), default=0)
    wanted = set(read.columns)
    stored = sum(
        int(own) + int(shared) // len(sizes)
        for column, _, own, shared in sizes
        if not wanted or column in wanted
    )
    read_bytes = None if rows is None else round(stored * rows / total) if total else 0
    return TableEstimate(read.table.name, read.columns, rows, read_bytes)


async def _ask(engine: Engine, sql: str, part: OutlinedStatement, tag: str) -> list[list[Any]]:
    return await _rows_of(engine, sql, part.statement.tables, tag)


async def _rows_of(engine: Engine, sql: str, tables: frozenset[EngineTable], tag: str) -> list[list[Any]]:
    limits = QueryLimits(deadline_seconds=_SECONDS)
    rows = bytearray()
    stream = await engine.query(sql, format=ResultFormat.JSON_ROWS, limits=limits, tag=tag, tables=tables)
    async with stream:
        async for chunk in stream:
            rows += chunk
    return [json.loads(line) for line in rows.splitlines()]
