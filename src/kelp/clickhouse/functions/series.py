"""Functions over series: arrays of numbers, taken out of JSON once and written once (rules SERIES-6 to SERIES-8).

Inside, a series is the engine's array of nullable reals, in which what is no number is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import elements_of
from kelp.clickhouse.functions.dynamics import conjunction
from kelp.clickhouse.functions.json_text import bind_once, is_array, json_array, json_elements, to_json
from kelp.clickhouse.functions.spelling import (
    EngineArray,
    EngineSeries,
    Lowered,
    Spelling,
    as_text,
    call,
    literal,
    null_of,
)
from kelp.clickhouse.functions.ticks import EPOCH_TICKS, ticks_of
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_INTEGERS = (T.INT, T.LONG)
_REAL_IN_TEXT = r"\.|[0-9][eE]|NaN|Infinity"
_NAMED = ('"NaN"', '"Infinity"', '"-Infinity"')


# --- reading and writing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of an array, the JSON texts of its elements, and whether all of them are whole numbers.

    `is_array` tells whether there is an array at all; None where that is known.
    """

    numbers: SqlExpression
    texts: SqlExpression
    is_whole: SqlExpression
    is_array: SqlExpression | None

    @property
    def length(self) -> SqlExpression:
        """How many elements there are."""
        return call("length", self.numbers)


def _is_typed(array: Lowered) -> bool:
    return isinstance(array.origin, EngineArray) and array.origin.type in (*_INTEGERS, T.REAL)


def _source_of(array: Lowered) -> SqlExpression:
    if isinstance(array.origin, EngineSeries):
        return array.origin.series
    return array.origin.items if _is_typed(array) and isinstance(array.origin, EngineArray) else array.sql


def _read(array: Lowered, held: SqlExpression) -> Series:
    if _is_typed(array) and isinstance(array.origin, EngineArray):
        kind = array.origin.type
        texts = elements_of(EngineArray(held, kind))
        return Series(SqlCast(held, "Array(Nullable(Float64))"), texts, literal(kind in _INTEGERS), None)
    x = SqlColumn("", "x")
    if isinstance(array.origin, EngineSeries):
        reals = call("arrayElement", held, 1)
        texts = call("arrayMap", SqlLambda(("x",), to_json(Lowered(x, T.REAL, nullable=True))), reals)
        return Series(reals, texts, literal(False), call("notEmpty", held))
    text = call(
        "if", call("in", x, SqlCall("tuple", tuple(map(literal, _NAMED)))), call("trimBoth", x, '"'), x
    )
    numbers = call(
        "arrayMap", SqlLambda(("x",), call("toFloat64OrNull", text)), call("JSONExtractArrayRaw", held)
    )
    is_whole = call("not", call("match", held, _REAL_IN_TEXT))
    return Series(numbers, json_elements(held), is_whole, is_array(held))


def over_series(
    arrays: tuple[Lowered, ...], body: Callable[..., SqlExpression], otherwise: SqlExpression
) -> SqlExpression:
    """Return what `body` makes of the series; `otherwise` where one of the values is no array."""

    def guarded(*held: SqlExpression) -> SqlExpression:
        series = tuple(_read(array, part) for array, part in zip(arrays, held, strict=True))
        conditions = tuple(part.is_array for part in series if part.is_array is not None)
        made = body(*series)
        return call("if", conjunction(conditions), made, otherwise) if conditions else made

    return bind_once(tuple(_source_of(array) for array in arrays), guarded)


def series_text(numbers: SqlExpression, is_whole: SqlExpression) -> SqlExpression:
    """Return the JSON array of nullable reals, written as whole numbers where `is_whole`."""
    x = SqlColumn("", "x")
    whole = call("ifNull", call("toString", call("toInt64", x)), "null")
    real = to_json(Lowered(x, T.REAL, nullable=True))
    as_whole, as_real = (
        json_array(call("arrayMap", SqlLambda(("x",), text), numbers)) for text in (whole, real)
    )
    if isinstance(is_whole, SqlLiteral):
        return as_whole if is_whole.value else as_real
    return call("if", is_whole, as_whole, as_real)


def series_value(series: SqlExpression) -> Lowered:
    """Return the dynamic array of a series of the engine's type `types.SERIES`."""

    def written(held: SqlExpression) -> SqlExpression:
        return call("if", call("empty", held), "", series_text(call("arrayElement", held, 1), literal(False)))

    return Lowered(bind_once((series,), written), T.DYNAMIC, nullable=False, origin=EngineSeries(series))


def _dynamic(
    arrays: tuple[Lowered, ...],
    body: Callable[..., tuple[SqlExpression, SqlExpression]],
) -> Lowered:
    """Return the series that `body` makes: its numbers, and whether they are whole."""

    def written(*series: Series) -> SqlExpression:
        return bind_once(body(*series), series_text)

    return as_text(over_series(arrays, written, literal("")), T.DYNAMIC)


# --- of one series ---------------------------------------------------------------------------------------------------


def _each(
    name: str, bound_call: Call, arguments: tuple[Lowered, ...], *, keeps_whole: bool = False
) -> Lowered:
    """SERIES-6: what is no number gives null."""
    del bound_call

    def applied(series: Series) -> tuple[SqlExpression, SqlExpression]:
        items = call("arrayMap", SqlLambda(("n",), call(name, SqlColumn("", "n"))), series.numbers)
        return items, series.is_whole if keeps_whole else literal(False)

    return _dynamic(arguments, applied)


def _sign(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call

    def applied(series: Series) -> tuple[SqlExpression, SqlExpression]:
        sign = call("toFloat64", call("sign", SqlColumn("", "n")))
        return call("arrayMap", SqlLambda(("n",), sign), series.numbers), literal(True)

    return _dynamic(arguments, applied)


def _product(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-8: nulls are passed over; anything else that is no number makes the product null."""
    n, t = SqlColumn("", "n"), SqlColumn("", "t")
    is_other = SqlLambda(("n", "t"), call("and", call("isNull", n), call("notEquals", t, "null")))

    def multiplied(series: Series) -> SqlExpression:
        factors = call("arrayMap", SqlLambda(("n",), call("ifNull", n, literal(1.0))), series.numbers)
        has_other = call("arrayExists", is_other, series.numbers, series.texts)
        # The engine's product of nothing is 0.
        product = call("arrayProduct", call("arrayPushBack", factors, literal(1.0)))
        return call("if", has_other, null_of(T.REAL), product)

    return Lowered(over_series(arguments, multiplied, null_of(T.REAL)), bound_call.type, nullable=True)


def _magnitude(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def magnitude(series: Series) -> SqlExpression:
        return call("if", call("empty", series.numbers), null_of(T.REAL), _length_of(series.numbers))

    return Lowered(over_series(arguments, magnitude, null_of(T.REAL)), bound_call.type, nullable=True)


def _length_of(numbers: SqlExpression) -> SqlExpression:
    return call("sqrt", _sum_of_products(numbers, numbers))


# --- of two series ---------------------------------------------------------------------------------------------------


def _pair(
    arguments: tuple[Lowered, ...],
    body: Callable[[Series, Series], SqlExpression],
    otherwise: SqlExpression,
) -> SqlExpression:
    """Return what `body` makes of two series; a number stands for as many of it as the other has elements."""
    left, right = arguments
    if T.DYNAMIC not in (left.type, right.type) or left.type is right.type:
        return over_series((left, right), body, otherwise)
    number, array = (right, left) if left.type is T.DYNAMIC else (left, right)

    def beside(series: Series) -> SqlExpression:
        value = SqlCast(number.sql, "Nullable(Float64)")
        items = call("arrayWithConstant", series.length, value)
        other = Series(items, items, literal(number.type in _INTEGERS), None)
        return body(series, other) if array is left else body(other, series)

    return over_series((array,), beside, otherwise)


def _padded(left: Series, right: Series) -> tuple[SqlExpression, SqlExpression]:
    longest = call("greatest", left.length, right.length)
    return call("arrayResize", left.numbers, longest), call("arrayResize", right.numbers, longest)


def _combined(name: str, bound_call: Call, arguments: tuple[Lowered, ...], *, keeps_whole: bool) -> Lowered:
    """SERIES-7: the result is as long as the longer series; what has no partner gives null."""
    del bound_call

    def combined(left: Series, right: Series) -> SqlExpression:
        pairs = SqlLambda(("a", "b"), call(name, SqlColumn("", "a"), SqlColumn("", "b")))
        items = call("arrayMap", pairs, *_padded(left, right))
        is_whole = _both(left.is_whole, right.is_whole) if keeps_whole else literal(False)
        return bind_once((items, is_whole), series_text)

    return as_text(_pair(arguments, combined, literal("")), T.DYNAMIC)


def _both(left: SqlExpression, right: SqlExpression) -> SqlExpression:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, SqlLiteral):
            return other if one.value else one
    return call("and", left, right)


def _compared(name: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    a, b = SqlColumn("", "a"), SqlColumn("", "b")
    text = call("multiIf", call("isNull", call("plus", a, b)), "null", call(name, a, b), "true", "false")

    def compared(left: Series, right: Series) -> SqlExpression:
        return json_array(call("arrayMap", SqlLambda(("a", "b"), text), *_padded(left, right)))

    return as_text(_pair(arguments, compared, literal("")), T.DYNAMIC)


def _sum_of_products(left: SqlExpression, right: SqlExpression) -> SqlExpression:
    product = call("ifNull", call("multiply", SqlColumn("", "a"), SqlColumn("", "b")), literal(0.0))
    return call("arraySum", call("arrayMap", SqlLambda(("a", "b"), product), left, right))


def _cut(left: Series, right: Series) -> tuple[SqlExpression, SqlExpression, SqlExpression]:
    """Return both cut to the length of the shorter one, and whether that is nothing."""
    shortest = call("least", left.length, right.length)
    first, second = (call("arrayResize", part.numbers, shortest) for part in (left, right))
    return first, second, call("equals", shortest, 0)


def _dot_product(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-8: the longer series is cut; what is no number adds nothing."""

    def multiplied(left: Series, right: Series) -> SqlExpression:
        first, second, is_empty = _cut(left, right)
        return call("if", is_empty, null_of(T.REAL), _sum_of_products(first, second))

    return Lowered(_pair(arguments, multiplied, null_of(T.REAL)), bound_call.type, nullable=True)


def _cosine_similarity(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    lengths = arguments[2:]

    def similarity(left: Series, right: Series) -> SqlExpression:
        first, second, is_empty = _cut(left, right)
        sizes = [length.sql for length in lengths]
        sizes.extend(_length_of(part) for part in (first, second)[len(sizes) :])
        cosine = call("divide", _sum_of_products(first, second), call("multiply", *sizes))
        return call("if", is_empty, null_of(T.REAL), cosine)

    return Lowered(over_series(arguments[:2], similarity, null_of(T.REAL)), bound_call.type, nullable=True)


def has_gaps(numbers: SqlExpression) -> SqlExpression:
    """Return whether an element is no number."""
    return call("arrayExists", SqlLambda(("n",), call("isNull", SqlColumn("", "n"))), numbers)


def _correlation(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def correlated(left: Series, right: Series) -> SqlExpression:
        is_uneven = call("notEquals", left.length, right.length)
        unknown = SqlCall("or", (is_uneven, has_gaps(left.numbers), has_gaps(right.numbers)))
        found = call("arrayReduce", "corrStable", *_padded(left, right))
        return call("if", unknown, null_of(T.REAL), found)

    return Lowered(over_series(arguments, correlated, null_of(T.REAL)), bound_call.type, nullable=True)


# --- bins ------------------------------------------------------------------------------------------------------------


def amount_of(value: Lowered) -> SqlExpression:
    """Return a point of an axis as a number: ticks, where it is a time."""
    return ticks_of(value) if value.type is T.DATETIME else value.sql


def origin_of(kind: T) -> int:
    """Return what the bins of an axis of that type are multiples from."""
    return -EPOCH_TICKS if kind is T.DATETIME else 0


def _bin_place(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-1: the value is known not to be null, nor before the start."""
    axis, step, *start = arguments
    origin: SqlExpression = amount_of(start[0]) if start else call("toInt64", origin_of(axis.type))
    amount = call("assumeNotNull", amount_of(axis)) if axis.nullable else amount_of(axis)
    if axis.type is T.REAL:
        offset = call("minus", amount, origin) if start else amount
        place: SqlExpression = call("toInt64", call("floor", call("divide", offset, step.sql)))
    else:
        offset = call("minus", amount, origin)
        if not start and axis.type is not T.DATETIME:
            offset = call("minus", offset, call("positiveModulo", offset, step.sql))
        place = call("intDivOrZero", offset, step.sql)
    if step.nullable or any(point.nullable for point in start):
        place = call("ifNull", place, 0)
    return Lowered(place, bound_call.type, nullable=False)


_REALS = ("acos", "asin", "atan", "cos", "exp", "log", "sin", "tan")
_WHOLES = {"abs": "abs", "ceiling": "ceil", "floor": "floor"}
_ARITHMETIC = {"add": "plus", "subtract": "minus", "multiply": "multiply"}
_COMPARISONS = {
    "equals": "equals", "not_equals": "notEquals", "greater": "greater", "greater_equals": "greaterOrEquals",
    "less": "less", "less_equals": "lessOrEquals",
}  # fmt: skip

SPELLINGS: dict[str, Spelling] = {
    "$bin_place": _bin_place,
    **{f"series_{name}": partial(_each, name) for name in _REALS},
    **{f"series_{name}": partial(_each, engine, keeps_whole=True) for name, engine in _WHOLES.items()},
    "series_sign": _sign,
    **{
        f"series_{name}": partial(_combined, engine, keeps_whole=True) for name, engine in _ARITHMETIC.items()
    },
    "series_divide": partial(_combined, "divide", keeps_whole=False),
    "series_pow": partial(_combined, "pow", keeps_whole=False),
    **{f"series_{name}": partial(_compared, engine) for name, engine in _COMPARISONS.items()},
    "series_product": _product,
    "series_magnitude": _magnitude,
    "series_dot_product": _dot_product,
    "series_cosine_similarity": _cosine_similarity,
    "series_pearson_correlation": _correlation,
}
