"""How a workspace is doing, in words: each finding has a state and its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from kelp.base.clock import from_ticks
from kelp.ingest.collection_gate import CollectionStatus

if TYPE_CHECKING:
    from kelp.ingest.collection_gate import DailyVolume

State: TypeAlias = Literal["none", "ok", "warning", "danger"]
_ORDER: tuple[State, ...] = ("none", "ok", "warning", "danger")
_QUIET_AFTER = timedelta(minutes=15)
_LATE_AFTER, _LOST_AFTER = timedelta(minutes=10), timedelta(hours=1)
_LAGS_AFTER, _STUCK_AFTER = timedelta(minutes=2), timedelta(minutes=15)
_GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` says what was looked at: records, lag, heartbeat, cap, key, errors, incidents."""

    name: str
    state: State
    reason: str


def find_worst(findings: Iterable[Finding]) -> Finding:
    """Return the finding that matters most, the first of those of one state."""
    return max(findings, key=lambda one: _ORDER.index(one.state))


def find_newest(last_ticks: int | None, now: datetime) -> Finding:
    """Judge the age of the newest record."""
    if not last_ticks:
        return Finding("records", "none", "No record has arrived yet.")
    age = now - from_ticks(last_ticks)
    state: State = "ok" if age < _QUIET_AFTER else "warning"
    return Finding("records", state, f"The newest record is from {tell_age(age)}.")


def find_lag(oldest_at: datetime | None, now: datetime) -> Finding:
    """Judge since when records wait to be loaded."""
    if oldest_at is None or now - oldest_at < _LAGS_AFTER:
        return Finding("lag", "ok", "Records can be queried within seconds.")
    state: State = "danger" if now - oldest_at >= _STUCK_AFTER else "warning"
    return Finding("lag", state, f"Records wait to be loaded; the oldest came {tell_age(now - oldest_at)}.")


def find_heartbeat(last_ticks: int | None, now: datetime) -> Finding:
    """Judge the newest heartbeat of any agent."""
    if not last_ticks:
        return Finding("heartbeat", "none", "No agent has reported yet.")
    age = now - from_ticks(last_ticks)
    state: State = "ok" if age < _LATE_AFTER else "warning" if age < _LOST_AFTER else "danger"
    return Finding("heartbeat", state, f"The last agent reported {tell_age(age)}.")


def find_cap(volume: DailyVolume | None, quota_gb: float | None) -> Finding:
    """Judge how near the daily cap is."""
    if volume is None or quota_gb is None:
        told = "There is no daily cap." if quota_gb is None else f"The daily cap is {quota_gb:g} GB."
        return Finding("cap", "none" if quota_gb is None else "ok", told)
    used = f"{volume.billed_bytes / _GIGABYTE:.2f} of {volume.quota_bytes / _GIGABYTE:g} GB"
    match volume.status:
        case CollectionStatus.OVER_QUOTA:
            told = (
                f"The daily cap is reached, {used}: records are refused until {volume.resets_at:%H:%M} UTC."
            )
            return Finding("cap", "danger", told)
        case CollectionStatus.APPROACHING_QUOTA:
            return Finding("cap", "warning", f"The daily cap is near: {used}.")
        case _:
            return Finding("cap", "ok", f"{used} of the daily cap.")


def find_complaints(count: int) -> Finding:
    """Judge how often something was wrong with records in the last day."""
    if not count:
        return Finding("errors", "ok", "No complaints about records in the last day.")
    return Finding(
        "errors", "warning", f"{count} complaint{'s' * (count > 1)} about records in the last day."
    )


def tell_age(age: timedelta) -> str:
    """Return an age in words."""
    seconds = max(0, round(age.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"
