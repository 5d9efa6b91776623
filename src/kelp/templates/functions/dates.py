"""Functions over moments: texts in ISO 8601, written as .NET's formats say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from kelp.base.clock import parse_moment
from kelp.templates.errors import ExpressionError
from kelp.templates.functions.arguments import number_at, text_at
from kelp.templates.functions.contract import Arguments, Function

_DEFAULT_FORMAT = "yyyyMMddTHHmmssZ"
_STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "d": "MM/dd/yyyy",
        "o": "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "O": "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "s": "yyyy-MM-ddTHH:mm:ss",
        "t": "HH:mm",
        "T": "HH:mm:ss",
        "u": "yyyy-MM-dd HH:mm:ssZ",
    }
)
_TOKEN = re.compile(
    r"'(?P<text>[^']*)'|\\(?P<one>.)|(?P<word>y+|M+|d+|H+|h+|m+|s+|f+|t+)|(?P<rest>.)", re.DOTALL
)
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_TICKS = 7


def _utc_now(given: Arguments) -> str:
    if not given.scope.is_default:
        raise ExpressionError("'utcNow' can be used in the default value of a parameter only.")
    return format_moment(given.scope.place.now, text_at(given, 0, _DEFAULT_FORMAT))


def _add(given: Arguments) -> str:
    text = text_at(given, 0)
    moment = add_duration(read_moment(text), text_at(given, 1))
    return format_moment(moment, text_at(given, 2, _format_of(text)))


def _from_epoch(given: Arguments) -> str:
    try:
        moment = datetime.fromtimestamp(number_at(given, 0), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ExpressionError("The argument of 'dateTimeFromEpoch' is no moment.") from error
    return format_moment(moment, "yyyy-MM-ddTHH:mm:ssZ")


def read_moment(text: str) -> datetime:
    """Read ISO 8601, with or without separators; UTC unless it says otherwise. Raises `ExpressionError`."""
    try:
        return parse_moment(text)
    except ValueError as error:
        raise ExpressionError(f"'{text}' is not a moment such as 2026-03-01T12:00:00Z.") from error


def add_duration(moment: datetime, text: str) -> datetime:
    """Add an ISO 8601 duration, which may be negative. Raises `ExpressionError`."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(
        found[name] for name in ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
    ):
        raise ExpressionError(f"'{text}' is not a duration such as P1D or -PT2H.")
    sign = -1 if found["sign"] else 1
    part = {name: sign * float(found[name] or 0) for name in found.groupdict() if name != "sign"}
    months = moment.year * 12 + moment.month - 1 + int(part["years"]) * 12 + int(part["months"])
    try:
        first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
        last_day = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        moved = first.replace(day=min(moment.day, last_day.day))
        return moved + timedelta(
            weeks=part["weeks"],
            days=part["days"],
            hours=part["hours"],
            minutes=part["minutes"],
            seconds=part["seconds"],
        )
    except (ValueError, OverflowError) as error:
        raise ExpressionError(f"'{text}' leads out of the calendar from {moment.isoformat()}.") from error


def format_moment(moment: datetime, form: str) -> str:
    """Write a moment as a standard or custom format of .NET says. Raises `ExpressionError`."""
    if form in ("r", "R"):
        return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    pattern = _STANDARD.get(form, form)
    if len(pattern) == 1:
        raise ExpressionError(f"'{form}' is no format of moments here.")
    return "".join(_write_token(moment, token) for token in _TOKEN.finditer(pattern))


def _write_token(moment: datetime, token: re.Match[str]) -> str:
    if token["word"] is None:
        return token["text"] or token["one"] or token["rest"] or ""
    word, letter = token["word"], token["word"][0]
    if letter == "f":
        return f"{moment.microsecond:06d}0"[: min(len(word), _TICKS)]
    if letter == "t":
        return ("AM", "PM")[moment.hour >= 12][: len(word)]
    if letter == "y":
        return f"{moment.year:04d}" if len(word) > 2 else f"{moment.year % 100:0{len(word)}d}"
    if len(word) > 2 and letter in "Md":
        return moment.strftime(
            {"M3": "%b", "d3": "%a"}.get(f"{letter}{len(word)}", "%B" if letter == "M" else "%A")
        )
    number = {
        "M": moment.month,
        "d": moment.day,
        "H": moment.hour,
        "h": (moment.hour + 11) % 12 + 1,
        "m": moment.minute,
        "s": moment.second,
    }[letter]
    return f"{number:0{min(len(word), 2)}d}"


def _format_of(text: str) -> str:
    """Return the format of a moment as it came, so that the sum is written alike."""
    if re.fullmatch(r"\d{8}T\d{6}Z", text):
        return _DEFAULT_FORMAT
    return "u" if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", text) else "yyyy-MM-ddTHH:mm:ssZ"


DATE_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "datetimeadd": Function(2, 3, _add),
        "datetimefromepoch": Function(1, 1, _from_epoch),
        "datetimetoepoch": Function(1, 1, lambda given: int(read_moment(text_at(given, 0)).timestamp())),
        "utcnow": Function(0, 1, _utc_now),
    }
)
"""By lower-case name."""
