"""Expressions: column references, literals, calls through the spelling tables, queries inside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.ddl import RECEIPT_COLUMN
from kelp.clickhouse.functions.spelling import Lowered, call, literal, null_of
from kelp.clickhouse.functions.table import spelling_table
from kelp.clickhouse.lowering.any_text import gather_searches
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlExpression, SqlLiteral, SqlSubquery
from kelp.clickhouse.types import expression_type, print_moment, required_type
from kelp.kql import bound
from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.functions.spelling import AggregateSpelling
    from kelp.clickhouse.lowering.level import Level, LoweringContext

_TEXTS = (T.STRING, T.DYNAMIC)


def lower_expression(context: LoweringContext, value: bound.Expression, level: Level) -> Lowered:
    """Return the expression over the level's source."""
    match value:
        case bound.Literal():
            return lower_literal(value)
        case bound.ColumnReference():
            return level.columns[value.name]
        case bound.Call(function="ingestion_time"):
            return level.columns.get(RECEIPT_COLUMN) or Lowered(
                null_of(T.DATETIME), T.DATETIME, nullable=True
            )
        case bound.Call():
            arguments = tuple(lower_expression(context, part, level) for part in value.arguments)
            spelling = spelling_table().scalars.get(value.function)
            if spelling is None:
                raise refusal(
                    UNSUPPORTED, f"the function '{value.function}' is not supported by Kelp", value.span
                )
            return spelling(value, arguments)
        case bound.AggregateCall():
            arguments = tuple(lower_expression(context, part, level) for part in value.arguments)
            aggregate = _find_aggregate(value.function, level)
            if aggregate is None:
                raise refusal(
                    UNSUPPORTED, f"the aggregation '{value.function}' is not supported by Kelp", value.span
                )
            return aggregate(value, arguments)
        case bound.WindowCall():
            raise refusal(
                UNSUPPORTED, f"the function '{value.function}' is not supported by Kelp", value.span
            )
        case bound.ScalarQuery():
            return _lower_scalar_query(context, value)
        case bound.InQuery():
            return _lower_in_query(context, value, level)
        case _:
            assert_never(value)


def _find_aggregate(name: str, level: Level) -> AggregateSpelling | None:
    table = spelling_table()
    few = table.aggregates_of_few_groups.get(name) if level.has_few_groups else None
    return few or table.aggregates.get(name)


def lower_predicate(context: LoweringContext, value: bound.Expression, level: Level) -> list[SqlExpression]:
    """Return the conditions whose conjunction keeps exactly the rows for which `value` is true.

    Where only truth counts, null and false are the same, so `==` and `in` need no guard against null, which
    keeps conditions usable by indexes.
    """
    if isinstance(value, bound.Call) and value.function == "and":
        return [condition for part in value.arguments for condition in lower_predicate(context, part, level)]
    if isinstance(value, bound.Call) and value.function == "or":
        joined, rest = gather_searches(value.arguments, level)
        parts = [lower_predicate(context, part, level) for part in rest]
        joined += [part[0] if len(part) == 1 else SqlCall("and", tuple(part)) for part in parts]
        return joined if len(joined) == 1 else [SqlCall("or", tuple(joined))]
    if isinstance(value, bound.Call) and value.function in ("==", "in"):
        arguments = tuple(
            replace(lower_expression(context, part, level), nullable=False) for part in value.arguments
        )
        return [spelling_table().scalars[value.function](value, arguments).sql]
    return [lower_expression(context, value, level).sql]


def lower_literal(value: bound.Literal) -> Lowered:
    """Return a constant with its engine type made explicit where the bare literal would be read as another."""
    kind, constant = value.type, value.value
    if constant is None:
        return Lowered(null_of(kind), kind, nullable=kind not in _TEXTS)
    return Lowered(_constant(kind, constant), kind, nullable=False)


def _constant(kind: T, constant: bool | float | str) -> SqlExpression:  # noqa: FBT001 - a constant may be a truth value
    match kind:
        case T.STRING | T.DYNAMIC:
            return literal(str(constant))
        case T.BOOL:
            return literal(bool(constant))
        case T.INT | T.LONG | T.TIMESPAN:
            return call("toInt32" if kind is T.INT else "toInt64", int(constant))
        case T.REAL:
            return literal(float(constant))
        case T.DATETIME:
            return datetime_constant(int(constant))
        case T.DECIMAL | T.GUID:
            return SqlCast(SqlLiteral(str(constant)), required_type(kind))
        case _:
            assert_never(kind)


def datetime_constant(ticks: int) -> SqlExpression:
    """Return a moment, given in 100 ns since 1970, as the engine's constant."""
    return SqlCast(SqlLiteral(print_moment(ticks)), required_type(T.DATETIME))


def _lower_scalar_query(context: LoweringContext, value: bound.ScalarQuery) -> Lowered:
    known = context.scalars.get(id(value.query))
    if known is not None:
        return known[1]
    lowered = _spell_scalar_query(context, value)
    # The query is kept beside, so that its identity is not given to another one.
    context.scalars[id(value.query)] = (value.query, lowered)
    return lowered


def _spell_scalar_query(context: LoweringContext, value: bound.ScalarQuery) -> Lowered:
    from kelp.clickhouse.lowering.nodes import lower_scoped  # noqa: PLC0415 - nodes build on expressions

    name = value.query.schema.columns[0].name
    level = lower_scoped(context, value.query, (name,))
    if level.limit is not None:
        level = level.close(context)
    level.limit = SqlLiteral(1)
    level.columns = {name: level.columns[name]}
    subquery = SqlSubquery(level.to_select())
    if value.type in _TEXTS:
        return Lowered(call("ifNull", subquery, ""), value.type, nullable=False)
    return Lowered(SqlCast(subquery, expression_type(value.type)), value.type, nullable=True)


def _lower_in_query(context: LoweringContext, value: bound.InQuery, level: Level) -> Lowered:
    from kelp.clickhouse.lowering.nodes import lower_scoped  # noqa: PLC0415 - nodes build on expressions

    name = value.query.schema.columns[0].name
    inner = lower_scoped(context, value.query, (name,))
    column = inner.columns[name]
    subject = lower_expression(context, value.subject, level)
    if value.ignore_case:
        inner.columns = {name: Lowered(call("lowerUTF8", column.sql), T.STRING, nullable=False)}
        found: SqlExpression = call("in", call("lowerUTF8", subject.sql), SqlSubquery(inner.to_select()))
    else:
        inner.columns = {name: column}
        found = call("in", subject.sql, SqlSubquery(inner.to_select()))
    if subject.nullable or column.nullable:
        found = call("ifNull", found, literal(False))
    return Lowered(call("not", found) if value.negated else found, T.BOOL, nullable=False)
