"""The forms that values take in the rows of every machine source."""

from __future__ import annotations

from datetime import UTC, datetime

FACILITIES = (
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
    "ftp",
    "ntp",
    "audit",
    "alert",
    "clock",
    *(f"local{number}" for number in range(8)),
)
"""Names of syslog's facilities by their number (RFC 5424, table 1), as the `Syslog` table spells them."""

SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
"""Names of syslog's severities by their number (RFC 5424, table 2), as the `Syslog` table spells them."""


def format_time(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
