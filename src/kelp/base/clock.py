"""The clock, passed in wherever time matters so that tests can turn it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS_PER_MICROSECOND = 10


class Clock(Protocol):
    """Tells the time as an aware datetime in UTC."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the machine's time, in UTC."""
        return datetime.now(UTC)


def as_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; one without a zone is taken to be UTC, as databases that drop the zone return it."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """Read ISO 8601, in UTC unless it says otherwise. Raises `ValueError`, also beyond the calendar."""
    try:
        return as_utc(datetime.fromisoformat(text))
    except OverflowError as error:
        raise ValueError(f"{text!r} lies beyond the calendar") from error


def to_ticks(moment: datetime) -> int:
    """Return an aware moment in 100 ns since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * _TICKS_PER_MICROSECOND


def from_ticks(ticks: int) -> datetime:
    """Return the moment of 100 ns since 1970, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=ticks // _TICKS_PER_MICROSECOND)
