"""What segments give in one series, taken out of it: series, numbers, and what is told about two lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once, to_json
from kelp.clickhouse.functions.series import Series, over_series, series_text, series_value
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal, null_of, or_else
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlLambda
from kelp.clickhouse.types import SERIES
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_LINE = ("rsquare", "slope", "interception", "variance", "rvariance")


def _constant(bound_call: Call, index: int) -> int:
    value = bound_call.arguments[index]
    return value.value if isinstance(value, Literal) and isinstance(value.value, int) else 0


def _taken(packed: Lowered, take: Callable[[SqlExpression], SqlExpression]) -> Lowered:
    """Return the series that `take` takes; null where nothing is packed."""
    nothing = SqlCast(SqlCall("array", ()), SERIES)

    def taken(series: Series) -> SqlExpression:
        return call("if", call("empty", series.numbers), nothing, call("array", take(series.numbers)))

    return series_value(over_series((packed,), taken, nothing))


def _part(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    index, count = (_constant(bound_call, place) for place in (1, 2))

    def take(numbers: SqlExpression) -> SqlExpression:
        length = call("intDiv", call("toInt64", call("length", numbers)), count)
        return call("arraySlice", numbers, call("plus", call("multiply", length, index), 1), length)

    return _taken(arguments[0], take)


def _slice(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    packed, first, count = arguments
    start = call("plus", call("toInt64", or_else(first, literal(0))), 1)
    takes_all = isinstance(bound_call.arguments[2], Literal) and bound_call.arguments[2].value is None

    def take(numbers: SqlExpression) -> SqlExpression:
        if takes_all:
            return call("arraySlice", numbers, start)
        return call("arraySlice", numbers, start, call("greatest", or_else(count, literal(0)), 0))

    return _taken(packed, take)


def _number(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    place = _constant(bound_call, 1) + 1
    nothing = null_of(T.REAL)

    def taken(series: Series) -> SqlExpression:
        found = call("arrayElement", series.numbers, place)
        return call("if", call("less", series.length, place), nothing, found)

    return Lowered(over_series(arguments[:1], taken, nothing), T.REAL, nullable=True)


def _lines_bag(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Return the bag of `series_fit_2lines_dynamic`; the numbers stand as the segment gives them."""
    del bound_call

    def written(series: Series) -> SqlExpression:
        def of_numbers(numbers: SqlExpression) -> SqlExpression:
            def number(index: int) -> SqlExpression:
                return to_json(Lowered(call("arrayElement", numbers, index), T.REAL, nullable=True))

            def line(first: int) -> list[SqlExpression]:
                return _joined({name: number(first + index) for index, name in enumerate(_LINE)})

            split = to_json(Lowered(call("toInt64", call("arrayElement", numbers, 2)), T.LONG, nullable=True))
            fit = series_text(call("arraySlice", numbers, 15), literal(False))
            whole = _joined(
                {
                    "rsquare": number(1),
                    "split_idx": split,
                    "variance": number(3),
                    "rvariance": number(4),
                    "line_fit": fit,
                }
            )
            text = SqlCall("concat", (
                literal("{"), *whole, literal(',"right":{'), *line(5), literal('},"left":{'), *line(10), literal("}}"),
            ))  # fmt: skip
            return call("if", call("empty", numbers), "", text)

        return bind_once((series.numbers,), of_numbers)

    return as_text(over_series(arguments, written, literal("")), T.DYNAMIC)


def _joined(values: dict[str, SqlExpression]) -> list[SqlExpression]:
    """Return the texts of properties with commas between them."""
    joined: list[SqlExpression] = []
    for name, value in values.items():
        joined += [literal(f'{"," if joined else ""}"{name}":'), value]
    return joined


def _flags(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Return 1 where a score is above the limit, -1 where it is below its negative, else 0."""
    del bound_call
    score, limit = SqlColumn("", "n"), arguments[1].sql
    flag = call(
        "multiIf", call("greater", score, limit), literal(1.0), call("less", score, call("negate", limit)),
        literal(-1.0), literal(0.0),
    )  # fmt: skip

    def flagged(series: Series) -> SqlExpression:
        return series_text(call("arrayMap", SqlLambda(("n",), flag), series.numbers), literal(True))

    return as_text(over_series(arguments[:1], flagged, literal("")), T.DYNAMIC)


SPELLINGS: dict[str, Spelling] = {
    "$series_part": _part,
    "$series_number": _number,
    "$series_slice": _slice,
    "$series_lines_bag": _lines_bag,
    "$series_flags": _flags,
}
