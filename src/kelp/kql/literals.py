"""The text of constants to values, as KQL reads them.

Each `read_x` returns None where the text is not such a constant; nothing here raises. Times are counted in ticks of
100 ns, dates from 1970-01-01 UTC. Numbers longer than any type can hold are no constants.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND
MIN_LONG, MAX_LONG = -(2**63), 2**63 - 1
MIN_INT, MAX_INT = -(2**31), 2**31 - 1
_EPOCH_DAY = date(1970, 1, 1).toordinal()
MIN_DATETIME = (1 - _EPOCH_DAY) * TICKS_PER_DAY
MAX_DATETIME = (date.max.toordinal() + 1 - _EPOCH_DAY) * TICKS_PER_DAY - 1
_LONGEST_NUMBER = 400
_DECIMAL_DIGITS = 34

_UNIT_TICKS = {
    "d": TICKS_PER_DAY,
    "h": 3600 * TICKS_PER_SECOND,
    "m": 60 * TICKS_PER_SECOND,
    "s": TICKS_PER_SECOND,
    "ms": 10_000,
    "micro": 10,
    "tick": 1,
}
_UNIT_NAMES = {
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "m"),
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "milli", "millis", "millisec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("micro", "micros", "microsec", "microsecond", "microseconds"), "micro"),
    **dict.fromkeys(("tick", "ticks"), "tick"),
}
_NANOSECONDS = frozenset({"nano", "nanos", "nanosec", "nanosecond", "nanoseconds"})

_INTEGER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,40})")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_QUANTITY = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,20}))?\s*([a-z]+)")
_CLOCK = re.compile(r"(-?)(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]{1,20}))?)?")
_GUID = re.compile(
    r"\{?([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})\}?"
)

_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]{1,20}))?)?"
_ZONE = r"(?P<zone>Z|z|GMT|UTC|[+-][0-9]{1,2}:?[0-9]{2})"
_DATE_TIMES = tuple(
    re.compile(rf"{day}(?:{separator}{_TIME}(?:\s*(?P<half>[ap]m))?(?:\s*{_ZONE})?)?", re.IGNORECASE)
    for day, separator in (  # what comes before the time of day, and what is between the two
        (r"(?P<year>[0-9]{4})\s*-\s*(?P<month>[0-9]{1,2})(?:\s*-\s*(?P<day>[0-9]{1,2}))?", r"(?:[T]|\s+)"),
        (r"(?P<year>[0-9]{4})/(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})", r"(?:[T]|\s+)"),
        (r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", r"(?:[T]|\s+)"),
        (r"(?P<month>[0-9]{1,2})(?P<slash>[-/])(?P<day>[0-9]{1,2})(?P=slash)(?P<year>[0-9]{4})", r"\s+"),
        (
            (
                r"(?:[a-z]{3,9},\s*)?(?P<day>[0-9]{1,2})(?P<gap>[\s-]+)(?P<month_name>[a-z]{3})(?P=gap)"
                r"(?P<year>[0-9]{4}|[0-9]{2})"
            ),
            r"\s+",
        ),
        (r"(?P<year>[0-9]{4})", r"(?!)"),
    )
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}

_ESCAPE = re.compile(
    r"\\(?:([\\'\"abfnrtv])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}|[0-7]{1,2})|(.))"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = {
    "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


def read_integer(text: str) -> int | None:
    """Return the value of a decimal or hexadecimal whole number; the caller checks the range."""
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    sign, digits = match.groups()
    value = int(digits, 16) if digits[:2] in {"0x", "0X"} else int(digits)
    return -value if sign == "-" else value


def read_long(text: str) -> int | None:
    """Return a 64-bit number. Hexadecimal digits give its bits: `0xFFFFFFFFFFFFFFFF` is -1."""
    value = read_integer(text)
    if value is not None and value > MAX_LONG and text[:2] in {"0x", "0X"}:
        value -= 2**64
    return value if value is not None and MIN_LONG <= value <= MAX_LONG else None


def read_int(text: str) -> int | None:
    """Return a 32-bit number."""
    value = read_integer(text)
    return value if value is not None and MIN_INT <= value <= MAX_INT else None


def read_real(text: str) -> float | None:
    """Return a double: a number, `nan`, `inf`, `+inf` or `-inf`."""
    if len(text) <= _LONGEST_NUMBER and _REAL.fullmatch(text):
        return float(text)
    return {"nan": float("nan"), "inf": float("inf"), "+inf": float("inf"), "-inf": float("-inf")}.get(
        text.lower()
    )


def read_decimal(text: str) -> str | None:
    """Return a decimal number in plain digits, without an exponent; the type holds 34 of them."""
    if len(text) > _LONGEST_NUMBER or not _REAL.fullmatch(text):
        return None
    value = Decimal(text)
    if len(value.as_tuple().digits) > _DECIMAL_DIGITS or abs(value.adjusted()) > _DECIMAL_DIGITS:
        return None
    return f"{value:f}"


def read_bool(text: str) -> bool | None:
    """Return a truth value: `true`, `false`, or a number that is 0 or not."""
    lowered = text.lower()
    if lowered in {"true", "false"}:
        return lowered == "true"
    number = read_integer(text)
    return None if number is None else number != 0


def read_guid(text: str) -> str | None:
    """Return a GUID in lower case with hyphens; it may come in braces or without hyphens."""
    match = _GUID.fullmatch(_unquote(text))
    return "-".join(match.groups()).lower() if match else None


def read_timespan(text: str) -> int | None:
    """Return the ticks of `1.5h`, `15 seconds`, `1.02:03:04.5`, or of a number of days."""
    text = _unquote(text)
    ticks = _read_clock(text)
    if ticks is None:
        ticks = _read_quantity(text if text[-1:].isalpha() else f"{text}d")
    return ticks if ticks is not None and MIN_LONG <= ticks <= MAX_LONG else None


def _read_quantity(text: str) -> int | None:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction, unit = match.groups()
    divisor: int = 10 ** len(fraction or "")
    amount = int(whole + (fraction or ""))
    if unit in _NANOSECONDS:
        ticks = amount // (100 * divisor)
    elif unit in _UNIT_NAMES:
        ticks = amount * _UNIT_TICKS[_UNIT_NAMES[unit]] // divisor
    else:
        return None
    return -ticks if sign else ticks


def _read_clock(text: str) -> int | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
        return None
    whole = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds or 0)
    ticks = whole * TICKS_PER_SECOND + _fraction_ticks(fraction)
    return -ticks if sign else ticks


def _fraction_ticks(digits: str | None) -> int:
    return int((digits or "0")[:7].ljust(7, "0"))


def read_datetime(text: str) -> int | None:
    """Return the ticks of a date in ISO 8601, RFC 822, RFC 850 or US form; UTC where no zone is written.

    Two-digit years are read as .NET does: up to 49 in this century, from 50 in the last one.
    """
    text = _unquote(text)
    for pattern in _DATE_TIMES:
        match = pattern.fullmatch(text)
        if match is not None:
            return _ticks_of_date(match.groupdict())
    return None


def _ticks_of_date(parts: dict[str, str | None]) -> int | None:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 2000 if year < 50 else 1900
    month_name = parts.get("month_name")
    month = _MONTHS.get(month_name.lower(), 0) if month_name else int(parts.get("month") or 1)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 24
    offset_minutes = _offset_minutes(parts.get("zone") or "Z")
    if hour > 23 or minute > 59 or second > 59 or offset_minutes is None:
        return None
    try:
        days = date(year, month, int(parts.get("day") or 1)).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    seconds = (hour * 60 + minute - offset_minutes) * 60 + second
    ticks = days * TICKS_PER_DAY + seconds * TICKS_PER_SECOND + _fraction_ticks(parts.get("fraction"))
    return ticks if MIN_DATETIME <= ticks <= MAX_DATETIME else None


def _offset_minutes(zone: str) -> int | None:
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").rjust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)


def _unquote(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def decode_string(text: str) -> tuple[str, str | None]:
    """Return the value of a string in any KQL quoting, and the first escape sequence in it that does not exist.

    An unclosed string is read as if it were closed.
    """
    if text[0] in "hH":
        text = text[1:]
    if text[0] == "@":
        quote = text[1]
        return text[2 : -1 if len(text) > 2 and text.endswith(quote) else None].replace(
            quote * 2, quote
        ), None
    if text[:3] in {"```", "~~~"}:
        return text[3 : -3 if len(text) > 5 and text.endswith(text[:3]) else None], None
    content = text[1:-1] if len(text) > 1 and text.endswith(text[0]) else text[1:]
    if "\\" not in content:
        return content, None
    unknown: list[str] = []

    def replace(match: re.Match[str]) -> str:
        simple, byte, short, long, octal, other = match.groups()
        if simple is not None:
            return _ESCAPED[simple]
        if octal is not None:
            return chr(int(octal, 8))
        code = int(byte or short or long or "110000", 16)
        if code < 0x110000:
            return chr(code)
        unknown.append(match.group() if other is None else f"\\{other}")
        return match.group()

    decoded = _ESCAPE.sub(replace, content)
    if _SURROGATE.search(decoded):
        # Two halves make a character, as in JSON; one alone is none.
        decoded = decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return decoded, unknown[0] if unknown else None
