"""Values and names as they are written in a query: what is read back is what was given."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from kelp.kql import literals
from kelp.kql.parser.pipeline import OPERATORS, SOURCES
from kelp.kql.types import TYPE_NAMES, ScalarType

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset(
    {
        *(
            "and",
            "or",
            "not",
            "in",
            "by",
            "on",
            "kind",
            "with",
            "of",
            "to",
            "step",
            "from",
            "let",
            "set",
            "declare",
        ),
        *(
            "has",
            "contains",
            "startswith",
            "endswith",
            "between",
            "has_any",
            "has_all",
            "hasprefix",
            "hassuffix",
        ),
        *(
            "like",
            "matches",
            "asc",
            "desc",
            "nulls",
            "first",
            "last",
            "true",
            "false",
            "null",
            "default",
            "dynamic",
        ),
        *(
            "if",
            "iff",
            "case",
            "alias",
            "restrict",
            "pattern",
            "view",
            "database",
            "cluster",
            "workspace",
            "app",
        ),
        *("typeof", "has_cs", "contains_cs", "is", "as"),
        *TYPE_NAMES,
        *OPERATORS,
        *SOURCES,
    }
)
"""What is safer in brackets where a column has such a name."""
_DIGITS = re.compile(r"[+-]?[0-9]+")
_SIMPLE_REAL = re.compile(r"[0-9]+\.[0-9]+")
_LONGEST_DATE = len("20141108")
"""Of digits alone; more of them are a number of ticks."""
_NOT_FINITE = {"nan": "real(nan)", "inf": "real(+inf)", "-inf": "real(-inf)"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


CellValue: TypeAlias = "str | float | bool"


class NotOfType(ValueError):
    """A value that is none of the type; the message says so."""


def spell_name(name: str) -> str:
    """Return a column's name, in brackets where it is no plain word."""
    return name if _PLAIN_NAME.fullmatch(name) and name not in _WORDS else f"[{spell_text(name)}]"


def spell_text(text: str) -> str:
    """Return a string constant."""
    escaped = "".join(
        _ESCAPES.get(one) or (f"\\u{ord(one):04x}" if ord(one) < 32 or ord(one) == 127 else one)
        for one in text
    )
    return f'"{escaped}"'


def spell_place(column: str, path: Sequence[str | int]) -> str:
    """Return a column, or what lies under a path of properties and positions in it."""
    text = spell_name(column)
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_NAME.fullmatch(step) and step not in _WORDS:
            text += f".{step}"
        else:
            text += f"[{spell_text(step)}]"
    return text


def spell_value(value: CellValue, scalar_type: ScalarType) -> str:
    """Return a constant of the type: of text as a result in JSON has it, or of the number.

    Times may be numbers of ticks too, as a result in Arrow has them. Raises `NotOfType`.
    """
    text = str(value).strip() if scalar_type is not ScalarType.STRING else str(value)
    spelled = _spell(text, scalar_type)
    if spelled is None:
        raise NotOfType(f"{value!r} is no {scalar_type.value}")
    return spelled


def _spell(text: str, scalar_type: ScalarType) -> str | None:
    match scalar_type:
        case ScalarType.STRING:
            return spell_text(text)
        case ScalarType.BOOL:
            return text.lower() if text.lower() in ("true", "false") else None
        case ScalarType.INT | ScalarType.LONG:
            return _spell_integer(text, scalar_type)
        case ScalarType.REAL:
            return _spell_real(text)
        case ScalarType.DECIMAL:
            return f"decimal({text})" if literals.read_decimal(text) is not None else None
        case ScalarType.GUID:
            return f"guid({text})" if literals.read_guid(text) is not None else None
        case ScalarType.DATETIME:
            return _spell_datetime(text)
        case ScalarType.TIMESPAN:
            return _spell_timespan(text)
        case ScalarType.DYNAMIC:
            return f"dynamic({text})" if is_json(text) else None


def is_json(text: str) -> bool:
    """Tell whether the text is one JSON value."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)


def _spell_integer(text: str, scalar_type: ScalarType) -> str | None:
    if not _DIGITS.fullmatch(text):
        return None
    number = int(text)
    limits = (
        (literals.MIN_INT, literals.MAX_INT)
        if scalar_type is ScalarType.INT
        else (
            literals.MIN_LONG,
            literals.MAX_LONG,
        )
    )
    if not limits[0] <= number <= limits[1]:
        return None
    return str(number) if number >= 0 else f"long({number})"


def _spell_real(text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return _NOT_FINITE[str(number)]
    return repr(number) if _SIMPLE_REAL.fullmatch(repr(number)) else f"real({number!r})"


def _spell_datetime(text: str) -> str | None:
    is_count = _DIGITS.fullmatch(text) and (len(text) > _LONGEST_DATE or text == "0")
    ticks = int(text) if is_count else literals.read_datetime(text)
    if ticks is None or not literals.MIN_DATETIME <= ticks <= literals.MAX_DATETIME:
        return None
    seconds, fraction = divmod(ticks, literals.TICKS_PER_SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    digits = f".{fraction:07d}" if fraction else ""
    return f"datetime({moment.year:04d}-{moment:%m-%dT%H:%M:%S}{digits}Z)"


def _spell_timespan(text: str) -> str | None:
    ticks = int(text) if _DIGITS.fullmatch(text) else literals.read_timespan(text)
    if ticks is None or not literals.MIN_LONG <= ticks <= literals.MAX_LONG:
        return None
    days, rest = divmod(abs(ticks), literals.TICKS_PER_DAY)
    seconds, fraction = divmod(rest, literals.TICKS_PER_SECOND)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    sign = "-" if ticks < 0 else ""
    return f"timespan({sign}{days}.{clock}{f'.{fraction:07d}' if fraction else ''})"
