"""Conversions between scalar types. A value that does not convert is null (rules CONV-1 to CONV-8).

Numbers that do not fit become null; reals lose their fraction; a timespan counts as its ticks, a datetime as its
ticks since the year 1.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import reading
from kelp.clickhouse.functions.formatting import text_of
from kelp.clickhouse.functions.json_paths import extract, extract_text
from kelp.clickhouse.functions.json_text import json_string, to_json
from kelp.clickhouse.functions.spelling import JsonPath, Lowered, Spelling, as_text, call, literal, null_of
from kelp.clickhouse.functions.ticks import EPOCH_TICKS, datetime_within, ticks_of
from kelp.clickhouse.sql import SqlColumn
from kelp.kql.functions.conversions import CONVERSIONS
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_BITS = {T.INT: 32, T.LONG: 64}
_INTEGERS = (T.INT, T.LONG)


def to_text(value: Lowered) -> SqlExpression:
    """Return the value as KQL text (rules TEXT-1 to TEXT-5); the empty text for null."""
    if value.type is T.STRING:
        return value.sql
    if value.type is T.DYNAMIC:
        return to_text(value.origin) if isinstance(value.origin, Lowered) else extract_text(value)
    text = text_of(value)
    return call("ifNull", text, "") if value.nullable else text


def convert(value: Lowered, target: T) -> Lowered:
    """Return the value as `target`; null where it does not convert."""
    if value.type is target:
        return value
    if value.type is T.DYNAMIC and isinstance(value.origin, Lowered):
        return convert(value.origin, target)
    match target:
        case T.STRING:
            # What a text was taken from may tell quickly that it does not hold what is looked for.
            text = to_text(value)
            origin = value if value.type is T.DYNAMIC and not isinstance(text, SqlColumn) else None
            return replace(as_text(text, T.STRING), origin=origin)
        case T.DYNAMIC:
            return _to_dynamic(value)
        case T.BOOL:
            return _to_bool(value)
        case T.INT | T.LONG:
            return _to_integer(value, target)
        case T.REAL:
            return _to_real(value)
        case T.DECIMAL:
            return _to_decimal(value)
        case T.DATETIME:
            return _to_datetime(value)
        case T.TIMESPAN:
            return _to_timespan(value)
        case T.GUID:
            return _from_text(value, T.GUID, reading.guid_of)


def _null(target: T) -> Lowered:
    return Lowered(null_of(target), target, nullable=True)


def _from_text(value: Lowered, target: T, read: Callable[[SqlExpression], SqlExpression]) -> Lowered:
    """Read a string, or the text of a dynamic value; other types have no such conversion."""
    if value.type not in (T.STRING, T.DYNAMIC):
        return _null(target)
    return Lowered(read(to_text(value)), target, nullable=True)


def _to_dynamic(value: Lowered) -> Lowered:
    """CONV-7: a text is read as JSON, and is a string where it is none; any other value stays what it is."""
    if value.type is not T.STRING:
        return Lowered(to_json(value), T.DYNAMIC, nullable=False, origin=value)
    text = value.sql
    parsed = call("if", call("or", call("isValidJSON", text), call("empty", text)), text, json_string(text))
    return Lowered(parsed, T.DYNAMIC, nullable=False, origin=JsonPath(text))


def _to_bool(value: Lowered) -> Lowered:
    if value.type.is_numeric:
        return Lowered(call("notEquals", value.sql, 0), T.BOOL, value.nullable)
    return _from_text(value, T.BOOL, reading.bool_of)


def _to_integer(value: Lowered, target: T) -> Lowered:
    """CONV-3."""
    bits = _BITS[target]
    match value.type:
        case T.BOOL | T.INT:
            return Lowered(call(f"toInt{bits}", value.sql), target, value.nullable)
        case T.LONG | T.TIMESPAN | T.DATETIME:
            ticks = value.sql if value.type is not T.DATETIME else call("plus", ticks_of(value), EPOCH_TICKS)
            if target is T.LONG:
                return Lowered(ticks, target, value.nullable)
            return Lowered(call("accurateCastOrNull", ticks, "Int32"), target, nullable=True)
        case T.REAL:
            fits = call("less", call("abs", value.sql), 2.0 ** (bits - 1))
            return Lowered(
                call("if", fits, call(f"toInt{bits}", value.sql), literal(None)), target, nullable=True
            )
        case T.DECIMAL:
            whole = call("extract", call("toString", value.sql), "^-?[0-9]+")
            return Lowered(call(f"toInt{bits}OrNull", whole), target, nullable=True)
        case T.DYNAMIC:
            return Lowered(extract(value, f"Nullable(Int{bits})"), target, nullable=True)
        case _:
            return _from_text(value, target, partial(reading.integer_of, bits=bits))


def _to_real(value: Lowered) -> Lowered:
    match value.type:
        case T.BOOL | T.INT | T.LONG | T.DECIMAL | T.TIMESPAN:
            return Lowered(call("toFloat64", value.sql), T.REAL, value.nullable)
        case T.DATETIME:
            ticks = call("plus", ticks_of(value), EPOCH_TICKS)
            return Lowered(call("toFloat64", ticks), T.REAL, value.nullable)
        case T.DYNAMIC:
            return Lowered(extract(value, "Nullable(Float64)"), T.REAL, nullable=True)
        case _:
            return _from_text(value, T.REAL, reading.real_of)


def _to_decimal(value: Lowered) -> Lowered:
    """CONV-4: a real becomes the decimal that its shortest digits name."""
    match value.type:
        case T.BOOL | T.INT | T.LONG:
            return Lowered(call("toDecimal128", value.sql, 18), T.DECIMAL, value.nullable)
        case T.REAL:
            return Lowered(reading.decimal_of(call("toString", value.sql)), T.DECIMAL, nullable=True)
        case _:
            return _from_text(value, T.DECIMAL, reading.decimal_of)


def _to_datetime(value: Lowered) -> Lowered:
    """CONV-5: a number counts ticks since the year 1."""
    if value.type in (*_INTEGERS, T.TIMESPAN):
        since = call("minus", call("toInt64", value.sql), EPOCH_TICKS)
        return Lowered(datetime_within(since), T.DATETIME, nullable=True)
    return _from_text(value, T.DATETIME, reading.datetime_of_text)


def _to_timespan(value: Lowered) -> Lowered:
    """CONV-6: a number counts ticks."""
    if value.type in _INTEGERS:
        return Lowered(call("toInt64", value.sql), T.TIMESPAN, value.nullable)
    if value.type is T.REAL:
        return Lowered(_to_integer(value, T.LONG).sql, T.TIMESPAN, nullable=True)
    return _from_text(value, T.TIMESPAN, reading.timespan_of)


def _as_dynamic(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Wrap a value without looking into it."""
    (value,) = arguments
    return Lowered(to_json(value), bound_call.type, nullable=False, origin=value)


def _spell(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return convert(arguments[0], bound_call.type)


SPELLINGS: dict[str, Spelling] = {**dict.fromkeys(CONVERSIONS, _spell), "$as_dynamic": _as_dynamic}
