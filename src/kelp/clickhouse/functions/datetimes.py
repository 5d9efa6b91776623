"""Functions over datetimes and timespans: bins, calendar boundaries, parts and differences, all in ticks (DT-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions import datetime_formats, datetime_parts
from kelp.clickhouse.functions.conversions import convert
from kelp.clickhouse.functions.decimals import as_decimal
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal
from kelp.clickhouse.functions.ticks import EPOCH_TICKS, TICKS_PER_DAY, datetime_of, datetime_within, ticks_of
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.literals import MAX_DATETIME, MIN_DATETIME
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql import bound
    from kelp.kql.bound import Call

_WEEK = 7 * TICKS_PER_DAY
_HOUR = TICKS_PER_DAY // 24
_UNIT_TICKS = {
    "week": _WEEK, "day": TICKS_PER_DAY, "hour": _HOUR, "minute": _HOUR // 60, "second": _HOUR // 3600,
    "millisecond": _HOUR // 3_600_000, "microsecond": 10,
}  # fmt: skip
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_FIRST_MONTH, _LAST_MONTH = 1 * 12 + 1, 9999 * 12 + 12


def long(value: int) -> SqlExpression:
    """Return a constant of the engine's 64-bit type; a bare number would be unsigned, and slower beside signed ones."""
    return call("toInt64", value)


def _ticks(value: Lowered) -> SqlExpression:
    return ticks_of(value) if value.type is T.DATETIME else value.sql


def _value(ticks: SqlExpression, kind: T) -> SqlExpression:
    return datetime_of(ticks) if kind is T.DATETIME else ticks


# --- bins ------------------------------------------------------------------------------------------------------------


def _bin(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """BIN-1: rounds down to a multiple of the step; those of datetimes are counted from the year 1."""
    value, step = arguments
    kind = bound_call.type
    if kind in (T.REAL, T.DECIMAL):
        return _bin_real(kind, value, step, None)
    origin = -EPOCH_TICKS if kind is T.DATETIME else 0
    constant = _constant_step(bound_call.arguments[1])
    if constant is not None:
        return Lowered(_value(_rounded(_ticks(value), constant, origin), kind), kind, value.nullable)
    since = call("minus", _ticks(value), origin) if origin else _ticks(value)
    rest = call("positiveModuloOrNull", since, _positive(step))
    return Lowered(_value(call("minus", _ticks(value), rest), kind), kind, nullable=True)


def _bin_at(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """BIN-2: rounds down to a multiple of the step away from a fixed point, which may be above or below."""
    value, step, point = arguments
    kind = bound_call.type
    if kind in (T.REAL, T.DECIMAL):
        return _bin_real(kind, value, step, point)
    since = call("minus", _ticks(value), _ticks(point))
    rest = call("positiveModuloOrNull", since, _positive(step))
    start = call("minus", _ticks(value), rest)
    return Lowered(datetime_within(start) if kind is T.DATETIME else _value(start, kind), kind, nullable=True)


def _bin_real(kind: T, value: Lowered, step: Lowered, point: Lowered | None) -> Lowered:
    nullable = value.nullable or step.nullable or (point is not None and point.nullable)
    if kind is T.DECIMAL:
        number, size = (call("reinterpretAsInt128", convert(part, kind).sql) for part in (value, step))
        units = (
            call("minus", number, call("reinterpretAsInt128", convert(point, kind).sql)) if point else number
        )
        rest = call("positiveModuloOrNull", units, call("greatest", size, call("toInt128", 0)))
        return Lowered(as_decimal(call("minus", number, rest)), kind, nullable=True)
    offset = call("minus", value.sql, point.sql) if point else value.sql
    steps = call("multiply", call("floor", call("divide", offset, step.sql)), step.sql)
    return Lowered(call("plus", point.sql, steps) if point else call("toFloat64", steps), kind, nullable)


def _constant_step(step: bound.Expression) -> int | None:
    """Return a constant positive step of whole units."""
    if (
        isinstance(step, Literal)
        and step.type is not T.REAL
        and isinstance(step.value, int)
        and step.value > 0
    ):
        return step.value
    return None


def _positive(step: Lowered) -> SqlExpression:
    """A step of zero or less gives null."""
    return call("greatest", step.sql, long(0))


def _rounded(ticks: SqlExpression, step: int, origin: int) -> SqlExpression:
    """Round down by a constant step. From the year 1 on nothing is negative, so that a plain division does."""
    if origin:
        steps = call("intDiv", call("plus", ticks, long(-origin)), long(step))
        return call("minus", call("multiply", steps, long(step)), long(-origin))
    return call("minus", ticks, call("positiveModulo", ticks, long(step)))


# --- calendar boundaries ---------------------------------------------------------------------------------------------


def _start_of_day(value: Lowered) -> SqlExpression:
    return _rounded(ticks_of(value), TICKS_PER_DAY, -EPOCH_TICKS)


def _start_of_week(value: Lowered) -> SqlExpression:
    """Weeks start on Sunday; the year 1 starts on a Monday."""
    return _rounded(ticks_of(value), _WEEK, -EPOCH_TICKS - TICKS_PER_DAY)


def _period(unit: str, *, is_end: bool, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-2: the first (or last) moment of the day, week, month or year that lies `offset` of them away."""
    value, *rest = arguments
    offset = rest[0] if rest else None
    nullable = value.nullable or (offset is not None and offset.nullable)
    if unit in _UNIT_TICKS:
        size = _UNIT_TICKS[unit]
        start = _start_of_day(value) if unit == "day" else _start_of_week(value)
        if offset is not None:
            start = call("plus", start, call("multiply", offset.sql, long(size)))
        ticks = call("plus", start, long(size - 1)) if is_end else start
        if offset is not None:
            return Lowered(datetime_within(ticks), bound_call.type, nullable=True)
        if unit == "week":
            # The calendar neither starts nor ends with a whole week.
            ticks = call("least", call("greatest", ticks, long(MIN_DATETIME)), long(MAX_DATETIME))
        return Lowered(datetime_of(ticks), bound_call.type, nullable)
    first = datetime_of(_first_of(unit, value))
    if offset is not None:
        first, nullable = _add_months(first, call("multiply", offset.sql, _MONTHS[unit])), True
    if not is_end:
        return Lowered(first, bound_call.type, nullable)
    last = call("plus", call("reinterpretAsInt64", first), call("minus", _length_of(unit, first), long(1)))
    return Lowered(datetime_of(last), bound_call.type, nullable)


def _add_months(moment: SqlExpression, months: SqlExpression) -> SqlExpression:
    """Return the moment so many months later; null outside of the years 1 to 9999 (ARITH-6)."""
    since = call(
        "plus", call("multiply", call("toInt64", call("toYear", moment)), 12), call("toMonth", moment)
    )
    then = call("plus", since, months)
    inside = call("and", call("greaterOrEquals", then, _FIRST_MONTH), call("lessOrEquals", then, _LAST_MONTH))
    return call("if", inside, call("addMonths", moment, months), literal(None))


def _first_of(unit: str, value: Lowered) -> SqlExpression:
    day = call("toDayOfMonth" if unit == "month" else "toDayOfYear", value.sql)
    days = call("minus", call("toInt64", day), long(1))
    return call("minus", _start_of_day(value), call("multiply", days, long(TICKS_PER_DAY)))


def _length_of(unit: str, first: SqlExpression) -> SqlExpression:
    """Return the ticks of the month or year that starts at `first`; in 9999 there is no next one to ask for."""
    year, month = call("toYear", first), call("toMonth", first)
    leap = call(
        "or",
        call(
            "and", call("equals", call("modulo", year, 4), 0), call("notEquals", call("modulo", year, 100), 0)
        ),
        call("equals", call("modulo", year, 400), 0),
    )
    if unit == "year":
        days = call("if", leap, long(366), long(365))
    else:
        february = call("if", leap, long(29), long(28))
        short = call("in", month, call("tuple", 4, 6, 9, 11))
        days = call("multiIf", call("equals", month, 2), february, short, long(30), long(31))
    return call("multiply", days, long(TICKS_PER_DAY))


# --- differences -----------------------------------------------------------------------------------------------------


def _unit_of(bound_call: Call) -> str:
    unit = bound_call.arguments[0]
    name = str(unit.value).lower() if isinstance(unit, Literal) else ""
    if name not in _UNIT_TICKS and name not in _MONTHS and name != "nanosecond":
        known = ", ".join((*_MONTHS, *_UNIT_TICKS, "nanosecond"))
        raise refusal(
            WRONG_ARGUMENTS,
            f"'{bound_call.function}' knows no period '{name}'",
            bound_call.span,
            f"one of {known}",
        )
    return name


def _datetime_add(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-3: in a shorter month the last day stands for those it lacks."""
    _, amount, value = arguments
    unit = _unit_of(bound_call)
    if unit in _MONTHS:
        months = call("multiply", amount.sql, _MONTHS[unit])
        return Lowered(_add_months(value.sql, months), bound_call.type, nullable=True)
    if unit == "nanosecond":
        added = call("intDiv", amount.sql, long(100))
    else:
        added = call("multiply", amount.sql, long(_UNIT_TICKS[unit]))
    return Lowered(datetime_within(call("plus", ticks_of(value), added)), bound_call.type, nullable=True)


def _datetime_diff(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DT-4: counts the boundaries of the period between the two, the first less the second."""
    _, left, right = arguments
    unit = _unit_of(bound_call)
    counts = tuple(_periods_until(unit, value) for value in (left, right))
    return Lowered(call("minus", *counts), bound_call.type, left.nullable or right.nullable)


def _periods_until(unit: str, value: Lowered) -> SqlExpression:
    if unit in _MONTHS:
        months = call(
            "plus",
            call("multiply", call("toInt64", call("toYear", value.sql)), 12),
            call("toMonth", value.sql),
        )
        return call("toInt64", call("intDiv", call("minus", months, long(1)), long(_MONTHS[unit])))
    if unit == "nanosecond":
        return call("multiply", ticks_of(value), long(100))
    # A week starts on Sunday, one day before the year 1 does.
    since = EPOCH_TICKS + TICKS_PER_DAY if unit == "week" else EPOCH_TICKS
    return call("intDiv", call("plus", ticks_of(value), long(since)), long(_UNIT_TICKS[unit]))


def _spellings_of_periods() -> dict[str, Spelling]:
    return {
        f"{'end' if is_end else 'start'}of{unit}": _spell_period(unit, is_end=is_end)
        for unit in ("day", "week", "month", "year")
        for is_end in (False, True)
    }


def _spell_period(unit: str, *, is_end: bool) -> Spelling:
    def spelled(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        return _period(unit, is_end=is_end, bound_call=bound_call, arguments=arguments)

    return spelled


SPELLINGS: dict[str, Spelling] = {
    "bin": _bin,
    "bin_at": _bin_at,
    **_spellings_of_periods(),
    "datetime_add": _datetime_add,
    "datetime_diff": _datetime_diff,
    **datetime_parts.SPELLINGS,
    **datetime_formats.SPELLINGS,
}
