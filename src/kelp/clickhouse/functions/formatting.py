"""Scalar values as the text KQL prints them (rules TEXT-1 to TEXT-5).

Every function gives a text for a value that is not null; what null becomes is the caller's choice.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, call, literal
from kelp.clickhouse.functions.ticks import TICKS_PER_DAY, TICKS_PER_SECOND
from kelp.clickhouse.sql import SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression


def text_of(value: Lowered) -> SqlExpression:
    """Return the value of any type but dynamic as text; NULL where the value is null."""
    match value.type:
        case T.STRING:
            return value.sql
        case T.BOOL:
            return bool_text(value)
        case T.REAL:
            return real_text(value.sql, nullable=value.nullable)
        case T.DATETIME:
            return datetime_text(value.sql)
        case T.TIMESPAN:
            return timespan_text(value.sql)
        case _:
            return call("toString", value.sql)


def bool_text(value: Lowered) -> SqlExpression:
    """TEXT-1: `True` and `False`."""
    if value.nullable:
        return call("multiIf", call("isNull", value.sql), literal(None), value.sql, "True", "False")
    return call("if", value.sql, "True", "False")


def datetime_text(sql: SqlExpression) -> SqlExpression:
    """TEXT-2: ISO 8601 with seven digits: `2024-01-02T03:04:05.0000000Z`."""
    return call("concat", call("replaceOne", call("toString", sql), " ", "T"), "Z")


def timespan_text(ticks: SqlExpression) -> SqlExpression:
    """TEXT-3: `[-][d.]hh:mm:ss[.fffffff]` of ticks; the days and the fraction only where they are not zero."""
    if isinstance(ticks, SqlLiteral) and isinstance(ticks.value, int):
        return literal(format_timespan(ticks.value))
    size = call("abs", ticks)
    days, rest = call("intDiv", size, TICKS_PER_DAY), call("modulo", size, TICKS_PER_DAY)
    fraction = call("modulo", size, TICKS_PER_SECOND)
    clock = call("formatDateTime", call("toDateTime", call("intDiv", rest, TICKS_PER_SECOND), "UTC"), "%T")
    digits = call("concat", ".", call("leftPad", call("toString", fraction), 7, "0"))
    return call(
        "concat",
        call("if", call("less", ticks, 0), "-", ""),
        call("if", call("equals", days, 0), "", call("concat", call("toString", days), ".")),
        clock,
        call("if", call("equals", fraction, 0), "", digits),
    )


def format_timespan(ticks: int) -> str:
    """Return what `timespan_text` gives, for a constant."""
    seconds, fraction = divmod(abs(ticks), TICKS_PER_SECOND)
    days, seconds = divmod(seconds, 86_400)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{'-' * (ticks < 0)}{f'{days}.' * (days > 0)}{clock}{f'.{fraction:07}' * (fraction > 0)}"


def real_text(sql: SqlExpression, *, nullable: bool) -> SqlExpression:
    """TEXT-4: the shortest digits that read back the same, whole numbers with `.0`; `NaN`, `Infinity`, `-Infinity`."""
    text = call("toString", sql)
    whole = call("match", text, "^-?[0-9]+$")
    named = call("multiIf", call("isNaN", sql), "NaN", call("less", sql, 0), "-Infinity", "Infinity")
    return call(
        "multiIf",
        whole,
        call("concat", text, ".0"),
        call("isFinite", sql),
        text,
        call("if", call("isNull", sql), literal(None), named) if nullable else named,
    )


def real_name(value: float) -> str:
    """Return the name of a real that is not finite."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
