"""Percentiles by rank: a value of the group, never one between two (AGG-8).

Exact ones keep all values: 8 bytes for a row. The estimator needs no more than some kilobytes, but for every group, so
that it suits few groups of many rows; there the rank may be off by a thousandth.
"""

from __future__ import annotations

from collections.abc import Callable
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
from kelp.clickhouse.sql import SqlCast
from kelp.clickhouse.types import required_type
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall

_ACCURACY = 1000
"""The estimator is off by at most this part of the ranks, and not at all for up to half as many values."""

_ROUNDING = 1e-12
"""The engine's exact quantile cuts `level * count` to a whole number, counted from 0; this makes it the rank above."""

_PROMOTED = {T.INT: T.LONG, T.DECIMAL: T.REAL}

Quantiles = Callable[[Group, tuple[float, ...]], "SqlExpression"]
"""Gives an array of the values at all levels at once, since the engine computes the same aggregate only once."""


def _single(quantiles: Quantiles, values: int) -> AggregateSpelling:
    """Spell `percentile(x, 95)` and, with a weight, `percentilew(x, w, 95)`."""

    def spelled(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
        group = _numbers(arguments[:values])
        return _at(aggregate, group, 1, quantiles(group, _levels(aggregate, values)))

    return spelled


def _one_of_several(quantiles: Quantiles, values: int) -> AggregateSpelling:
    def spelled(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
        position = aggregate.arguments[values]
        assert isinstance(position, Literal)
        assert isinstance(position.value, int)
        group = _numbers(arguments[:values])
        return _at(aggregate, group, position.value, quantiles(group, _levels(aggregate, values + 1)))

    return spelled


def _array(quantiles: Quantiles, values: int) -> AggregateSpelling:
    def spelled(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
        kind = _PROMOTED.get(arguments[0].type, arguments[0].type)
        group = _numbers(arguments[:values])
        found = quantiles(group, _levels(aggregate, values))
        items = array_value(SqlCast(found, f"Array({required_type(kind)})"), kind)
        return as_text(call("if", group.is_without_values(), "", items.sql), aggregate.type)

    return spelled


def _numbers(values: tuple[Lowered, ...]) -> Group:
    """Return the group without NaN, which has no rank."""
    group = Group(values)
    return group.only(call("not", call("isNaN", group.value.sql))) if group.value.type is T.REAL else group


def _at(aggregate: AggregateCall, group: Group, position: int, quantiles: SqlExpression) -> Lowered:
    found: SqlExpression = call("arrayElement", quantiles, position)
    if aggregate.type is T.LONG:
        found = call("toInt64", found)
    chosen = call("if", group.is_without_values(), null_of(aggregate.type), found)
    return Lowered(chosen, aggregate.type, nullable=True)


def _exact(group: Group, levels: tuple[float, ...]) -> SqlExpression:
    parameters = tuple(literal(max(level - _ROUNDING, 0.0) if level < 1 else level) for level in levels)
    return group.apply("quantilesExact", _ranked(group.value), parameters=parameters)


def _estimated(group: Group, levels: tuple[float, ...]) -> SqlExpression:
    parameters = (literal(_ACCURACY), *map(literal, levels))
    return group.apply("quantilesGK", _ranked(group.value), parameters=parameters)


def _weighted(group: Group, levels: tuple[float, ...]) -> SqlExpression:
    weight = call("toUInt64", call("greatest", or_else(group.values[1], literal(0)), 0))
    parameters = tuple(map(literal, levels))
    return group.apply("quantilesExactWeighted", _ranked(group.value), weight, parameters=parameters)


def _ranked(value: Lowered) -> SqlExpression:
    return call("toFloat64", value.sql) if value.type is T.DECIMAL else value.sql


def _levels(aggregate: AggregateCall, start: int) -> tuple[float, ...]:
    return tuple(_level_of(level, aggregate) for level in aggregate.arguments[start:])


def _level_of(level: object, aggregate: AggregateCall) -> float:
    if isinstance(level, Literal) and level.type.is_numeric and level.value is not None:
        percent = float(level.value)
        if 0 <= percent <= 100:
            return percent / 100
    raise refusal(WRONG_ARGUMENTS, "a percentile is a constant number from 0 to 100", aggregate.span)


SPELLINGS: dict[str, AggregateSpelling] = {
    "percentile": _single(_exact, 1),
    "percentilew": _single(_weighted, 2),
    "$percentiles": _one_of_several(_exact, 1),
    "$percentilesw": _one_of_several(_weighted, 2),
    "$percentiles_array": _array(_exact, 1),
    "$percentilesw_array": _array(_weighted, 2),
}

SPELLINGS_OF_FEW_GROUPS: dict[str, AggregateSpelling] = {
    "percentile": _single(_estimated, 1),
    "$percentiles": _one_of_several(_estimated, 1),
    "$percentiles_array": _array(_estimated, 1),
}
