"""Filling the gaps of series: elements that are null, or another placeholder (rules SERIES-9 and SERIES-10)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once, json_array, to_json
from kelp.clickhouse.functions.series import Series, over_series
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal, or_else
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_NULL = "null"


def _is_null(value: object) -> bool:
    return isinstance(value, Literal) and value.value is None


def _missing(bound_call: Call, arguments: tuple[Lowered, ...], index: int) -> SqlExpression:
    """Return the condition for an element, whose text is `t` and whose number is `n`, to be a gap."""
    if len(arguments) <= index or _is_null(bound_call.arguments[index]):
        return call("equals", SqlColumn("", "t"), _NULL)
    placeholder = call("toFloat64", arguments[index].sql)
    return call("ifNull", call("equals", SqlColumn("", "n"), placeholder), literal(False))


def _fill_const(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-9: the constant is 0 where none is written."""
    missing = _missing(bound_call, arguments, 2)
    constant = to_json(arguments[1]) if len(arguments) > 1 else literal("0")

    def filled(series: Series) -> SqlExpression:
        text = SqlLambda(("t", "n"), call("if", missing, constant, SqlColumn("", "t")))
        return json_array(call("arrayMap", text, series.texts, series.numbers))

    return as_text(over_series(arguments[:1], filled, literal("")), T.DYNAMIC)


def _nearest(engine: str, items: SqlExpression, known: SqlExpression) -> SqlExpression:
    """Return the items, in place of those not known the nearest known one before (`arrayFill`) or after.

    The engine hands on the first (last) as it is.
    """
    is_known = SqlLambda(("p",), call("tupleElement", SqlColumn("", "p"), 2))
    return call("tupleElement", call(engine, is_known, call("arrayZip", items, known)), 1)


def _fill_from(engine: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-9: elements without one to take from stay."""
    missing = _missing(bound_call, arguments, 1)

    def filled(series: Series) -> SqlExpression:
        known = call("arrayMap", SqlLambda(("t", "n"), call("not", missing)), series.texts, series.numbers)
        return json_array(_nearest(engine, series.texts, known))

    return as_text(over_series(arguments[:1], filled, literal("")), T.DYNAMIC)


def _fill_linear(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-10: on the line between the neighbours; at the ends the nearest element, unless that is switched off."""
    missing = _missing(bound_call, arguments, 1)
    fills_edges = or_else(arguments[2], literal(True)) if len(arguments) > 2 else literal(True)
    constant = to_json(arguments[3]) if len(arguments) > 3 else literal("0.0")
    is_known = call("not", call("or", missing, call("isNull", SqlColumn("", "n"))))

    def filled(series: Series) -> SqlExpression:
        known = call("arrayMap", SqlLambda(("t", "n"), is_known), series.texts, series.numbers)
        return bind_once((series.texts, series.numbers, known, series.is_whole), interpolated)

    def interpolated(
        texts: SqlExpression, numbers: SqlExpression, known: SqlExpression, is_whole: SqlExpression
    ) -> SqlExpression:
        points = call("arrayZip", texts, numbers, call("arrayEnumerate", texts), known)
        before, after = _nearest("arrayFill", points, known), _nearest("arrayReverseFill", points, known)
        text = SqlLambda(("e", "p", "q"), _between(is_whole, fills_edges))
        constants = call("arrayMap", SqlLambda(("t",), constant), texts)
        lines = call("arrayMap", text, points, before, after)
        return json_array(call("if", call("has", known, 1), lines, constants))

    return as_text(over_series(arguments[:1], filled, literal("")), T.DYNAMIC)


def _between(is_whole: SqlExpression, fills_edges: SqlExpression) -> SqlExpression:
    """Return the text of the point `e`, between the nearest known points `p` and `q`, of which one may not be known."""

    def part(point: str, index: int) -> SqlExpression:
        return call("tupleElement", SqlColumn("", point), index)

    low, high = part("p", 2), part("q", 2)
    steps = (call("toInt64", part(point, 3)) for point in ("e", "p", "q"))
    here, first, last = steps
    way = call("divide", call("minus", here, first), call("minus", last, first))
    value = call("plus", low, call("multiply", call("minus", high, low), way))
    real = to_json(Lowered(value, T.REAL, nullable=True))
    whole = call("ifNull", call("toString", call("toInt64", value)), _NULL)
    line = (
        whole
        if is_whole == literal(True)
        else real
        if is_whole == literal(False)
        else call("if", is_whole, whole, real)
    )
    nearest = call("if", part("p", 4), part("p", 1), part("q", 1))
    edge = call("if", fills_edges, nearest, part("e", 1))
    inside = call("and", part("p", 4), part("q", 4))
    return SqlCall("multiIf", (part("e", 4), part("e", 1), inside, line, edge))


SPELLINGS: dict[str, Spelling] = {
    "series_fill_const": _fill_const,
    "series_fill_forward": partial(_fill_from, "arrayFill"),
    "series_fill_backward": partial(_fill_from, "arrayReverseFill"),
    "series_fill_linear": _fill_linear,
}
