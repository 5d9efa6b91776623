"""Functions of datetimes, against the calendar of the standard library."""

from __future__ import annotations

import calendar
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from chdb.state.sqlitelike import Connection

from tests.spec.events import ask

FIRST = datetime(1, 1, 1)  # noqa: DTZ001 - all of them are UTC
LAST = datetime.max  # noqa: DTZ901
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _moments() -> list[datetime]:
    chance = random.Random(5)
    whole = int((LAST - FIRST) / timedelta(microseconds=1))
    anywhere = [FIRST + timedelta(microseconds=chance.randrange(whole)) for _ in range(200)]
    written = (
        "1969-12-31T23:59:59",
        "1970-01-01",
        "2000-12-31",
        "1999-12-31T12:00",
        "2021-01-03",
        "2024-12-30",
    )
    edges = ("1899-12-31T23:00", "1900-01-01", "2299-12-31T23:00", "2300-01-01", "2020-02-29T23:59:59.999999")
    return [FIRST, LAST, *anywhere, *map(datetime.fromisoformat, (*written, *edges))]


MOMENTS = _moments()


def _print(moment: datetime | None) -> str | None:
    return f"{moment.isoformat(timespec='microseconds')}0Z" if moment else None


def _day(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001


def _weekday(moment: datetime) -> int:
    """Count from Sunday."""
    return (moment.weekday() + 1) % 7


def _week(moment: datetime) -> datetime:
    days = min(timedelta(days=_weekday(moment)), moment - FIRST)
    return _day(moment - days)


def _add_months(moment: datetime, months: int) -> datetime | None:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _bin_at_6(moment: datetime) -> datetime | None:
    since = moment - FIRST
    return FIRST + (since - 6 * HOUR) // DAY * DAY + 6 * HOUR if since >= 6 * HOUR else None


def _weeks(moment: datetime) -> int:
    return ((moment - FIRST).days + 1) // 7


EXPECTED: dict[str, Callable[[datetime], str | int | None]] = {
    "startofday(d)": lambda d: _print(_day(d)),
    "startofweek(d)": lambda d: _print(_week(d)),
    "startofmonth(d)": lambda d: _print(_day(d).replace(day=1)),
    "startofyear(d)": lambda d: _print(_day(d).replace(day=1, month=1)),
    "dayofmonth(d)": lambda d: d.day,
    "dayofyear(d)": lambda d: d.timetuple().tm_yday,
    "hourofday(d)": lambda d: d.hour,
    "tolong(dayofweek(d) / 1d)": _weekday,
    "week_of_year(d)": lambda d: d.isocalendar().week,
    'datetime_part("quarter", d)': lambda d: (d.month - 1) // 3 + 1,
    'datetime_add("month", 1, d)': lambda d: _print(_add_months(d, 1)),
    'datetime_add("month", -14, d)': lambda d: _print(_add_months(d, -14)),
    'datetime_add("year", 1, d)': lambda d: _print(_add_months(d, 12)),
    'datetime_diff("month", d, datetime(2000-05-05))': lambda d: d.year * 12 + d.month - 2000 * 12 - 5,
    'datetime_diff("week", d, datetime(2000-05-05))': lambda d: _weeks(d) - _weeks(datetime(2000, 5, 5)),  # noqa: DTZ001
    'datetime_diff("hour", d, datetime(2000-05-05))': lambda d: (d - datetime(2000, 5, 5)) // HOUR,  # noqa: DTZ001
    "bin(d, 1h)": lambda d: _print(d.replace(minute=0, second=0, microsecond=0)),
    "bin(d, 7d)": lambda d: _print(FIRST + (d - FIRST) // (7 * DAY) * (7 * DAY)),
    "bin(d, 1ms)": lambda d: _print(d.replace(microsecond=d.microsecond // 1000 * 1000)),
    "bin_at(d, 1d, datetime(2000-01-01 06:00))": lambda d: _print(_bin_at_6(d)),
    "tolong(d)": lambda d: (d - FIRST) // timedelta(microseconds=1) * 10,
    "todatetime(tolong(d))": _print,
    "todatetime(tostring(d))": _print,
    "unixtime_microseconds_todatetime(tolong(d - datetime(1970-01-01)) / 10)": _print,
    'format_datetime(d, "yyyy-MM-dd HH:mm:ss.ffffff0Z")': lambda d: str(_print(d)).replace("T", " "),
    'format_datetime(d, "M/d/yy h:m:s tt")': lambda d: (
        f"{d.month}/{d.day}/{d.year % 100:02} {d.hour % 12 or 12}:{d.minute}:{d.second} {'AM' if d.hour < 12 else 'PM'}"
    ),
}


@pytest.mark.parametrize("expression", EXPECTED)
def test_function(connection: Connection, expression: str) -> None:
    cells = ", ".join(f"datetime({_print(moment)})" for moment in MOMENTS)
    _, rows = ask(connection, f"datatable(d: datetime)[{cells}] | project d, r = {expression}")
    assert rows == [[_print(moment), EXPECTED[expression](moment)] for moment in MOMENTS]
