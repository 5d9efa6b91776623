"""Columns at the border to segments, both ways: what `plan.segment_operations.Form` says, in the engine's types."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.functions.json_text import bind_once, is_array, json_elements
from kelp.clickhouse.functions.series import series_value
from kelp.clickhouse.functions.spelling import EngineArray, EngineSeries, Lowered, call
from kelp.clickhouse.functions.ticks import datetime_of, ticks_of
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlLambda
from kelp.clickhouse.types import SERIES, expression_type
from kelp.kql.types import ScalarType as T
from kelp.plan.segment_operations import Form

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.plan.segment_operations import SegmentColumn

_TICKS = "Nullable(Int64)"
_TEXT = "Nullable(String)"
_NUMERIC = (T.INT, T.LONG, T.REAL)


def arrow_type(column: SegmentColumn) -> str:
    """Return the engine's type of a column as it crosses the border."""
    if column.form is Form.SERIES:
        return SERIES
    match column.type:
        case T.DATETIME:
            return _TICKS
        case T.GUID:
            return _TEXT
        case _:
            return expression_type(column.type)


def to_arrow(value: Lowered, form: Form) -> SqlExpression:
    """Return a value as a segment gets it."""
    if form is Form.SERIES:
        return _series_of(value)
    match value.type:
        case T.STRING:
            return call("toValidUTF8", value.sql)
        case T.DYNAMIC:
            return bind_once(
                (value.sql,),
                lambda text: call("if", call("equals", text, "null"), "", call("toValidUTF8", text)),
            )
        case T.DATETIME:
            return SqlCast(ticks_of(value), _TICKS)
        case T.GUID:
            return SqlCast(call("toString", value.sql), _TEXT)
        case T.BOOL | T.INT | T.LONG | T.REAL | T.DECIMAL | T.TIMESPAN:
            return SqlCast(value.sql, expression_type(value.type))
        case _:
            assert_never(value.type)


def from_arrow(reference: SqlColumn, column: SegmentColumn) -> Lowered:
    """Return a value as a segment gave it."""
    if column.form is Form.SERIES:
        return series_value(reference)
    match column.type:
        case T.STRING | T.DYNAMIC:
            return Lowered(reference, column.type, nullable=False)
        case T.DATETIME:
            return Lowered(datetime_of(reference), T.DATETIME, nullable=True)
        case T.GUID:
            return Lowered(call("toUUIDOrNull", reference), T.GUID, nullable=True)
        case _:
            return Lowered(reference, column.type, nullable=True)


def _series_of(value: Lowered) -> SqlExpression:
    """An item that is text counts only where it names what JSON has no number for."""
    if isinstance(value.origin, EngineArray) and value.origin.type in _NUMERIC:
        return SqlCast(call("array", value.origin.items), SERIES)
    if isinstance(value.origin, EngineSeries):
        return SqlCast(value.origin.series, SERIES)

    def numbers(text: SqlExpression) -> SqlExpression:
        item = SqlColumn("", "i")
        number = call("toFloat64OrNull", call("replaceAll", item, '"', ""))
        items = call("arrayMap", SqlLambda(("i",), number), json_elements(text))
        return call(
            "if",
            is_array(text),
            SqlCast(call("array", items), SERIES),
            SqlCast(SqlCall("array", ()), SERIES),
        )

    return bind_once((value.sql,), numbers)
