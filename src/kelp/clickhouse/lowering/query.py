"""A whole result: its plan lowered, capped, and its cells encoded for the wire."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.lowering.encoding import Encoding, encode_level
from kelp.clickhouse.lowering.level import LoweringContext
from kelp.clickhouse.lowering.statement import lower_statement
from kelp.clickhouse.sql import SqlCall, SqlLiteral
from kelp.plan.passes.delay_segments import cut_early
from kelp.plan.passes.prune_columns import keep_columns
from kelp.plan.rewrite import holds_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.lowering.level import Level
    from kelp.clickhouse.lowering.segment import LoweredSegment
    from kelp.clickhouse.lowering.statement import LoweredStatement
    from kelp.clickhouse.sql import SqlExpression
    from kelp.clickhouse.types import EngineTable
    from kelp.kql import bound
    from kelp.kql.types import Column
    from kelp.plan.nodes import Plan
    from kelp.plan.scope import PropertyPath


@dataclass(frozen=True, slots=True)
class LoweredQuery:
    """The statement of one result, and the segments that are run before it, in order.

    `property_reads` are the properties that it takes out of dynamic columns of stored tables.
    """

    statement: LoweredStatement
    segments: tuple[LoweredSegment, ...]
    property_reads: frozenset[tuple[EngineTable, PropertyPath]]


def lower_query(
    plan: Plan,
    columns: tuple[Column, ...],
    *,
    encoding: Encoding,
    row_cap: int | None,
    plan_inner: Callable[[bound.Operator], Plan],
) -> LoweredQuery:
    """Return the SQL of a plan that gives `columns`.

    `row_cap` bounds the rows (ask for one more than is shown, to know that there were more); `plan_inner` plans the
    queries inside expressions.
    """
    if holds_segment(plan):
        plan = keep_columns(plan, [column.name for column in columns])
        plan = cut_early(plan, row_cap) if row_cap is not None else plan
    staged: dict[str, tuple[Column, ...]] = {}
    while True:
        context = LoweringContext(plan_inner, staged=staged)
        statement = _lower(context, plan, columns, encoding, row_cap)
        shared = _shared_parts([*context.statements, context])
        if not shared:
            reads = context.property_reads.items()
            return LoweredQuery(
                statement,
                tuple(context.segments),
                frozenset((table, path) for table, paths in reads for path in paths),
            )
        # That they are read by several statements shows when all of them are lowered.
        staged |= shared


def _lower(
    context: LoweringContext, plan: Plan, columns: tuple[Column, ...], encoding: Encoding, row_cap: int | None
) -> LoweredStatement:
    def finish(level: Level) -> Level:
        if row_cap is not None and not _keeps_within(level.limit, row_cap):
            if level.limit is not None:
                level = level.close(context)
            level.limit = SqlLiteral(row_cap)
        return encode_level(context, level, columns, encoding)

    return lower_statement(context, plan, finish)


def _shared_parts(statements: list[LoweringContext]) -> dict[str, tuple[Column, ...]]:
    """Return the parts that more than one statement reads, each with the columns that any of them reads."""
    if len(statements) == 1:
        return {}
    uses = Counter(name for statement in statements for name in statement.materialized)
    found: dict[str, tuple[Column, ...]] = {}
    for name in (name for name, count in uses.items() if count > 1):
        parts = [statement.materialized[name] for statement in statements if name in statement.materialized]
        found[name] = tuple(
            {column.name: column for part in parts for column in part.columns.values()}.values()
        )
    return found


def _keeps_within(limit: SqlExpression | None, row_cap: int) -> bool:
    """Tell whether a limit of the query's own is a constant that makes another one needless."""
    if isinstance(limit, SqlCall) and limit.function == "toInt64":
        (limit,) = limit.arguments
    count = limit.value if isinstance(limit, SqlLiteral) else None
    return isinstance(count, int) and 0 <= count <= row_cap
