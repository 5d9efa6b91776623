"""KQL text to statements: the whole chain in order. Used alike for queries and for transformations."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kelp.clickhouse.lowering import lower_query
from kelp.clickhouse.lowering.arrow import arrow_type
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.printer import print_query
from kelp.clickhouse.verify import verify
from kelp.kql.binder import bind
from kelp.kql.bound import BoundResult
from kelp.kql.parser import parse
from kelp.kql.plan_limits import check_plan_limits
from kelp.kql.questions import MAX_ANSWER_ROWS, QuestionAsked, RequestAsked
from kelp.kql.slow_patterns import find_slow_patterns
from kelp.plan.builder import build_plan
from kelp.plan.passes import PlanContext, run_passes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.clickhouse.lowering.segment import LoweredSegment
    from kelp.clickhouse.lowering.statement import LoweredStatement
    from kelp.clickhouse.types import EngineTable
    from kelp.kql import syntax
    from kelp.kql.asker import Asker
    from kelp.kql.bound import Operator, Visualization
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.questions import Answer, WebRequest
    from kelp.kql.schema import SchemaProvider
    from kelp.kql.types import Column
    from kelp.plan.nodes import Plan
    from kelp.plan.scope import PropertyPath, QueryScope
    from kelp.plan.segment_operations import SegmentColumn, SegmentOperation


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A SELECT, the stored tables it reads, and the segments, which it reads as relations of those names."""

    sql: str
    tables: frozenset[EngineTable]
    segments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CompiledSegment:
    """A part that no statement can compute: `kelp.segments` makes its rows of those that the inputs give as Arrow.

    `columns` are what it makes; to the statements that read it, it is a relation of that name and `structure`, pairs of
    names and the engine's types.
    """

    name: str
    inputs: tuple[CompiledStatement, ...]
    operation: SegmentOperation
    columns: tuple[SegmentColumn, ...]
    structure: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CompiledResult:
    """One result table: its SQL, columns in order, and the stored tables that the SQL reads.

    `segments` are run before it, in order; each may read those before it. All that the result needs is in there.
    `property_reads` are the properties that it takes out of dynamic columns of stored tables.
    """

    name: str
    sql: str
    columns: tuple[Column, ...]
    tables: frozenset[EngineTable]
    visualization: Visualization | None
    segments: tuple[CompiledSegment, ...] = ()
    property_reads: frozenset[tuple[EngineTable, PropertyPath]] = frozenset()

    @property
    def all_tables(self) -> frozenset[EngineTable]:
        """The stored tables that are read for this result."""
        return self.tables.union(*(part.tables for segment in self.segments for part in segment.inputs))


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """All results of a query, its `set` options, and warnings.

    One that `reads_clock` is another one at another time.
    """

    results: tuple[CompiledResult, ...]
    options: Mapping[str, str]
    warnings: tuple[Diagnostic, ...]
    reads_clock: bool


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """How to compile.

    `now_ticks`: what `now()` gives, in 100 ns since 1970. `time_range`: the request's timespan, half-open, in the
    same unit. `row_cap`: rows of each result at the most. `parameters`: values of declared query parameters.
    `asker`: whom the query is for, None where nobody has signed in. `limits_plans`: whether the limits hold of tables
    with a cheaper plan, as they do for whoever asks, and not for Kelp's own work.
    """

    now_ticks: int
    time_range: tuple[int, int] | None = None
    encoding: Encoding = Encoding.WIRE
    row_cap: int | None = None
    parameters: Mapping[str, syntax.Expression] | None = None
    answers: tuple[Answer, ...] = ()
    asker: Asker | None = None
    limits_plans: bool = False


class DataNeeded(Exception):
    """What the text means depends on data: run or send `question`, and compile again with its rows in the answers."""

    def __init__(self, question: CompiledResult | WebRequest) -> None:
        super().__init__("the meaning of the query depends on data")
        self.question = question


def read_answer(rows: bytes) -> Answer:
    """Return the rows of a question out of the engine's JSON, a row a line."""
    return tuple(tuple(json.loads(line)) for line in rows.splitlines())


def compile_query(
    text: str, provider: SchemaProvider, scope: QueryScope, options: CompileOptions
) -> CompiledQuery:
    """Return the statements of a query.

    Raises `QueryRefusedError` for a text that does not parse, has no meaning in the scope, or asks for what
    Kelp does not do; `DataNeeded` where the answers do not suffice; `OutOfScopeError` when the compiler itself
    failed to stay inside the scope.
    """
    try:
        parsed = parse(text)
        bound = bind(parsed, provider, options.now_ticks, options.parameters, options.answers, options.asker)
    except QuestionAsked as asked:
        wanted = replace(options, encoding=Encoding.WIRE, row_cap=MAX_ANSWER_ROWS + 1)
        raise DataNeeded(
            _compile_result(BoundResult("Question", asked.question, None), scope, wanted)
        ) from None
    except RequestAsked as asked:
        raise DataNeeded(asked.request) from None
    if options.limits_plans and any(
        part.has_limited_plan for parts in scope.tables.values() for part in parts
    ):
        check_plan_limits(bound, parsed)
    results = tuple(_compile_result(result, scope, options) for result in bound.results)
    slow = find_slow_patterns(bound, parsed, has_time_range=options.time_range is not None)
    return CompiledQuery(results, bound.options, bound.warnings + slow, bound.reads_clock)


def _compile_result(result: BoundResult, scope: QueryScope, options: CompileOptions) -> CompiledResult:
    context = PlanContext(scope, options.time_range)

    def plan(operator: Operator) -> Plan:
        return run_passes(build_plan(operator), context)

    columns = result.operator.schema.columns
    lowered = lower_query(
        plan(result.operator),
        columns,
        encoding=options.encoding,
        row_cap=options.row_cap,
        plan_inner=plan,
    )
    segments = tuple(_compile_segment(segment, scope) for segment in lowered.segments)
    statement = _compile_statement(lowered.statement, scope)
    return CompiledResult(
        result.name,
        statement.sql,
        columns,
        statement.tables,
        result.visualization,
        segments,
        lowered.property_reads,
    )


def _compile_segment(segment: LoweredSegment, scope: QueryScope) -> CompiledSegment:
    return CompiledSegment(
        segment.name,
        tuple(_compile_statement(part, scope) for part in segment.inputs),
        segment.operation,
        segment.columns,
        tuple((column.name, arrow_type(column)) for column in segment.columns),
    )


def _compile_statement(statement: LoweredStatement, scope: QueryScope) -> CompiledStatement:
    """Whatever reads stored tables is verified, whether its rows are shown or given to a segment."""
    verify(statement.select, scope, statement.segments)
    return CompiledStatement(print_query(statement.select), statement.tables, statement.segments)
