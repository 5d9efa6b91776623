"""What a line of a log file under /var/log says. Pure; knows no files.

Three forms are read: syslog's traditional one (RFC 3164, section 4.1, as daemons write it to files: without a
priority), the one with an ISO 8601 time that rsyslog writes, and lines of other programs that begin with
`YYYY-MM-DD hh:mm:ss`. Any other line is a message as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TAG = r"(?:(?P<process>[^\s:\[\]]{1,128})(?:\[(?P<pid>\d{1,10})\])?: ?)?(?P<message>.*)"
_ISO_TIME = r"(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))"
_TRADITIONAL_TIME = (
    rf"(?P<month>{'|'.join(_MONTHS)}) (?P<day>[ \d]\d) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
)
_SYSLOG = re.compile(rf"(?:{_ISO_TIME}|{_TRADITIONAL_TIME}) (?P<host>\S+) {_TAG}", re.DOTALL)
_PLAIN = re.compile(r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,]\d+)? (?P<message>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line taken apart. `at` is None where the line tells no time; texts are empty where it tells nothing."""

    at: datetime | None
    host: str
    process: str
    process_id: int | None
    message: str


def parse_line(line: str, now: datetime, zone: tzinfo | None = None) -> LogLine:
    """Take a line apart. `zone` is that of times without one; None is the machine's own.

    A time without a year is the latest such time that lies at most a day after `now`.
    """
    if found := _SYSLOG.fullmatch(line):
        at = _parse_iso(found["iso"]) if found["iso"] else _parse_traditional(found, now, zone)
        process_id = int(found["pid"]) if found["pid"] else None
        return LogLine(at, found["host"], found["process"] or "", process_id, found["message"])
    if found := _PLAIN.fullmatch(line):
        return LogLine(_localize(_parse_iso(found["time"]), zone), "", "", None, found["message"])
    return LogLine(None, "", "", None, line)


def _parse_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # such as 30 February
        return None


def _parse_traditional(found: re.Match[str], now: datetime, zone: tzinfo | None) -> datetime | None:
    month = _MONTHS.index(found["month"]) + 1
    clock = (int(found["hour"]), int(found["minute"]), int(found["second"]))
    for year in (now.year + 1, now.year, now.year - 1):
        try:
            at = _localize(datetime(year, month, int(found["day"]), *clock), zone)  # noqa: DTZ001 - `_localize` adds it
        except ValueError:  # 29 February of another year
            continue
        if at is not None and at <= now + timedelta(days=1):
            return at
    return None


def _localize(at: datetime | None, zone: tzinfo | None) -> datetime | None:
    if at is None or at.tzinfo is not None:
        return at
    return (at.replace(tzinfo=zone) if zone is not None else at.astimezone()).astimezone(UTC)
