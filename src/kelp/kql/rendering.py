"""Values as KQL writes them: what `tostring` gives, and what a literal of the type holds."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import assert_never

from kelp.kql.literals import TICKS_PER_DAY, TICKS_PER_SECOND
from kelp.kql.types import ScalarType

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNITS = (
    ("d", TICKS_PER_DAY),
    ("h", 3600 * TICKS_PER_SECOND),
    ("m", 60 * TICKS_PER_SECOND),
    ("s", TICKS_PER_SECOND),
    ("ms", 10_000),
    ("microsecond", 10),
    ("tick", 1),
)


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


def format_literal(kind: ScalarType, value: bool | float | str | None) -> str:  # noqa: FBT001
    """Return the constant of a type as query text; `value` is as in `syntax.Literal`."""
    if value is None:
        return f"{kind}(null)"
    match kind:
        case ScalarType.STRING:
            return quote(str(value))
        case ScalarType.BOOL:
            return "true" if value else "false"
        case ScalarType.LONG:
            return f"{value}" if isinstance(value, int) and value >= 0 else f"long({value})"
        case ScalarType.REAL:
            return _real_literal(float(value))
        case ScalarType.DATETIME:
            return f"datetime({format_datetime(int(value))})"
        case ScalarType.TIMESPAN:
            return _timespan_literal(int(value))
        case ScalarType.INT | ScalarType.DECIMAL | ScalarType.GUID | ScalarType.DYNAMIC:
            return f"{kind}({value})"
        case _:
            assert_never(kind)


def quote(text: str) -> str:
    """Return a string as query text, in double quotes."""
    return '"' + _ESCAPED.sub(lambda match: _escape(match.group()), text) + '"'


def _escape(character: str) -> str:
    return _SHORT_ESCAPES.get(character) or f"\\x{ord(character):02x}"


def _real_literal(value: float) -> str:
    if math.isnan(value):
        return "real(nan)"
    text = "-inf" if value == -math.inf else "inf" if value == math.inf else repr(value)
    return text if value >= 0 and value != math.inf and math.copysign(1, value) > 0 else f"real({text})"


def _timespan_literal(ticks: int) -> str:
    if ticks >= 0:
        for unit, size in _UNITS:
            if ticks % size == 0:
                return f"{ticks // size}{unit}"
    return f"timespan({format_timespan(ticks)})"
