"""What becomes of a query, stage by stage, without running anything of it. Pure: text in, text out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.compiler import CompiledStatement, compile_query
from kelp.clickhouse.types import EngineTable
from kelp.kql.binder import bind
from kelp.kql.binder.complexity import too_deep
from kelp.kql.parser import parse
from kelp.kql.unparse import unparse
from kelp.plan.builder import build_plan
from kelp.plan.nodes import ScopedScan
from kelp.plan.outline import holds_scalar_query, outline
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.rewrite import iter_inputs
from kelp.plan.segment_operations import operation_name

if TYPE_CHECKING:
    from kelp.clickhouse.compiler import CompiledResult, CompileOptions
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.schema import SchemaProvider
    from kelp.kql.types import Column
    from kelp.plan.nodes import Plan
    from kelp.plan.scope import QueryScope


@dataclass(frozen=True, slots=True)
class OutlinedStatement:
    """A statement of the engine. `runs_when_explained`: the engine could not tell its plan without running a part."""

    title: str
    statement: CompiledStatement
    runs_when_explained: bool


@dataclass(frozen=True, slots=True)
class TableRead:
    """A stored table and the columns of it that the plan reads; none where only a subquery in an expression does."""

    table: EngineTable
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutlinedResult:
    """One result table: what the binder and the plan made of it, its statements in order, and what they read."""

    name: str
    columns: tuple[Column, ...]
    bound: str
    plan: str
    statements: tuple[OutlinedStatement, ...]
    segments: tuple[str, ...]
    reads: tuple[TableRead, ...]


@dataclass(frozen=True, slots=True)
class QueryOutline:
    """A whole query. `text` is spelled in Kelp's own way."""

    text: str
    results: tuple[OutlinedResult, ...]
    warnings: tuple[Diagnostic, ...]


def outline_query(
    text: str, provider: SchemaProvider, scope: QueryScope, options: CompileOptions
) -> QueryOutline:
    """Return the stages of a query. Raises what `compile_query` raises."""
    compiled = compile_query(text, provider, scope, options)
    parsed = parse(text)
    bound = bind(parsed, provider, options.now_ticks, options.parameters, options.answers, options.asker)
    context = PlanContext(scope, options.time_range)
    try:
        results = tuple(
            _outline_result(done, outline(result.operator), run_passes(build_plan(result.operator), context))
            for done, result in zip(compiled.results, bound.results, strict=True)
        )
    except RecursionError:
        raise too_deep(parsed.block.span) from None
    return QueryOutline(unparse(parsed.block), results, compiled.warnings)


def _outline_result(compiled: CompiledResult, bound_text: str, plan: Plan) -> OutlinedResult:
    runs = holds_scalar_query(plan)
    inputs = [
        (f"{segment.name}, input {number}", part)
        for segment in compiled.segments
        for number, part in enumerate(segment.inputs, start=1)
    ]
    own = CompiledStatement(
        compiled.sql, compiled.tables, frozenset(segment.name for segment in compiled.segments)
    )
    return OutlinedResult(
        compiled.name,
        compiled.columns,
        bound_text,
        outline(plan),
        tuple(
            OutlinedStatement(title, part, runs or bool(part.segments))
            for title, part in (*inputs, (compiled.name, own))
        ),
        tuple(f"{segment.name}: {operation_name(segment.operation)}" for segment in compiled.segments),
        _find_reads(plan, compiled.all_tables),
    )


def _find_reads(plan: Plan, tables: frozenset[EngineTable]) -> tuple[TableRead, ...]:
    columns: dict[EngineTable, dict[str, None]] = {table: {} for table in sorted(tables)}
    waiting = [plan]
    while waiting:
        node = waiting.pop()
        waiting.extend(iter_inputs(node))
        if isinstance(node, ScopedScan):
            read = columns.get(EngineTable(node.table.database, node.table.table))
            if read is not None:
                read.update(dict.fromkeys(column.name for column in node.columns))
    return tuple(TableRead(table, tuple(read)) for table, read in columns.items())
