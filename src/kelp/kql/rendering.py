"""Values as KQL writes them: what `tostring` gives, and what a literal of the type holds."""

from __future__ import annotations

import math
from datetime import date

from kelp.kql.literals import TICKS_PER_DAY, TICKS_PER_SECOND

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def format_timespan(ticks: int) -> str:
    """Return `[-][d.]hh:mm:ss[.fffffff]`."""
    sign = "-" if ticks < 0 else ""
    days, rest = divmod(abs(ticks), TICKS_PER_DAY)
    return f"{sign}{f'{days}.' if days else ''}{_format_clock(rest, shortest=True)}"


def format_datetime(ticks: int) -> str:
    """Return `yyyy-MM-ddThh:mm:ss.fffffffZ`; ticks count from 1970-01-01, and the year is from 1 to 9999."""
    days, rest = divmod(ticks, TICKS_PER_DAY)
    return f"{date.fromordinal(days + _EPOCH_DAY).isoformat()}T{_format_clock(rest, shortest=False)}Z"


def _format_clock(ticks: int, *, shortest: bool) -> str:
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours:02}:{minutes:02}:{seconds:02}"
    return clock if shortest and not fraction else f"{clock}.{fraction:07}"


def format_real(value: float) -> str:
    """Return a double so that it reads back as the same double: `1.0`, `1e+300`, `"NaN"`, `"Infinity"`."""
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    return repr(value)
