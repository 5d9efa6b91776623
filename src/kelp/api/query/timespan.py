"""The `timespan` of a request: an ISO 8601 duration or interval (contract: query data plane, "Timespan forms sent")."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from kelp.base.clock import parse_moment
from kelp.base.errors import Category, ServiceError

TimeRange = tuple[datetime, datetime]

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?",
    re.IGNORECASE,
)


def parse_timespan(text: str, now: datetime) -> TimeRange:
    """Return the half-open range in UTC that a timespan names; a bare duration ends now.

    Raises `ServiceError` (invalid) for any other text.
    """
    first, slash, second = text.strip().partition("/")
    try:
        if not slash:
            return now - _parse_duration(first), now
        if _is_duration(first):
            stop = parse_moment(second.strip())
            return stop - _parse_duration(first), stop
        start = parse_moment(first.strip())
        return start, start + _parse_duration(second) if _is_duration(second) else parse_moment(
            second.strip()
        )
    except (ValueError, OverflowError) as error:
        raise ServiceError(
            Category.INVALID,
            "BadArgumentError",
            f"'{text}' is not a timespan: expected an ISO 8601 duration such as PT1H, or an interval such as "
            "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z",
            target="timespan",
        ) from error


def _is_duration(text: str) -> bool:
    return text.lstrip("-").upper().startswith("P")


def _parse_duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    parts = (
        {name: float(value) for name, value in found.groupdict().items() if value and name != "sign"}
        if found
        else {}
    )
    if not found or not parts:
        raise ValueError(f"{text!r} is not a duration")
    duration = timedelta(**parts)
    return -duration if found["sign"] else duration
