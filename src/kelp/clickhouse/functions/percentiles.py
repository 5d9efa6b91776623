"""Percentiles by rank: a value of the group, never one between two (AGG-8).

They may be off by a thousandth of the ranks; weighted ones are exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.groups import Group
from kelp.clickhouse.functions.spelling import (
    AggregateSpelling,
    Lowered,
    as_text,
    call,
    literal,
    null_of,
    or_else,
)
from kelp.clickhouse.sql import SqlCall, SqlCast
from kelp.clickhouse.types import required_type
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall

_ACCURACY = 1000
"""The estimator is off by at most this part of the ranks, and not at all for up to half as many values."""

_PROMOTED = {T.INT: T.LONG, T.DECIMAL: T.REAL}


def _single(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    """`percentile(x, 95)` and, with a weight, `percentilew(x, w, 95)`."""
    return _at(aggregate, arguments[:-1], 1, _levels(aggregate, len(arguments) - 1))


def _one_of_several(values: int) -> AggregateSpelling:
    def spelled(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
        position = aggregate.arguments[values]
        assert isinstance(position, Literal)
        assert isinstance(position.value, int)
        return _at(aggregate, arguments[:values], position.value, _levels(aggregate, values + 1))

    return spelled


def _array(values: int) -> AggregateSpelling:
    def spelled(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
        kind = _PROMOTED.get(arguments[0].type, arguments[0].type)
        quantiles = _quantiles(arguments[:values], _levels(aggregate, values))
        items = array_value(SqlCast(quantiles, f"Array({required_type(kind)})"), kind)
        nowhere = Group(arguments[:1]).is_without_values()
        return as_text(call("if", nowhere, "", items.sql), aggregate.type)

    return spelled


def _at(
    aggregate: AggregateCall, values: tuple[Lowered, ...], position: int, levels: tuple[float, ...]
) -> Lowered:
    found: SqlExpression = call("arrayElement", _quantiles(values, levels), position)
    if aggregate.type is T.LONG:
        found = call("toInt64", found)
    nowhere = Group(values).is_without_values()
    return Lowered(call("if", nowhere, null_of(aggregate.type), found), aggregate.type, nullable=True)


def _quantiles(values: tuple[Lowered, ...], levels: tuple[float, ...]) -> SqlExpression:
    """Return all levels at once, since the engine computes the same aggregate only once."""
    value = values[0]
    sql = call("toFloat64", value.sql) if value.type is T.DECIMAL else value.sql
    parameters = tuple(literal(level) for level in levels)
    if len(values) == 1:
        return SqlCall("quantilesGK", (sql,), (literal(_ACCURACY), *parameters))
    weight = call("toUInt64", call("greatest", or_else(values[1], literal(0)), 0))
    return SqlCall("quantilesExactWeighted", (sql, weight), parameters)


def _levels(aggregate: AggregateCall, start: int) -> tuple[float, ...]:
    return tuple(_level_of(level, aggregate) for level in aggregate.arguments[start:])


def _level_of(level: object, aggregate: AggregateCall) -> float:
    if isinstance(level, Literal) and level.type.is_numeric and level.value is not None:
        percent = float(level.value)
        if 0 <= percent <= 100:
            return percent / 100
    raise refusal(WRONG_ARGUMENTS, "a percentile is a constant number from 0 to 100", aggregate.span)


SPELLINGS: dict[str, AggregateSpelling] = {
    "percentile": _single,
    "percentilew": _single,
    "$percentiles": _one_of_several(1),
    "$percentilesw": _one_of_several(2),
    "$percentiles_array": _array(1),
    "$percentilesw_array": _array(2),
}
