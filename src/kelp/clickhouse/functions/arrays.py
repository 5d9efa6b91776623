"""Functions that make and take dynamic arrays. Rules DYN-6 to DYN-8 and DYN-12 to DYN-14.

An array function works on the engine's own array of the elements' JSON texts; a value that is no array gives null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.dynamics import conjunction, path_of
from kelp.clickhouse.functions.json_text import (
    NULL,
    bind_once,
    is_array,
    json_array,
    json_elements,
    plain_text,
    plain_texts,
    to_json,
)
from kelp.clickhouse.functions.spelling import EngineArray, Lowered, Spelling, as_text, call, literal, null_of
from kelp.clickhouse.functions.ticks import datetime_of, ticks_of
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlExpression, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.bound import Call

MAX_RANGE_ITEMS = 1_048_576
_HOUR_TICKS = 36_000_000_000

Body = Callable[..., SqlExpression]
"""Takes the elements of an array, then plain values, and gives an expression."""


# --- what the functions over arrays share ----------------------------------------------------------------------------


def array_value(items: SqlExpression, kind: T = T.DYNAMIC) -> Lowered:
    """Return the dynamic array of an engine array: of JSON texts, or of values of `kind`, never null."""
    texts = elements_of(EngineArray(items, kind))
    return replace(as_text(json_array(texts), T.DYNAMIC), origin=EngineArray(items, kind))


def elements_of(array: EngineArray) -> SqlExpression:
    """Return the JSON texts of an engine array's items."""
    if array.type is T.DYNAMIC:
        return array.items
    item = Lowered(SqlColumn("", "x"), array.type, nullable=False)
    return call("arrayMap", SqlLambda(("x",), to_json(item)), array.items)


def over_array(array: Lowered, values: tuple[Lowered, ...], body: Body) -> Lowered:
    """Return the dynamic array that `body` makes of an array's elements.

    It is null where the value is no array, or where one of the other values is null.
    """
    if isinstance(array.origin, EngineArray) and not any(value.nullable for value in values):
        return array_value(bind_once((elements_of(array.origin), *(value.sql for value in values)), body))
    made = _where_array(array, values, lambda *given: json_array(body(*given)), literal(""))
    return as_text(made, T.DYNAMIC)


def scalar_of_array(array: Lowered, values: tuple[Lowered, ...], kind: T, body: Body) -> Lowered:
    """Return the scalar that `body` makes of an array's elements; null where it is no array."""
    if isinstance(array.origin, EngineArray) and not any(value.nullable for value in values):
        made = bind_once((elements_of(array.origin), *(value.sql for value in values)), body)
    else:
        made = _where_array(array, values, body, null_of(kind))
    return Lowered(made, kind, nullable=kind is not T.STRING)


def _where_array(
    array: Lowered, values: tuple[Lowered, ...], body: Body, otherwise: SqlExpression
) -> SqlExpression:
    """Return `body` over the elements and the values where there is an array and no value is null."""
    nullable = [value.nullable for value in values]

    def guarded(text: SqlExpression, *given: SqlExpression) -> SqlExpression:
        known = tuple(call("isNotNull", part) for part, may in zip(given, nullable, strict=True) if may)
        plain = (
            call("assumeNotNull", part) if may else part for part, may in zip(given, nullable, strict=True)
        )
        made = bind_once((json_elements(text), *plain), body)
        return call("if", conjunction((is_array(text), *known)), made, otherwise)

    return bind_once((array.sql, *(value.sql for value in values)), guarded)


def _length(items: SqlExpression) -> SqlExpression:
    return call("toInt64", call("length", items))


def _from_end(position: SqlExpression, length: SqlExpression) -> SqlExpression:
    """Return a position that counts from the end below zero as one from the start, not below zero (DYN-8)."""
    return call("greatest", call("plus", position, call("if", call("less", position, 0), length, 0)), 0)


# --- making ----------------------------------------------------------------------------------------------------------


def _pack_array(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return array_value(SqlCall("array", tuple(to_json(argument) for argument in arguments)))


def _repeat(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-7: `MAX_RANGE_ITEMS` at the most; null for a negative count."""
    del bound_call
    value, count = arguments
    item = to_json(value)
    times = call("ifNull", count.sql, -1) if count.nullable else count.sql
    made = call("arrayWithConstant", call("least", call("greatest", times, 0), MAX_RANGE_ITEMS), item)
    return as_text(call("if", call("greaterOrEquals", times, 0), json_array(made), ""), T.DYNAMIC)


def _range(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-7: as many items as fit, `MAX_RANGE_ITEMS` at the most; null where a bound is null."""
    del bound_call
    kind = (
        T.REAL if any(argument.type in (T.REAL, T.DECIMAL) for argument in arguments) else arguments[0].type
    )
    kind = T.LONG if kind is T.INT else kind
    start, stop, step = _bounds(arguments, kind)
    nullable = [argument for argument in arguments if argument.nullable]

    def items(first: SqlExpression, last: SqlExpression, by: SqlExpression) -> SqlExpression:
        steps = call("floor", call("divide", call("minus", last, first), by))
        count = call(
            "least", call("greatest", call("plus", call("ifNotFinite", steps, -1), 1), 0), MAX_RANGE_ITEMS
        )
        item = call("plus", first, call("multiply", SqlColumn("", "i"), by))
        typed = Lowered(datetime_of(item) if kind is T.DATETIME else item, kind, nullable=False)
        return call("arrayMap", SqlLambda(("i",), to_json(typed)), call("range", call("toUInt64", count)))

    made = bind_once((start, stop, step), items)
    if not nullable:
        return array_value(made)
    is_known = conjunction(tuple(call("isNotNull", argument.sql) for argument in nullable))
    return as_text(call("if", is_known, json_array(made), ""), T.DYNAMIC)


def _bounds(arguments: tuple[Lowered, ...], kind: T) -> tuple[SqlExpression, SqlExpression, SqlExpression]:
    default = 1 if kind in (T.LONG, T.REAL) else _HOUR_TICKS
    parts: list[SqlExpression] = []
    for argument in arguments:
        part = ticks_of(argument) if argument.type is T.DATETIME else argument.sql
        part = call("ifNull", part, 0) if argument.nullable else part
        parts.append(call("toFloat64" if kind is T.REAL else "toInt64", part))
    step = parts[2] if len(parts) > 2 else call("toInt64", default)
    return parts[0], parts[1], step


# --- taking ----------------------------------------------------------------------------------------------------------


def _array_length(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (array,) = arguments
    if isinstance(array.origin, EngineArray):
        return Lowered(_length(array.origin.items), bound_call.type, nullable=False)
    path = path_of(array)
    text = SqlCall("JSONExtractRaw", (path.text, *path.keys)) if path.keys else array.sql

    def length(held: SqlExpression) -> SqlExpression:
        return call("if", is_array(held), call("toInt64", call("JSONLength", held)), null_of(T.LONG))

    counted = bind_once((text,), length)
    if path.guards:
        counted = call("if", conjunction(path.guards), counted, null_of(T.LONG))
    return Lowered(counted, bound_call.type, nullable=True)


def _array_sum(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-14: nulls count nothing; an element that is no number makes the sum null."""
    x = SqlColumn("", "x")
    number = call("toFloat64OrNull", x)
    is_other = call("and", call("notEquals", x, NULL), call("isNull", number))

    def total(items: SqlExpression) -> SqlExpression:
        numbers = call("arrayMap", SqlLambda(("x",), call("ifNull", number, call("toFloat64", 0))), items)
        has_other = call("arrayExists", SqlLambda(("x",), is_other), items)
        return call("if", has_other, null_of(T.REAL), call("arraySum", numbers))

    return scalar_of_array(arguments[0], (), bound_call.type, total)


def _strcat_array(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    from kelp.clickhouse.functions.conversions import to_text  # noqa: PLC0415 - conversions read JSON

    array, delimiter = arguments
    separator = to_text(delimiter)
    if (
        isinstance(array.origin, EngineArray)
        and array.origin.type is T.STRING
        and isinstance(separator, SqlLiteral)
    ):
        return as_text(call("arrayStringConcat", array.origin.items, separator), bound_call.type)
    between = Lowered(separator, T.STRING, nullable=False)
    if isinstance(separator, SqlLiteral):
        return scalar_of_array(
            array, (), T.STRING, lambda items: call("arrayStringConcat", plain_texts(items), separator)
        )
    return scalar_of_array(array, (between,), T.STRING, _joined)


def _joined(items: SqlExpression, between: SqlExpression) -> SqlExpression:
    """The engine wants a constant separator; a computed one goes in front of every item, and off the first."""
    x = SqlColumn("", "x")
    text = call(
        "arrayStringConcat",
        call("arrayMap", SqlLambda(("x",), call("concat", between, x)), plain_texts(items)),
    )
    return call("substring", text, call("plus", call("length", between), 1))


def _array_index_of(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Elements are looked for by their JSON text, in which 1.0 is 1."""
    array, wanted, *rest = arguments
    start, length, occurrence = (*rest, *_defaults(len(rest)))
    values = (Lowered(needle_of(wanted), T.STRING, nullable=False), start, length, occurrence)

    def index(
        items: SqlExpression,
        needle: SqlExpression,
        first: SqlExpression,
        count: SqlExpression,
        nth: SqlExpression,
    ) -> SqlExpression:
        low = _from_end(first, _length(items))
        i, x = SqlColumn("", "i"), SqlColumn("", "x")
        within = call("or", call("less", count, 0), call("lessOrEquals", i, call("plus", low, count)))
        found = call("and", call("equals", x, needle), call("greater", i, low), within)
        places = call("arrayFilter", SqlLambda(("i", "x"), found), call("arrayEnumerate", items), items)
        place = call("minus", call("toInt64", call("arrayElement", places, call("greatest", nth, 1))), 1)
        is_relevant = call("and", call("greaterOrEquals", nth, 0), call("greaterOrEquals", count, -1))
        return call("if", is_relevant, place, null_of(T.LONG))

    nullable = [value.nullable for value in values]

    def found(text: SqlExpression, *given: SqlExpression) -> SqlExpression:
        known = tuple(call("isNotNull", part) for part, may in zip(given, nullable, strict=True) if may)
        plain = (
            call("assumeNotNull", part) if may else part for part, may in zip(given, nullable, strict=True)
        )
        made = bind_once((call("JSONExtractArrayRaw", text), *plain), index)
        return call("if", conjunction((is_array(text), *known)), made, null_of(T.LONG))

    sql = bind_once((array.sql, *(value.sql for value in values)), found)
    return Lowered(sql, bound_call.type, nullable=True)


def _defaults(given: int) -> tuple[Lowered, ...]:
    defaults = (0, -1, 1)
    return tuple(Lowered(call("toInt64", value), T.LONG, nullable=False) for value in defaults[given:])


def needle_of(value: Lowered) -> SqlExpression:
    """Return a value as the engine prints it among the elements it takes out of JSON."""
    if value.type is T.REAL:
        text = call("toString", value.sql)
        return call("ifNull", text, NULL) if value.nullable else text
    if value.type is T.DYNAMIC:
        return call("JSONExtractRaw", to_json(value))
    return to_json(value)


# --- from arrays to arrays -------------------------------------------------------------------------------------------


def _array_concat(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-6: what is no array adds nothing; null where none is one."""
    del bound_call
    origins = [argument.origin for argument in arguments if isinstance(argument.origin, EngineArray)]
    kinds = {origin.type for origin in origins}
    if len(origins) == len(arguments) and len(kinds) == 1:
        return array_value(SqlCall("arrayConcat", tuple(origin.items for origin in origins)), kinds.pop())
    if origins:
        parts = tuple(_elements(argument) for argument in arguments)
        return array_value(SqlCall("arrayConcat", parts) if len(parts) > 1 else parts[0])
    return as_text(joined_arrays(arguments, lambda items: items), T.DYNAMIC)


def joined_arrays(arguments: tuple[Lowered, ...], body: Body) -> SqlExpression:
    """Return the dynamic array of `body` over the elements of all arrays; null where none of the values is an array."""

    def joined(*texts: SqlExpression) -> SqlExpression:
        parts = tuple(json_elements(text) for text in texts)
        is_any = tuple(is_array(text) for text in texts)
        items = SqlCall("arrayConcat", parts) if len(parts) > 1 else parts[0]
        condition = SqlCall("or", is_any) if len(is_any) > 1 else is_any[0]
        return call("if", condition, json_array(body(items)), "")

    return bind_once(tuple(argument.sql for argument in arguments), joined)


def _elements(array: Lowered) -> SqlExpression:
    return elements_of(array.origin) if isinstance(array.origin, EngineArray) else json_elements(array.sql)


def _reshaped(array: Lowered, values: tuple[Lowered, ...], body: Body) -> Lowered:
    """Return `over_array` of a body that moves elements without looking at them, so that they may be of any type."""
    if isinstance(array.origin, EngineArray) and not any(value.nullable for value in values):
        made = bind_once((array.origin.items, *(value.sql for value in values)), body)
        return array_value(made, array.origin.type)
    return over_array(array, values, body)


def _array_reverse(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return _reshaped(arguments[0], (), lambda items: call("arrayReverse", items))


def _array_rotate(function: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return _reshaped(arguments[0], arguments[1:], lambda items, count: call(function, items, count))


def _array_shift(function: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-13: what comes in is null, or the empty text into an array of texts, unless the call says."""
    del bound_call
    array, count, *default = arguments
    if default:
        filling = Lowered(to_json(default[0]), T.STRING, nullable=False)
        return over_array(array, (count, filling), lambda items, by, value: call(function, items, by, value))

    def shifted(items: SqlExpression, by: SqlExpression) -> SqlExpression:
        x = SqlColumn("", "x")
        is_text = call("arrayAll", SqlLambda(("x",), call("startsWith", x, '"')), items)
        return call(function, items, by, call("if", is_text, '""', NULL))

    return over_array(array, (count,), shifted)


def _array_slice(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call

    def sliced(items: SqlExpression, start: SqlExpression, end: SqlExpression) -> SqlExpression:
        length = _length(items)
        first = _from_end(start, length)
        last = call("plus", end, call("if", call("less", end, 0), length, 0))
        count = call("greatest", call("plus", call("minus", last, first), 1), 0)
        return call("arraySlice", items, call("plus", first, 1), count)

    return _reshaped(arguments[0], arguments[1:], sliced)


def _array_split(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Positions are one integer or an array of them; a position past the end is the end."""
    del bound_call
    array, where = arguments
    positions = call("array", call("ifNull", where.sql, 0) if where.nullable else where.sql)
    if where.type is T.DYNAMIC:
        positions = call("JSONExtract", to_json(where), "Array(Int64)")
    values = (Lowered(positions, T.LONG, nullable=False),)

    def split(items: SqlExpression, at: SqlExpression) -> SqlExpression:
        length, x = _length(items), SqlColumn("", "x")
        bounded = call("arrayMap", SqlLambda(("x",), call("least", _from_end(x, length), length)), at)
        starts = call("arrayPushFront", bounded, call("toInt64", 0))
        ends = call("arrayPushBack", bounded, length)
        low, high = SqlColumn("", "low"), SqlColumn("", "high")
        count = call("greatest", call("minus", high, low), 0)
        piece = json_array(call("arraySlice", items, call("plus", low, 1), count))
        return call("arrayMap", SqlLambda(("low", "high"), piece), starts, ends)

    return over_array(array, values, split)


def _array_iff(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """A number counts as true unless it is 0; what is neither number nor truth value gives null."""
    del bound_call
    conditions, then, otherwise = arguments
    values = tuple(
        Lowered(call("assumeNotNull", to_json(value)), T.STRING, nullable=False)
        for value in (then, otherwise)
    )

    def chosen(items: SqlExpression, when_true: SqlExpression, when_false: SqlExpression) -> SqlExpression:
        c, t, f = (SqlColumn("", name) for name in ("c", "y", "n"))
        number = call("toFloat64OrNull", c)
        is_true = call(
            "or", call("equals", c, "true"), call("ifNull", call("notEquals", number, 0), literal(False))
        )
        is_false = call(
            "or", call("equals", c, "false"), call("ifNull", call("equals", number, 0), literal(False))
        )
        pick = call("multiIf", is_true, t, is_false, f, NULL)
        branches = (_spread(when_true, items), _spread(when_false, items))
        return call("arrayMap", SqlLambda(("c", "y", "n"), pick), items, *branches)

    return over_array(conditions, values, chosen)


def _spread(value: SqlExpression, beside: SqlExpression) -> SqlExpression:
    """Return as many items as `beside` has: those of an array, null where it is shorter, or one value over and over."""
    length = call("length", beside)
    elements = call("arrayResize", json_elements(value), length, NULL)
    return call("if", is_array(value), elements, call("arrayWithConstant", length, value))


def _array_sort(bound_call: Call, arguments: tuple[Lowered, ...], *, descending: bool) -> Lowered:
    """DYN-12: numbers, then texts, then all else; nulls last unless the call says."""
    del bound_call
    given, leader, nulls_last = arguments
    nulls_at_end = call("if", nulls_last.sql, 1, -1)
    values = (_texts_of(given), Lowered(nulls_at_end, T.LONG, nullable=False))

    def ordered(items: SqlExpression, others: SqlExpression, null_rank: SqlExpression) -> SqlExpression:
        i, x = SqlColumn("", "i"), SqlColumn("", "x")
        rank = call("if", call("equals", x, NULL), call("negate", null_rank) if descending else null_rank, 0)
        kind = call("multiIf", call("match", x, "^[-0-9]"), 0, call("startsWith", x, '"'), 1, 2)
        place = call("negate", call("toInt64", i)) if descending else call("toInt64", i)
        key = call("tuple", rank, kind, call("toFloat64OrZero", x), plain_text(x), place)
        sort = "arrayReverseSort" if descending else "arraySort"
        order = call(sort, SqlLambda(("i", "x"), key), call("arrayEnumerate", items), items)
        return call("arrayMap", SqlLambda(("i",), call("arrayElement", others, i)), order)

    if given == leader:
        return over_array(leader, values[1:], lambda items, null_rank: ordered(items, items, null_rank))

    def of_same_length(
        items: SqlExpression, others: SqlExpression, null_rank: SqlExpression
    ) -> SqlExpression:
        is_same = call("equals", call("length", items), call("length", others))
        return call("if", is_same, json_array(ordered(items, others, null_rank)), "")

    if isinstance(leader.origin, EngineArray):
        made = bind_once((elements_of(leader.origin), *(value.sql for value in values)), of_same_length)
    else:
        made = _where_array(leader, values, of_same_length, literal(""))
    return as_text(made, T.DYNAMIC)


def _texts_of(array: Lowered) -> Lowered:
    return Lowered(_elements(array), T.DYNAMIC, nullable=False)


def _zip(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The result is as long as the longest array; null fills the others."""
    del bound_call
    names = tuple(f"x{index}" for index in range(len(arguments)))

    def zipped(*arrays: SqlExpression) -> SqlExpression:
        lengths = tuple(call("length", array) for array in arrays)
        longest = SqlCall("greatest", lengths) if len(lengths) > 1 else lengths[0]
        padded = (call("arrayResize", array, longest, NULL) for array in arrays)
        row = json_array(SqlCall("array", tuple(SqlColumn("", name) for name in names)))
        return call("arrayMap", SqlLambda(names, row), *padded)

    return array_value(bind_once(tuple(_elements(argument) for argument in arguments), zipped))


SPELLINGS: dict[str, Spelling] = {
    "pack_array": _pack_array,
    "repeat": _repeat,
    "range": _range,
    "array_length": _array_length,
    "array_sum": _array_sum,
    "strcat_array": _strcat_array,
    "array_index_of": _array_index_of,
    "array_concat": _array_concat,
    "array_reverse": _array_reverse,
    "array_rotate_left": partial(_array_rotate, "arrayRotateLeft"),
    "array_rotate_right": partial(_array_rotate, "arrayRotateRight"),
    "array_shift_left": partial(_array_shift, "arrayShiftLeft"),
    "array_shift_right": partial(_array_shift, "arrayShiftRight"),
    "array_slice": _array_slice,
    "array_split": _array_split,
    "array_iff": _array_iff,
    "array_sort_asc": partial(_array_sort, descending=False),
    "array_sort_desc": partial(_array_sort, descending=True),
    "zip": _zip,
}
