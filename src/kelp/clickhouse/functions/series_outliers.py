"""How far elements of a series lie outside of its usual range: Tukey's fences (rule SERIES-14)."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.series import Series, over_series, series_text
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal, or_else
from kelp.clickhouse.sql import SqlColumn, SqlLambda
from kelp.kql.bound import Literal

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_SHAPE = 0.11493840824914654
"""The shape of Tukey's lambda distribution, in place of the normal one, with which Kusto's scores come out."""
_PERCENTILES = {"ctukey": (10.0, 90.0), "tukey": (25.0, 75.0)}
_LEAST_PERCENT, _GREATEST_PERCENT = 2.0, 98.0
_N = SqlColumn("", "n")


def _outliers(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-14: arguments are the series, kind, what to ignore, two percentiles, points that are only tested."""
    percentiles = _percentiles(bound_call)
    if percentiles is None:
        return as_text(literal(""), bound_call.type)
    is_number = call("ifNull", call("isFinite", _N), literal(False))
    if len(arguments) > 2:
        other = call("ifNull", call("notEquals", _N, arguments[2].sql), literal(True))
        is_number = call("and", is_number, other)
    tested = call("toInt64", or_else(arguments[5], literal(0))) if len(arguments) > 5 else None

    def scored(series: Series) -> SqlExpression:
        return bind_once((series.numbers,), of_numbers)

    def of_numbers(numbers: SqlExpression) -> SqlExpression:
        known = call("arrayFilter", SqlLambda(("n",), is_number), _without_last(numbers, tested))
        low, high = (percent / 100 for percent in percentiles)
        found = call("arrayReduce", f"quantilesExactInclusive({low!r}, {high!r})", known)
        return bind_once((numbers, found), written)

    def written(numbers: SqlExpression, borders: SqlExpression) -> SqlExpression:
        scores = call("arrayMap", SqlLambda(("n",), _score(is_number, borders, percentiles)), numbers)
        return series_text(scores, literal(False))

    return as_text(over_series(arguments[:1], scored, literal("")), bound_call.type)


def _percentiles(bound_call: Call) -> tuple[float, float] | None:
    """Return those between which numbers are usual; None where they may not be, or the kind is unknown."""
    values = [part.value if isinstance(part, Literal) else None for part in bound_call.arguments[1:5]]
    kind = str(values[0]) if values else "ctukey"
    if kind not in _PERCENTILES:
        return None
    low, high = _PERCENTILES[kind]
    if kind == "ctukey":
        low, high = (
            float(value) if isinstance(value, (int, float)) else usual
            for value, usual in zip_longest(values[2:], (low, high))
        )
    return (low, high) if _LEAST_PERCENT <= low < high <= _GREATEST_PERCENT else None


def _without_last(numbers: SqlExpression, count: SqlExpression | None) -> SqlExpression:
    if count is None:
        return numbers
    rest = call("minus", call("toInt64", call("length", numbers)), call("greatest", count, 0))
    return call("arraySlice", numbers, 1, call("greatest", rest, 0))


def _score(
    is_number: SqlExpression, borders: SqlExpression, percentiles: tuple[float, float]
) -> SqlExpression:
    """Return 0 between the borders, else the distance in widths of the usual range, times a factor."""
    low, high = (call("arrayElement", borders, index) for index in (1, 2))
    width = call("minus", high, low)
    above, below = (
        call("multiply", call("divide", call("minus", _N, border), width), literal(factor))
        for border, factor in zip((high, low), reversed(factors(percentiles)), strict=True)
    )
    is_above, is_below = call("greater", _N, high), call("less", _N, low)
    zero = literal(0.0)
    return call("multiIf", call("not", is_number), zero, is_above, above, is_below, below, zero)


def factors(percentiles: tuple[float, float]) -> tuple[float, float]:
    """Return what makes scores below and above comparable with those of quartiles: where theirs is 1.5, these are.

    So it is for numbers that are distributed normally, in the approximation that Kusto uses.
    """
    low, high = map(_normal, percentiles)
    fence = 4 * _normal(75)
    return 1.5 * (high - low) / (fence + low), 1.5 * (high - low) / (fence - high)


def _normal(percent: float) -> float:
    share = percent / 100
    return float(share**_SHAPE - (1 - share) ** _SHAPE)


SPELLINGS: dict[str, Spelling] = {"series_outliers": _outliers}
