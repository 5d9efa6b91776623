"""Aggregation functions that give numbers and single values. Nulls do not count (AGG-1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import collectors, group_rows, hll, percentiles, tdigest
from kelp.clickhouse.functions.groups import Group, over
from kelp.clickhouse.functions.spelling import AggregateSpelling, Lowered, as_text, call, literal, or_else
from kelp.clickhouse.functions.ticks import datetime_of, ticks_of
from kelp.clickhouse.sql import SqlCast
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.functions.groups import GroupSpelling
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall

_DISTINCT_BITS = {0: 12, 1: 16, 2: 16, 3: 17, 4: 18}
"""`dcount`'s accuracy as the size of the estimator: each is as good as KQL asks or better, and exact for small sets."""


def _count(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    """AGG-3: `count(x)` counts rows whatever x is; only a condition is looked at."""
    if arguments and arguments[0].type is T.BOOL:
        return _countif(aggregate, arguments)
    return Lowered(call("toInt64", call("count")), T.LONG, nullable=False)


def _countif(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    number = call("countIf", or_else(arguments[0], literal(False)))
    return Lowered(call("toInt64", number), aggregate.type, nullable=False)


def _estimate_distinct(group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-9: exact up to some thousands of values."""
    level = aggregate.arguments[-1] if len(aggregate.arguments) > 1 else None
    accuracy = level.value if isinstance(level, Literal) and level.type in (T.INT, T.LONG) else 1
    bits = _DISTINCT_BITS.get(accuracy) if isinstance(accuracy, int) else None
    if bits is None:
        raise refusal(WRONG_ARGUMENTS, "the accuracy of dcount is a number from 0 to 4", aggregate.span)
    return _distinct(group, "uniqCombined64", (literal(bits),))


def _count_distinct(group: Group, aggregate: AggregateCall) -> Lowered:
    del aggregate
    return _distinct(group, "uniqExact", ())


def _distinct(group: Group, name: str, parameters: tuple[SqlExpression, ...]) -> Lowered:
    kept = group.without_empty() if group.value.type is T.DYNAMIC else group
    number: SqlExpression = kept.apply(name, parameters=parameters)
    if group.value.nullable:
        number = call("ifNull", number, 0)
    return Lowered(call("toInt64", number), T.LONG, nullable=False)


def _sum(group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-2: 0 over no values."""
    total: SqlExpression = group.apply("sum")
    if group.value.nullable:
        total = call("ifNull", total, _zero(aggregate.type))
    return Lowered(total, aggregate.type, nullable=False)


def _zero(kind: T) -> SqlExpression:
    return SqlCast(literal("0"), "Decimal(38, 18)") if kind is T.DECIMAL else literal(0)


def _average(group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-4: NaN over no numbers, null over no times; exact for what is counted in ticks."""
    value = group.value
    if aggregate.type is T.REAL:
        mean = Lowered(group.apply("avg"), T.REAL, value.nullable)
        return Lowered(or_else(mean, literal(float("nan"))), T.REAL, nullable=False)
    if aggregate.type is T.DECIMAL:
        number = call("nullIf", call("toInt64", group.count()), 0)
        return Lowered(call("divide", group.apply("sum"), number), T.DECIMAL, nullable=True)
    ticks = ticks_of(value) if value.type is T.DATETIME else value.sql
    total = group.apply("sum", call("toInt128", ticks))
    mean_ticks = call("toInt64", call("intDivOrNull", total, group.count()))
    result = datetime_of(mean_ticks) if aggregate.type is T.DATETIME else mean_ticks
    return Lowered(result, aggregate.type, nullable=True)


def _or_null(name: str, group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-2: null over no values, where the engine says 0 if the argument is never null."""
    if aggregate.type is T.STRING:
        return as_text(group.apply(name), T.STRING)
    return Lowered(
        group.apply(name if group.value.nullable else f"{name}OrNull"), aggregate.type, nullable=True
    )


def _spread(name: str, least: int, group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-5: 0 for fewer than `least` values."""
    spread = group.apply(name, call("toFloat64", group.value.sql))
    chosen = call("if", call("less", group.count(), least), literal(0.0), spread)
    return Lowered(chosen, aggregate.type, group.value.nullable)


def _covariance(name: str, least: int, group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-5: 0 for fewer than `least` pairs without nulls."""
    left, right = (call("toFloat64", value.sql) for value in group.values)
    pairs = group.apply("count", call("plus", left, right))
    chosen = call("if", call("less", pairs, least), literal(0.0), group.apply(name, left, right))
    return Lowered(chosen, aggregate.type, any(value.nullable for value in group.values))


def _both(name: str, spell: GroupSpelling, values: int = 1) -> dict[str, AggregateSpelling]:
    """Return an aggregation and its form with a condition."""
    return {name: over(spell, values), f"{name}if": over(spell, values, conditional=True)}


SPELLINGS: dict[str, AggregateSpelling] = {
    "count": _count,
    "countif": _countif,
    **_both("dcount", _estimate_distinct),
    **_both("count_distinct", _count_distinct),
    **_both("sum", _sum),
    **_both("avg", _average),
    **_both("min", partial(_or_null, "min")),
    **_both("max", partial(_or_null, "max")),
    **_both("stdev", partial(_spread, "stddevSampStable", 2)),
    **_both("stdevp", partial(_spread, "stddevPopStable", 1)),
    **_both("variance", partial(_spread, "varSampStable", 2)),
    **_both("variancep", partial(_spread, "varPopStable", 1)),
    **_both("covariance", partial(_covariance, "covarSampStable", 2), 2),
    **_both("covariancep", partial(_covariance, "covarPopStable", 1), 2),
    "binary_all_and": over(partial(_or_null, "groupBitAnd")),
    "binary_all_or": over(partial(_or_null, "groupBitOr")),
    "binary_all_xor": over(partial(_or_null, "groupBitXor")),
    **group_rows.SPELLINGS,
    **percentiles.SPELLINGS,
    **collectors.SPELLINGS,
    **hll.AGGREGATES,
    **tdigest.AGGREGATES,
}

SPELLINGS_OF_FEW_GROUPS = {**percentiles.SPELLINGS_OF_FEW_GROUPS, **tdigest.AGGREGATES_OF_FEW_GROUPS}
