"""Functions over datetimes and timespans."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, common_type, function, optional
from kelp.kql.types import ScalarType as T

_OFFSET = optional(T.LONG)
_BOUNDARIES = tuple(
    f"{end}of{period}" for end in ("start", "end") for period in ("day", "week", "month", "year")
)


def widest(types: tuple[T, ...]) -> T:
    """Return rule: the widest type of the arguments; an int becomes a long."""
    result = common_type(types)
    return T.LONG if result is T.INT else result


def _part(name: str, *aliases: str) -> Function:
    return function(name, (T.DATETIME,), T.INT, aliases=aliases)


FUNCTIONS: tuple[Function, ...] = (
    function(
        "bin",
        (T.DATETIME, T.TIMESPAN),
        T.DATETIME,
        ((T.TIMESPAN, T.TIMESPAN), T.TIMESPAN),
        ((Accepts.NUMBER, Accepts.NUMBER), widest),
        aliases=("floor",),
    ),
    function(
        "bin_at",
        (T.DATETIME, T.TIMESPAN, T.DATETIME),
        T.DATETIME,
        ((T.TIMESPAN, T.TIMESPAN, T.TIMESPAN), T.TIMESPAN),
        ((Accepts.NUMBER, Accepts.NUMBER, Accepts.NUMBER), widest),
    ),
    *(function(name, (T.DATETIME, _OFFSET), T.DATETIME) for name in _BOUNDARIES),
    _part("getyear"),
    _part("monthofyear", "getmonth"),
    _part("week_of_year"),
    _part("weekofyear"),
    _part("dayofmonth"),
    _part("dayofyear"),
    _part("hourofday"),
    function("dayofweek", (T.DATETIME,), T.TIMESPAN),
    function("datetime_part", (Accepts.CONSTANT_STRING, T.DATETIME), T.INT, aliases=("datepart",)),
    function("datetime_add", (Accepts.CONSTANT_STRING, T.LONG, T.DATETIME), T.DATETIME),
    function("datetime_diff", (Accepts.CONSTANT_STRING, T.DATETIME, T.DATETIME), T.LONG),
    function("format_datetime", (T.DATETIME, Accepts.CONSTANT_STRING), T.STRING),
    function("format_timespan", (T.TIMESPAN, Accepts.CONSTANT_STRING), T.STRING),
    function(
        "make_datetime",
        (T.LONG, T.LONG, T.LONG, _OFFSET, _OFFSET, optional(T.REAL)),
        T.DATETIME,
        ((Accepts.ANY,), T.DATETIME),
    ),
    function(
        "make_timespan",
        (T.LONG, T.LONG),
        T.TIMESPAN,
        ((T.LONG, T.LONG, T.REAL), T.TIMESPAN),
        ((T.LONG, T.LONG, T.LONG, T.REAL), T.TIMESPAN),
        ((Accepts.ANY,), T.TIMESPAN),
    ),
    *(
        function(f"unixtime_{unit}_todatetime", (Accepts.NUMBER,), T.DATETIME)
        for unit in ("seconds", "milliseconds", "microseconds", "nanoseconds")
    ),
    function("datetime_utc_to_local", (T.DATETIME, T.STRING), T.DATETIME),
    function("datetime_local_to_utc", (T.DATETIME, T.STRING), T.DATETIME),
)
