"""Rows that are written in the text: constant tables and counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, call, literal, null_of
from kelp.clickhouse.functions.ticks import datetime_of, ticks_of
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlTableFunction
from kelp.clickhouse.types import expression_type, is_nullable
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.types import Column
    from kelp.plan.nodes import Counter, Values


def no_rows(context: LoweringContext, columns: Iterable[Column]) -> Level:
    """Return a level with the columns and no row."""
    made = {
        column.name: Lowered(null_of(column.type), column.type, is_nullable(column.type))
        for column in columns
    }
    return Level(SqlTableFunction("numbers", (literal(0),)), context.fresh_alias(), made)


def lower_values(context: LoweringContext, plan: Values) -> Level:
    """Return the rows as one array a column, unrolled beside each other."""
    from kelp.clickhouse.lowering.expressions import lower_expression  # noqa: PLC0415 - expressions hold queries

    if not plan.rows:
        return no_rows(context, plan.columns)
    alias = context.fresh_alias()
    one_row = Level(SqlTableFunction("numbers", (literal(1),)), alias, {})
    if len(plan.rows) == 1:
        lowered = (lower_expression(context, value, one_row) for value in plan.rows[0])
        one_row.columns = {column.name: value for column, value in zip(plan.columns, lowered, strict=True)}
        return one_row
    for index, column in enumerate(plan.columns):
        items = tuple(lower_expression(context, row[index], one_row).sql for row in plan.rows)
        array = SqlCast(SqlCall("array", items), f"Array({expression_type(column.type)})")
        name = f"{alias}_{index}"
        one_row.array_join.append((name, array))
        nullable = is_nullable(column.type)
        one_row.columns[column.name] = Lowered(SqlColumn("", name), column.type, nullable)
    return one_row


def lower_counter(context: LoweringContext, plan: Counter) -> Level:
    """Return `range`: as many numbers as steps fit, scaled; none for a step of zero or away from the end."""
    from kelp.clickhouse.lowering.expressions import lower_expression  # noqa: PLC0415 - expressions hold queries

    alias = context.fresh_alias()
    level = Level(None, alias, {})
    start, stop, step = (
        lower_expression(context, part, level) for part in (plan.start, plan.stop, plan.step)
    )
    first, last = (_ordinal(part) for part in (start, stop))
    steps = call("floor", call("divide", call("minus", last, first), step.sql))
    count = call("greatest", call("toInt64", call("ifNotFinite", call("ifNull", steps, -1), -1)), -1)
    level.source = SqlTableFunction("numbers", (call("toUInt64", call("plus", count, 1)),))
    number = call("toInt64", SqlColumn(alias, "number"))
    value: SqlExpression = call("plus", first, call("multiply", number, step.sql))
    if plan.column.type is ScalarType.DATETIME:
        value = datetime_of(value)
    elif plan.column.type is not ScalarType.REAL:
        value = SqlCast(value, expression_type(plan.column.type))
    level.columns[plan.column.name] = Lowered(value, plan.column.type, nullable=True)
    return level


def _ordinal(value: Lowered) -> SqlExpression:
    return ticks_of(value) if value.type is ScalarType.DATETIME else value.sql
