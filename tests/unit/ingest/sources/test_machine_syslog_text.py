from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kelp.ingest.sources.machine.syslog_text import LogLine, parse_line

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EAST = timezone(timedelta(hours=1))


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Nov  1 10:00:00 web1 sshd[812]: Failed password for root",
            LogLine(_at(2026, 11, 1, 10), "web1", "sshd", 812, "Failed password for root"),
        ),
        (
            "Nov 20 10:00:00 web1 kernel: [    0.1] usb 1-1: new device",
            LogLine(_at(2026, 11, 20, 10), "web1", "kernel", None, "[    0.1] usb 1-1: new device"),
        ),
        (
            "2026-11-01T10:00:00.123456+01:00 web1 cron[7]: (root) CMD (true)",
            LogLine(_at(2026, 11, 1, 9, 0, 0, 123456), "web1", "cron", 7, "(root) CMD (true)"),
        ),
        (
            "2026-11-01T10:00:00Z web1 no tag here",
            LogLine(_at(2026, 11, 1, 10), "web1", "", None, "no tag here"),
        ),
        (
            "2026-09-22 04:45:01 status installed libc6:amd64 2.36",
            LogLine(_at(2026, 9, 22, 4, 45, 1), "", "", None, "status installed libc6:amd64 2.36"),
        ),
        ("just text", LogLine(None, "", "", None, "just text")),
    ],
)
def test_known_forms(line: str, expected: LogLine) -> None:
    assert parse_line(line, NOW, UTC) == expected


def test_a_time_without_a_year_lies_in_the_past() -> None:
    assert parse_line("Dec 31 23:59:59 h p: m", NOW, UTC).at == _at(2025, 12, 31, 23, 59, 59)
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert parse_line("Jan  1 00:30:00 h p: m", new_year, UTC).at == _at(2027, 1, 1, 0, 30)


def test_the_leap_day_is_found_in_the_year_that_has_it() -> None:
    assert parse_line("Feb 29 01:00:00 h p: m", datetime(2029, 1, 5, tzinfo=UTC), UTC).at == _at(
        2028, 2, 29, 1
    )


def test_a_day_that_no_year_has_leaves_the_time_open() -> None:
    assert parse_line("Feb 30 01:00:00 h p: m", NOW, UTC).at is None
    assert parse_line("2026-02-30T01:00:00Z h p: m", NOW, UTC).at is None


def test_times_without_a_zone_are_in_the_given_one() -> None:
    assert parse_line("Nov  1 10:00:00 h p: m", NOW, EAST).at == _at(2026, 11, 1, 9)
    assert parse_line("2026-11-01 10:00:00 m", NOW, EAST).at == _at(2026, 11, 1, 9)
