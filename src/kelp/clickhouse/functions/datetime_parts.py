"""Datetimes and timespans taken apart, and put together from parts (rules DT-5 to DT-8)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import reading
from kelp.clickhouse.functions.conversions import convert
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal
from kelp.clickhouse.functions.ticks import (
    EPOCH_TICKS,
    TICKS_PER_DAY,
    TICKS_PER_SECOND,
    datetime_of,
    ticks_of,
)
from kelp.clickhouse.sql import SqlLiteral
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.literals import MAX_DATETIME, MIN_DATETIME
from kelp.kql.time_zones import find_time_zone, time_zones
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_PARTS = {
    "year": "toYear", "quarter": "toQuarter", "month": "toMonth", "week_of_year": "toISOWeek",
    "day": "toDayOfMonth", "dayofyear": "toDayOfYear",
    "hour": "toHour", "minute": "toMinute", "second": "toSecond",
}  # fmt: skip
_FRACTIONS = {"millisecond": 10_000, "microsecond": 10, "nanosecond": None}


# --- apart -----------------------------------------------------------------------------------------------------------


def _part(name: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    value = arguments[-1]
    return Lowered(call("toInt32", call(name, value.sql)), bound_call.type, value.nullable)


def _legacy_week(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-5: weeks of `weekofyear` start on Sunday and belong to the year of their Wednesday."""
    (value,) = arguments
    days = call("minus", call("toInt64", 3), call("toInt64", _weekday(ticks_of(value))))
    wednesday = datetime_of(
        call("plus", ticks_of(value), call("multiply", days, call("toInt64", TICKS_PER_DAY)))
    )
    week = call(
        "plus", call("intDiv", call("minus", call("toInt32", call("toDayOfYear", wednesday)), 1), 7), 1
    )
    return Lowered(call("toInt32", week), bound_call.type, value.nullable)


def _weekday(ticks: SqlExpression) -> SqlExpression:
    """Return the days since Sunday; the year 1 starts on a Monday."""
    since = call("plus", ticks, call("toInt64", EPOCH_TICKS + TICKS_PER_DAY))
    return call("modulo", call("intDiv", since, call("toInt64", TICKS_PER_DAY)), 7)


def _day_of_week(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    days = call("multiply", call("toInt64", _weekday(ticks_of(value))), call("toInt64", TICKS_PER_DAY))
    return Lowered(days, bound_call.type, value.nullable)


def _datetime_part(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-6: the parts below a second are all that is below it, in their unit."""
    part, value = bound_call.arguments[0], arguments[1]
    name = str(part.value).lower() if isinstance(part, Literal) else ""
    if name in _PARTS:
        return _part(_PARTS[name], bound_call, arguments)
    if name == "weekofyear":
        return _legacy_week(bound_call, arguments[1:])
    if name not in _FRACTIONS:
        known = ", ".join((*_PARTS, *_FRACTIONS))
        raise refusal(WRONG_ARGUMENTS, f"a datetime has no part '{name}'", bound_call.span, f"one of {known}")
    fraction = call("positiveModulo", ticks_of(value), TICKS_PER_SECOND)
    divisor = _FRACTIONS[name]
    amount = call("intDiv", fraction, divisor) if divisor else call("multiply", fraction, 100)
    return Lowered(call("toInt32", amount), bound_call.type, value.nullable)


# --- together --------------------------------------------------------------------------------------------------------


def _make_datetime(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-7: null where there is no such day or time."""
    if len(arguments) == 1:
        return convert(arguments[0], T.DATETIME)
    year, month, day = (value.sql for value in arguments[:3])
    given = [value.sql for value in arguments[3:]]
    hour, minute, second = given + [literal(0)] * (3 - len(given))
    padded = call("leftPad", call("toString", year), 4, "0")
    text = call("concat", padded, "-", call("toString", month), "-", call("toString", day))
    date = call(
        "if",
        _within((year, 1, 9999), (month, 1, 12), (day, 1, 31)),
        reading.datetime_of_text(text),
        literal(None),
    )
    time = _clock(literal(0), hour, minute, second)
    ticks = call("plus", call("reinterpretAsInt64", date), time)
    return Lowered(datetime_of(ticks), bound_call.type, nullable=True)


def _make_timespan(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-7."""
    if len(arguments) == 1:
        return convert(arguments[0], T.TIMESPAN)
    parts = [value.sql for value in arguments]
    if len(parts) == 4:
        return Lowered(_clock(*parts), bound_call.type, nullable=True)
    return Lowered(
        _clock(literal(0), *parts, *([literal(0)] if len(parts) == 2 else [])), bound_call.type, nullable=True
    )


def _clock(
    days: SqlExpression, hours: SqlExpression, minutes: SqlExpression, seconds: SqlExpression
) -> SqlExpression:
    """Return the ticks of a time; NULL where one of the parts is out of its range."""
    whole = call("multiply", call("plus", call("multiply", hours, 60), minutes), 60 * TICKS_PER_SECOND)
    fraction = call("toInt64", call("round", call("multiply", seconds, TICKS_PER_SECOND)))
    ticks = call("plus", call("multiply", days, TICKS_PER_DAY), whole, fraction)
    valid = _within((hours, 0, 23), (minutes, 0, 59))
    second_fits = call("and", call("greaterOrEquals", seconds, 0), call("less", seconds, 60))
    return call("if", call("and", valid, second_fits), call("toInt64", ticks), literal(None))


def _within(*ranges: tuple[SqlExpression, int, int]) -> SqlExpression:
    conditions = [
        condition
        for value, low, high in ranges
        for condition in (call("greaterOrEquals", value, low), call("lessOrEquals", value, high))
    ]
    return call("and", *conditions)


def _from_unix_time(per_unit: int, divisor: int, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-8: moments that no datetime holds are null; a fraction counts down to ticks."""
    (value,) = arguments
    if value.type in (T.INT, T.LONG):
        number = value.sql
        limit = (MAX_DATETIME * divisor) // per_unit
        ticks = call("multiply", number, per_unit) if divisor == 1 else call("intDiv", number, divisor)
        fits = call("lessOrEquals", call("abs", number), limit)
    else:
        ticks = call("toInt64", call("multiply", call("toFloat64", value.sql), per_unit / divisor))
        fits = call("less", call("abs", value.sql), MAX_DATETIME * divisor / per_unit)
    ticks = call("if", fits, ticks, literal(None))

    def checked(held: SqlExpression) -> SqlExpression:
        return call("if", call("greaterOrEquals", held, MIN_DATETIME), datetime_of(held), literal(None))

    return Lowered(bind_once((ticks,), checked), bound_call.type, nullable=True)


# --- time zones ------------------------------------------------------------------------------------------------------


Offset = Callable[["SqlExpression"], "SqlExpression"]
"""Gives the ticks that local time is ahead of UTC at a moment, given in ticks too."""


def _with_zone(
    bound_call: Call, arguments: tuple[Lowered, ...], shift: Callable[[SqlExpression, Offset], SqlExpression]
) -> Lowered:
    """DT-11: names of zones in any case. An unknown one is refused where it is constant, else null."""
    value, zone = arguments
    if isinstance(zone.sql, SqlLiteral):
        name = find_time_zone(str(zone.sql.value))
        if name is None:
            message = f"there is no time zone named '{zone.sql.value}'"
            raise refusal(WRONG_ARGUMENTS, message, bound_call.span, "write one like 'Europe/Berlin'")
        moved = shift(ticks_of(value), partial(_offset_of_constant, name))
        return Lowered(datetime_of(moved), bound_call.type, value.nullable)
    named = call("transform", call("lower", zone.sql), *_zone_names(), "")

    def shifted(ticks: SqlExpression, name: SqlExpression) -> SqlExpression:
        known = call("if", call("empty", name), "UTC", name)
        moved = datetime_of(shift(ticks, lambda at: _offset_of_row(known, at)))
        return call("if", call("empty", name), literal(None), moved)

    return Lowered(bind_once((ticks_of(value), named), shifted), bound_call.type, nullable=True)


@cache
def _zone_names() -> tuple[SqlLiteral, SqlLiteral]:
    names = time_zones()
    return literal(tuple(names)), literal(tuple(names.values()))


def _offset_of_constant(name: str, ticks: SqlExpression) -> SqlExpression:
    seconds = call("timezoneOffset", call("toTimezone", datetime_of(ticks), name))
    return call("multiply", call("toInt64", seconds), TICKS_PER_SECOND)


def _offset_of_row(name: SqlExpression, ticks: SqlExpression) -> SqlExpression:
    """Of all the engine's functions, this one takes zones that change from row to row."""
    shown = call("toString", datetime_of(ticks), name)
    local = call("reinterpretAsInt64", call("toDateTime64", shown, 7, "UTC"))
    return call("minus", local, ticks)


def _utc_to_local(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return _with_zone(bound_call, arguments, lambda ticks, offset: call("plus", ticks, offset(ticks)))


def _local_to_utc(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-9: a local time that happens twice is the second one; one that is skipped is read by the later clock."""

    def resolved(local: SqlExpression, offset: Offset) -> SqlExpression:
        earlier, later = (
            call("minus", local, offset(call(shift, local, TICKS_PER_DAY))) for shift in ("minus", "plus")
        )
        holds = [call("equals", call("plus", moment, offset(moment)), local) for moment in (earlier, later)]
        both = call("and", *holds)
        neither = call("not", call("or", *holds))
        return call(
            "multiIf", both, call("greatest", earlier, later), neither, call("least", earlier, later),
            holds[0], earlier, later,
        )  # fmt: skip

    def once(local: SqlExpression, offset: Offset) -> SqlExpression:
        return bind_once((local,), lambda held: resolved(held, offset))

    return _with_zone(bound_call, arguments, once)


SPELLINGS: dict[str, Spelling] = {
    "getyear": partial(_part, "toYear"),
    "monthofyear": partial(_part, "toMonth"),
    "week_of_year": partial(_part, "toISOWeek"),
    "weekofyear": _legacy_week,
    "dayofmonth": partial(_part, "toDayOfMonth"),
    "dayofyear": partial(_part, "toDayOfYear"),
    "hourofday": partial(_part, "toHour"),
    "dayofweek": _day_of_week,
    "datetime_part": _datetime_part,
    "make_datetime": _make_datetime,
    "make_timespan": _make_timespan,
    "unixtime_seconds_todatetime": partial(_from_unix_time, TICKS_PER_SECOND, 1),
    "unixtime_milliseconds_todatetime": partial(_from_unix_time, 10_000, 1),
    "unixtime_microseconds_todatetime": partial(_from_unix_time, 10, 1),
    "unixtime_nanoseconds_todatetime": partial(_from_unix_time, 1, 100),
    "datetime_utc_to_local": _utc_to_local,
    "datetime_local_to_utc": _local_to_utc,
}
