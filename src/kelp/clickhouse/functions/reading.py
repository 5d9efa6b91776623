"""Text as values of other types, NULL where it is none (rules READ-1 to READ-6).

What is common is recognised by a cheap look at the text and read by one engine function; the rest takes the long way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import call, literal
from kelp.clickhouse.functions.ticks import TICKS_PER_DAY, TICKS_PER_SECOND
from kelp.clickhouse.sql import SqlColumn, SqlLambda

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression

_HEXADECIMAL = "^0[xX][0-9a-fA-F]{1,16}$"

_US_DATE = r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}( |$)"
_NAMED_MONTH = r"(?i)^(?:[a-z]{3,9}, *)?([0-9]{1,2})[ -]([a-z]{3})[ -]([0-9]{4}|[0-9]{2})( .*)?$"
_PLAIN_DATE = r"^([0-9]{8}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{4})([T ]|$)"

_CLOCK = r"^(-?)(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]{1,7}))?)?$"
_QUANTITY = r"^(-?[0-9]{1,18}(?:\.[0-9]+)?) *([a-z]*)$"
_UNITS = {
    "d": TICKS_PER_DAY, "day": TICKS_PER_DAY, "days": TICKS_PER_DAY, "": TICKS_PER_DAY,
    "h": 3600 * TICKS_PER_SECOND, "hr": 3600 * TICKS_PER_SECOND, "hrs": 3600 * TICKS_PER_SECOND,
    "hour": 3600 * TICKS_PER_SECOND, "hours": 3600 * TICKS_PER_SECOND,
    "m": 60 * TICKS_PER_SECOND, "min": 60 * TICKS_PER_SECOND,
    "minute": 60 * TICKS_PER_SECOND, "minutes": 60 * TICKS_PER_SECOND,
    "s": TICKS_PER_SECOND, "sec": TICKS_PER_SECOND, "second": TICKS_PER_SECOND, "seconds": TICKS_PER_SECOND,
    "ms": 10_000, "milli": 10_000, "millis": 10_000, "millisecond": 10_000, "milliseconds": 10_000,
    "micro": 10, "micros": 10, "microsecond": 10, "microseconds": 10, "tick": 1, "ticks": 1,
}  # fmt: skip


def integer_of(text: SqlExpression, bits: int) -> SqlExpression:
    """READ-1: a whole number in decimal digits, or in hexadecimal ones after `0x`, whose bits it gives."""

    def read(source: SqlExpression) -> SqlExpression:
        decimal = call(f"toInt{bits}OrNull", source)
        little_endian = call("reverse", call("unhex", call("substring", source, 3)))
        hexadecimal = call("accurateCastOrNull", call("reinterpretAsInt64", little_endian), f"Int{bits}")
        is_hexadecimal = call("match", source, _HEXADECIMAL)
        plain = call("not", call("startsWith", source, "0"))
        return call("multiIf", plain, decimal, is_hexadecimal, hexadecimal, decimal)

    return bind_once((text,), read)


def real_of(text: SqlExpression) -> SqlExpression:
    """READ-2: a number with or without fraction and exponent, `nan`, `inf`, `-inf`."""
    return call("toFloat64OrNull", text)


def decimal_of(text: SqlExpression) -> SqlExpression:
    """READ-2 for decimals."""
    return call("toDecimal128OrNull", text, 18)


def bool_of(text: SqlExpression) -> SqlExpression:
    """READ-3: `true` and `false` in any case, or a number that is zero or not."""

    def read(source: SqlExpression) -> SqlExpression:
        lowered = call("lower", source)
        number = call("notEquals", call("toInt64OrNull", source), 0)
        return call(
            "multiIf",
            call("equals", lowered, "true"),
            literal(True),
            call("equals", lowered, "false"),
            literal(False),
            number,
        )

    return bind_once((text,), read)


def guid_of(text: SqlExpression) -> SqlExpression:
    """READ-4: with or without hyphens and braces."""
    return call("toUUIDOrNull", call("trimBoth", text, "{}"))


def datetime_of_text(text: SqlExpression) -> SqlExpression:
    """READ-5: ISO 8601 and its sortable relatives, RFC 822, RFC 850, and `month/day/year`.

    Two-digit years up to 49 are of this century. Text that is only a time, or only digits other than a date's, is none.
    """

    def read(source: SqlExpression) -> SqlExpression:
        iso = call("equals", call("substring", source, 5, 1), "-")
        return call(
            "multiIf",
            iso,
            _parsed(source),
            call("match", source, _US_DATE),
            _parsed(source, "US"),
            call("match", source, _NAMED_MONTH),
            _parsed(_with_long_year(source)),
            call("match", source, _PLAIN_DATE),
            _parsed(source),
            literal(None),
        )

    return bind_once((text,), read)


def _parsed(text: SqlExpression, dialect: str = "") -> SqlExpression:
    return call(f"parseDateTime64BestEffort{dialect}OrNull", text, 7, "UTC")


def _with_long_year(text: SqlExpression) -> SqlExpression:
    """The engine takes the day's own year for two digits."""
    year = call("extractGroups", text, _NAMED_MONTH)
    short = call("arrayElement", year, 3)
    century = call("if", call("less", short, "50"), "20", "19")
    long = call("if", call("equals", call("length", short), 2), call("concat", century, short), short)
    day, month, time = (call("arrayElement", year, part) for part in (1, 2, 4))
    return call("concat", day, " ", month, " ", long, time)


def timespan_of(text: SqlExpression) -> SqlExpression:
    """READ-6: `[-][d.]hh:mm[:ss[.fffffff]]`, or a number with a unit (days where there is none)."""

    def read(source: SqlExpression) -> SqlExpression:
        groups = call("extractGroups", source, _CLOCK)
        return call("if", call("match", source, _CLOCK), _clock_ticks(groups), _quantity_ticks(source))

    return bind_once((text,), read)


def _clock_ticks(groups: SqlExpression) -> SqlExpression:
    part = SqlColumn("", "g")

    def number(position: int) -> SqlExpression:
        return call("toInt64OrZero", call("arrayElement", part, position))

    days, hours, minutes, seconds = (number(position) for position in (2, 3, 4, 5))
    fraction = call("toInt64OrZero", call("rightPad", call("arrayElement", part, 6), 7, "0"))
    clock = call("plus", call("multiply", call("plus", call("multiply", hours, 60), minutes), 60), seconds)
    size = call(
        "plus", call("multiply", days, TICKS_PER_DAY), call("multiply", clock, TICKS_PER_SECOND), fraction
    )
    signed = call("if", call("equals", call("arrayElement", part, 1), "-"), call("negate", size), size)
    valid = call("and", call("less", hours, 24), call("less", minutes, 60), call("less", seconds, 60))
    ticks = call("if", valid, signed, literal(None))
    return call("arrayElement", call("arrayMap", SqlLambda(("g",), ticks), call("array", groups)), 1)


def _quantity_ticks(text: SqlExpression) -> SqlExpression:
    groups = call("extractGroups", text, _QUANTITY)
    amount = call("toDecimal128OrNull", call("arrayElement", groups, 1), 9)
    units = call("array", *(literal(unit) for unit in _UNITS))
    sizes = call("array", *(call("toInt64", size) for size in _UNITS.values()))
    unit = call("transform", call("arrayElement", groups, 2), units, sizes, call("toInt64", 0))
    ticks = call("toInt64", call("truncate", call("multiply", amount, call("nullIf", unit, 0))))
    return call("if", call("match", text, _QUANTITY), ticks, literal(None))
