"""A whole result: its plan lowered, capped, and its cells encoded for the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kelp.clickhouse.lowering.encoding import Encoding, encode_level
from kelp.clickhouse.lowering.level import LoweringContext
from kelp.clickhouse.lowering.nodes import lower_node
from kelp.clickhouse.sql import SqlCall, SqlLiteral
from kelp.plan.passes.prune_columns import keep_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression, SqlQuery, SqlSelect
    from kelp.clickhouse.types import EngineTable
    from kelp.kql import bound
    from kelp.kql.types import Column
    from kelp.plan.nodes import Plan


@dataclass(frozen=True, slots=True)
class LoweredQuery:
    """The SQL of one result, its columns, and the stored tables it reads."""

    select: SqlSelect
    columns: tuple[Column, ...]
    tables: frozenset[EngineTable]


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
    level = lower_node(context, plan)
    if row_cap is not None and not _keeps_within(level.limit, row_cap):
        if level.limit is not None:
            level = level.close(context)
        level.limit = SqlLiteral(row_cap)
    level = encode_level(context, level, columns, encoding)
    select = replace(level.to_select(), shared=_lower_materialized(context))
    return LoweredQuery(select, columns, frozenset(context.tables))


def _keeps_within(limit: SqlExpression | None, row_cap: int) -> bool:
    """Tell whether a limit of the query's own is a constant that makes another one needless."""
    if isinstance(limit, SqlCall) and limit.function == "toInt64":
        (limit,) = limit.arguments
    count = limit.value if isinstance(limit, SqlLiteral) else None
    return isinstance(count, int) and 0 <= count <= row_cap


def _lower_materialized(context: LoweringContext) -> tuple[tuple[str, SqlQuery], ...]:
    """Return the parts that are computed once, each before those that use it.

    The later a part was named, the more parts it may use, so that the last one named is lowered first: by the turn of
    a part all that read it have said which columns they need.
    """
    lowered: dict[str, SqlQuery] = {}
    while waiting := [name for name in context.materialized if name not in lowered]:
        name = max(waiting, key=_number_of)
        part = context.materialized[name]
        level = lower_node(context, keep_columns(part.plan, part.columns))
        level.columns = {column: level.columns[column] for column in part.columns}
        lowered[name] = level.to_select()
    return tuple(reversed(lowered.items()))


def _number_of(name: str) -> int:
    return int(name.rpartition("_")[2])
