"""What series are like, and filters over them: statistics, lines, moving sums (rules SERIES-11 to SERIES-13)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once, to_json
from kelp.clickhouse.functions.series import Series, has_gaps, over_series, series_text
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal, null_of, or_else
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_N = SqlColumn("", "n")
_WHOLE = ("min_idx", "max_idx", "len")

Values = dict[str, "Callable[[SqlExpression, SqlExpression], SqlExpression]"]


def _reals(numbers: SqlExpression, is_valid: SqlExpression) -> SqlExpression:
    """Return the valid numbers as the engine's reals, which are never null."""
    kept = call("arrayFilter", SqlLambda(("n",), is_valid), numbers)
    return call("arrayMap", SqlLambda(("n",), call("assumeNotNull", _N)), kept)


def _finite() -> SqlExpression:
    return call("ifNull", call("isFinite", _N), literal(False))


# --- statistics ------------------------------------------------------------------------------------------------------


def _variance(values: SqlExpression) -> SqlExpression:
    spread = call("arrayReduce", "varSampStable", values)
    return call("if", call("less", call("length", values), 2), literal(0.0), spread)


def _index(name: str, values: SqlExpression, numbers: SqlExpression) -> SqlExpression:
    return call("minus", call("toInt64", call("indexOf", numbers, call(name, values))), 1)


_STATISTICS: Values = {
    "min": lambda values, _: call("arrayMin", values),
    "min_idx": partial(_index, "arrayMin"),
    "max": lambda values, _: call("arrayMax", values),
    "max_idx": partial(_index, "arrayMax"),
    "avg": lambda values, _: call("arrayAvg", values),
    "stdev": lambda values, _: call("sqrt", _variance(values)),
    "variance": lambda values, _: _variance(values),
    "sum": lambda values, _: call("arraySum", values),
    "len": lambda _, numbers: call("toInt64", call("length", numbers)),
}
"""What is computed of the finite numbers, and of the whole series. The order is that of the properties."""


def _unknown(series: Series, ignored: tuple[Lowered, ...]) -> SqlExpression:
    """SERIES-11: an element that is no finite number spoils it all, unless such are ignored; so does having none."""
    has_other = call("arrayExists", SqlLambda(("n",), call("not", _finite())), series.numbers)
    if ignored:
        has_other = call("and", has_other, call("not", or_else(ignored[0], literal(False))))
    has_none = call("not", call("arrayExists", SqlLambda(("n",), _finite()), series.numbers))
    return call("or", has_other, has_none)


def _stats(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    array, *ignored = arguments

    def described(series: Series) -> SqlExpression:
        def described_in(
            numbers: SqlExpression, values: SqlExpression, unknown: SqlExpression
        ) -> SqlExpression:
            parts: list[SqlExpression] = [literal("{")]
            for index, (name, compute) in enumerate(_STATISTICS.items()):
                kind = T.LONG if name in _WHOLE else T.REAL
                text = to_json(Lowered(compute(values, numbers), kind, nullable=False))
                known = text if name == "len" else call("if", unknown, "null", text)
                parts += [literal(f'{"," * (index > 0)}"{name}":'), known]
            return SqlCall("concat", (*parts, literal("}")))

        values = _reals(series.numbers, _finite())
        return bind_once((series.numbers, values, _unknown(series, tuple(ignored))), described_in)

    return as_text(over_series((array,), described, literal("")), bound_call.type)


def _one_stat(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    _, array, *ignored = arguments
    name = _name_in(bound_call)

    def computed(series: Series) -> SqlExpression:
        values = _reals(series.numbers, _finite())
        found = _STATISTICS[name](values, series.numbers)
        return call("if", _unknown(series, tuple(ignored)), null_of(bound_call.type), found)

    return Lowered(over_series((array,), computed, null_of(bound_call.type)), bound_call.type, nullable=True)


def _name_in(bound_call: Call) -> str:
    name = bound_call.arguments[0]
    return str(name.value) if isinstance(name, Literal) else ""


# --- the line of best fit --------------------------------------------------------------------------------------------


class _Line:
    """Least squares of values over their positions, which are counted from 1."""

    def __init__(self, values: SqlExpression) -> None:
        y, o = SqlColumn("", "y"), SqlColumn("", "o")
        count = call("toInt64", call("length", values))
        middle = call("divide", call("plus", count, 1), 2)
        place = call("minus", call("toFloat64", SqlColumn("", "i")), middle)
        self.values, self.middle = values, middle
        self.offsets = call("arrayMap", SqlLambda(("i",), place), call("arrayEnumerate", values))
        joint = _total(SqlLambda(("y", "o"), call("multiply", y, o)), values, self.offsets)
        self.mean = call("arrayAvg", values)
        self.slope = call("divide", joint, _total(SqlLambda(("o",), call("multiply", o, o)), self.offsets))
        self.degrees = call("minus", count, 1)

    def _spread(self, centre: SqlExpression) -> SqlExpression:
        """Return the sample variance of the values around a centre, which may look at the offset `o`."""
        distance = call("minus", SqlColumn("", "y"), centre)
        squares = SqlLambda(("y", "o"), call("multiply", distance, distance))
        return call("divide", _total(squares, self.values, self.offsets), self.degrees)

    def _at_offset(self) -> SqlExpression:
        return call("plus", self.mean, call("multiply", self.slope, SqlColumn("", "o")))

    def value(self, name: str) -> SqlExpression:
        """Return a number about the line."""
        match name:
            case "slope":
                return self.slope
            case "interception":
                return call("minus", self.mean, call("multiply", self.slope, self.middle))
            case "variance":
                return self._spread(self.mean)
            case "rvariance":
                return self._spread(self._at_offset())
            case _:
                unexplained = call("divide", self.value("rvariance"), self.value("variance"))
                return call("minus", literal(1.0), unexplained)

    def fit(self) -> SqlExpression:
        """Return the line at all positions."""
        return call("arrayMap", SqlLambda(("o",), self._at_offset()), self.offsets)


def _total(term: SqlLambda, *arrays: SqlExpression) -> SqlExpression:
    return call("arraySum", call("arrayMap", term, *arrays))


_LINE = ("rsquare", "slope", "variance", "rvariance", "interception")


def _known_numbers(series: Series) -> SqlExpression:
    return _reals(series.numbers, call("isNotNull", _N))


def _fit_line(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-12: null where an element is no number, or where there are fewer than two."""

    def fitted(series: Series) -> SqlExpression:
        def described(values: SqlExpression) -> SqlExpression:
            line = _Line(values)
            parts: list[SqlExpression] = []
            for name in _LINE:
                parts += [
                    literal(f'"{name}":'),
                    to_json(Lowered(line.value(name), T.REAL, nullable=False)),
                    literal(","),
                ]
            fit = series_text(line.fit(), literal(False))
            return SqlCall("concat", (literal("{"), *parts, literal('"line_fit":'), fit, literal("}")))

        text = bind_once((_known_numbers(series),), described)
        return call("if", _has_no_line(series), "", text)

    return as_text(over_series(arguments, fitted, literal("")), bound_call.type)


def _has_no_line(series: Series) -> SqlExpression:
    return call("or", has_gaps(series.numbers), call("less", series.length, 2))


def _one_of_line(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    name = _name_in(bound_call)
    is_fit = name == "line_fit"
    nothing = literal("") if is_fit else null_of(T.REAL)

    def fitted(series: Series) -> SqlExpression:
        def of_line(values: SqlExpression) -> SqlExpression:
            line = _Line(values)
            return series_text(line.fit(), literal(False)) if is_fit else line.value(name)

        return call("if", _has_no_line(series), nothing, bind_once((_known_numbers(series),), of_line))

    return Lowered(over_series(arguments[1:], fitted, nothing), bound_call.type, nullable=not is_fit)


# --- filters ---------------------------------------------------------------------------------------------------------


def _weighted(values: SqlExpression, weights: SqlExpression, shift: SqlExpression) -> SqlExpression:
    """Return for each place the sum of the values up to it, or `shift` places on, times the weights.

    The values are moved once a weight, for an array that a function of elements looks into is copied for each of them.
    """
    done, weight, w, v = (SqlColumn("", name) for name in ("d", "p", "w", "v"))
    moved = call(
        "arrayShiftRight", values, call("minus", call("tupleElement", weight, 2), shift), literal(0.0)
    )
    factor = call("tupleElement", weight, 1)
    added = SqlLambda(("w", "v"), call("plus", w, call("multiply", factor, v)))
    step = SqlLambda(("d", "p"), call("arrayMap", added, done, moved))
    places = call(
        "arrayMap",
        SqlLambda(("i",), call("minus", call("toInt64", SqlColumn("", "i")), 1)),
        call("arrayEnumerate", weights),
    )
    nothing = call("arrayMap", SqlLambda(("v",), literal(0.0)), values)
    return call("arrayFold", step, call("arrayZip", weights, places), nothing)


def _filter(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-13: divided by the sum of the weights, unless one is negative or that is switched off."""
    normalize = arguments[2] if len(arguments) > 2 else None
    center = arguments[3] if len(arguments) > 3 else None

    def filtered(series: Series, weights: Series) -> SqlExpression:
        def moved(values: SqlExpression, given: SqlExpression) -> SqlExpression:
            shift: SqlExpression = call("toInt64", 0)
            if center is not None:
                half = call("intDiv", call("minus", call("toInt64", call("length", given)), 1), 2)
                shift = call("if", or_else(center, literal(False)), half, 0)
            return bind_once((_weighted(values, given, shift), given), written)

        def written(sums: SqlExpression, given: SqlExpression) -> SqlExpression:
            is_negative = call("arrayExists", SqlLambda(("w",), call("less", SqlColumn("", "w"), 0)), given)
            wanted = call("not", is_negative) if normalize is None else or_else(normalize, literal(False))
            mean = SqlLambda(("v",), call("divide", SqlColumn("", "v"), call("arraySum", given)))
            text = series_text(call("if", wanted, call("arrayMap", mean, sums), sums), literal(False))
            return text if normalize is None else call("if", call("and", wanted, is_negative), "", text)

        text = bind_once((_known_numbers(series), _known_numbers(weights)), moved)
        is_unknown = SqlCall(
            "or", (has_gaps(series.numbers), has_gaps(weights.numbers), call("empty", weights.numbers))
        )
        return call("if", is_unknown, "", text)

    return as_text(over_series(arguments[:2], filtered, literal("")), bound_call.type)


def _recursive_filter(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-13: each value is that of the numerators less the results before it times the denominators."""

    def filtered(series: Series, numerators: Series, denominators: Series) -> SqlExpression:
        known = tuple(_known_numbers(part) for part in (series, numerators, denominators))
        gaps = tuple(has_gaps(part.numbers) for part in (series, numerators, denominators))
        is_unknown = SqlCall("or", (*gaps, call("empty", denominators.numbers)))
        return call("if", is_unknown, "", bind_once(known, _recursion))

    return as_text(over_series(arguments, filtered, literal("")), bound_call.type)


def _recursion(
    values: SqlExpression, numerators: SqlExpression, denominators: SqlExpression
) -> SqlExpression:
    done, all_done, u, a, k = (SqlColumn("", name) for name in ("d", "t", "u", "a", "k"))
    rest = call("arrayPopFront", denominators)
    # Beyond its first element an array gives zero.
    term = call("multiply", a, call("arrayElement", done, call("negate", call("toInt64", k))))
    before = call(
        "arraySum", call("arrayMap", SqlLambda(("a", "k"), term), rest, call("arrayEnumerate", rest))
    )
    result = call("divide", call("minus", u, before), call("arrayElement", denominators, 1))
    step = SqlLambda(("d", "u"), call("arrayPushBack", done, result))
    known = call("toInt64", call("least", call("length", all_done), call("length", rest)))
    first = call("plus", call("minus", call("toInt64", call("length", all_done)), known), 1)
    made = call("arrayFold", step, SqlColumn("", "c"), call("arraySlice", all_done, first))
    block = SqlLambda(
        ("t", "c"), call("arrayConcat", all_done, call("arraySlice", made, call("plus", known, 1)))
    )
    start = call("arrayResize", call("array", literal(0.0)), 0)
    inputs = _weighted(values, numerators, call("toInt64", 0))
    blocks = bind_once((inputs,), _blocks)
    return series_text(call("arrayFold", block, blocks, start), literal(False))


def _blocks(values: SqlExpression) -> SqlExpression:
    """Return the values in as many arrays as each of them has values.

    A fold copies what it has made for each element; so the copies are short.
    """
    size = call("plus", call("toUInt64", call("sqrt", call("length", values))), 2)
    place = SqlColumn("", "i")
    begins = SqlLambda(("v", "i"), call("equals", call("modulo", place, size), 1))
    return call("arraySplit", begins, values, call("arrayEnumerate", values))


SPELLINGS: dict[str, Spelling] = {
    "series_stats_dynamic": _stats,
    "$series_stats": _one_stat,
    "series_fit_line_dynamic": _fit_line,
    "$series_fit_line": _one_of_line,
    "series_fir": _filter,
    "series_iir": _recursive_filter,
}
