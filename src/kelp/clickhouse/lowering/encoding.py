"""Cells as the result format wants them."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.formatting import real_name, timespan_text
from kelp.clickhouse.functions.spelling import Lowered, call, literal
from kelp.clickhouse.functions.ticks import ticks_of
from kelp.clickhouse.sql import SqlCast, SqlColumn, SqlLiteral
from kelp.clickhouse.types import expression_type
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.types import Column

_NUMBER_OR_TEXT = "Variant(Float64, String)"
_WIRE_AS_IS = frozenset({T.STRING, T.GUID, T.INT, T.LONG, T.DATETIME})


class Encoding(StrEnum):
    """What the result is read as."""

    WIRE = "wire"
    """JSON rows: timespans and decimals as text, NaN and infinities as text, dynamic null as null."""
    NATIVE = "native"
    """The engine's own types, for storage."""
    ARROW = "arrow"
    """Arrow columns: times as ticks since 1970, timespans as ticks, decimals and ids as text, dynamic as JSON text."""


def encode_level(
    context: LoweringContext, level: Level, columns: Iterable[Column], encoding: Encoding
) -> Level:
    """Return the level with exactly `columns`, each encoded.

    An encoding names its cell several times, so a level with cells that are more than columns becomes a subquery first.
    """
    wanted = {column.name: level.columns[column.name] for column in columns}
    if encoding is not Encoding.NATIVE and any(_is_repeated(value) for value in wanted.values()):
        level.columns = wanted
        level = level.close(context)
        wanted = level.columns
    level.columns = {name: encode_cell(value, encoding) for name, value in wanted.items()}
    return level


def _is_repeated(value: Lowered) -> bool:
    simple = isinstance(value.sql, (SqlColumn, SqlLiteral))
    return value.type in (T.REAL, T.TIMESPAN, T.DYNAMIC) and not simple


def encode_cell(value: Lowered, encoding: Encoding) -> Lowered:
    """Return the cell for the encoding; the cell itself where nothing is to do."""
    if encoding is Encoding.NATIVE:
        return _encode_native(value)
    if encoding is Encoding.ARROW:
        return Lowered(_encode_arrow(value), value.type, value.nullable)
    if value.type in _WIRE_AS_IS:
        return value
    return Lowered(_encode_wire(value), value.type, value.nullable)


def _encode_native(value: Lowered) -> Lowered:
    if value.type in (T.STRING, T.DYNAMIC):
        return value
    return Lowered(SqlCast(value.sql, expression_type(value.type)), value.type, nullable=True)


def _encode_arrow(value: Lowered) -> SqlExpression:
    match value.type:
        case T.STRING:
            return call("toValidUTF8", value.sql)
        case T.DYNAMIC:
            return _dynamic_cell(call("toValidUTF8", value.sql))
        case T.DECIMAL | T.GUID:
            return SqlCast(call("toString", value.sql), "Nullable(String)")
        case T.DATETIME:
            return SqlCast(ticks_of(value), "Nullable(Int64)")
        case _:
            return SqlCast(value.sql, expression_type(value.type))


def _encode_wire(value: Lowered) -> SqlExpression:
    sql = value.sql
    match value.type:
        case T.BOOL:
            return sql if isinstance(sql, SqlLiteral) else call("toBool", sql)
        case T.REAL:
            return _real_cell(sql)
        case T.DECIMAL:
            return call("toString", sql)
        case T.TIMESPAN:
            return timespan_text(sql)
        case T.DYNAMIC:
            return _dynamic_cell(sql)
        case _:
            return sql


def _real_cell(sql: SqlExpression) -> SqlExpression:
    """Finite numbers stay numbers; what JSON has no number for is text."""
    if isinstance(sql, SqlLiteral) and isinstance(sql.value, float):
        return literal(real_name(sql.value)) if not math.isfinite(sql.value) else sql
    named = call("multiIf", call("isNaN", sql), "NaN", call("less", sql, 0), "-Infinity", "Infinity")
    special = call("or", call("isNaN", sql), call("isInfinite", sql))
    # Through a Variant of its own, since a text cast to a Variant with numbers is read as one.
    return call(
        "if",
        special,
        SqlCast(SqlCast(named, "Variant(String)"), _NUMBER_OR_TEXT),
        SqlCast(sql, _NUMBER_OR_TEXT),
    )


def _dynamic_cell(sql: SqlExpression) -> SqlExpression:
    if isinstance(sql, SqlLiteral):
        return literal(None) if sql.value in ("", "null") else sql
    return call("if", call("in", sql, call("tuple", "", "null")), literal(None), sql)
