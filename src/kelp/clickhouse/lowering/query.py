"""A whole result: its plan lowered, capped, and its cells encoded for the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.lowering.encoding import Encoding, encode_level
from kelp.clickhouse.lowering.level import LoweringContext
from kelp.clickhouse.lowering.statement import lower_statement
from kelp.clickhouse.sql import SqlCall, SqlLiteral

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.lowering.level import Level
    from kelp.clickhouse.lowering.segment import LoweredSegment
    from kelp.clickhouse.lowering.statement import LoweredStatement
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql import bound
    from kelp.kql.types import Column
    from kelp.plan.nodes import Plan


@dataclass(frozen=True, slots=True)
class LoweredQuery:
    """The statement of one result, and the segments that are run before it, in order."""

    statement: LoweredStatement
    segments: tuple[LoweredSegment, ...]


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
    context = LoweringContext(plan_inner)

    def finish(level: Level) -> Level:
        if row_cap is not None and not _keeps_within(level.limit, row_cap):
            if level.limit is not None:
                level = level.close(context)
            level.limit = SqlLiteral(row_cap)
        return encode_level(context, level, columns, encoding)

    return LoweredQuery(lower_statement(context, plan, finish), tuple(context.segments))


def _keeps_within(limit: SqlExpression | None, row_cap: int) -> bool:
    """Tell whether a limit of the query's own is a constant that makes another one needless."""
    if isinstance(limit, SqlCall) and limit.function == "toInt64":
        (limit,) = limit.arguments
    count = limit.value if isinstance(limit, SqlLiteral) else None
    return isinstance(count, int) and 0 <= count <= row_cap
