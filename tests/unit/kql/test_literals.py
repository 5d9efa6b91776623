from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from kelp.kql.literals import (
    MAX_DATETIME,
    MAX_LONG,
    MIN_DATETIME,
    MIN_LONG,
    TICKS_PER_DAY,
    TICKS_PER_SECOND,
    decode_string,
    read_bool,
    read_datetime,
    read_decimal,
    read_guid,
    read_int,
    read_long,
    read_real,
    read_timespan,
)

HOUR = 3600 * TICKS_PER_SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ticks(*parts: int, fraction: int = 0) -> int:
    """Return the ticks of a UTC time given as for `datetime`, and more ticks."""
    moment = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
    return (moment - EPOCH).days * TICKS_PER_DAY + (moment - EPOCH).seconds * TICKS_PER_SECOND + fraction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31", ticks(2024, 1, 31)),
        ("2024-1-5", ticks(2024, 1, 5)),
        ("2015-12", ticks(2015, 12, 1)),
        ("2015", ticks(2015, 1, 1)),
        ("20240131", ticks(2024, 1, 31)),
        ("2024/01/31", ticks(2024, 1, 31)),
        ("01/31/2024", ticks(2024, 1, 31)),
        ("1-5-2024 10:30", ticks(2024, 1, 5, 10, 30)),
        ("2017 - 08 - 01", ticks(2017, 8, 1)),
        ("2024-01-31 10:20", ticks(2024, 1, 31, 10, 20)),
        ("2024-01-31T10:20:30", ticks(2024, 1, 31, 10, 20, 30)),
        ("2024-01-31 10:20:30.1234567Z", ticks(2024, 1, 31, 10, 20, 30, fraction=1234567)),
        ("2024-01-31T10:20:30.5Z", ticks(2024, 1, 31, 10, 20, 30, fraction=5000000)),
        ("2024-01-31T10:20:30.12345678", ticks(2024, 1, 31, 10, 20, 30, fraction=1234567)),
        ("2014-11-08T15:55:55+02:00", ticks(2014, 11, 8, 13, 55, 55)),
        ("2014-11-08T15:55:55 -0530", ticks(2014, 11, 8, 21, 25, 55)),
        ("Sat, 8 Nov 14 15:05:02 GMT", ticks(2014, 11, 8, 15, 5, 2)),
        ("8 Nov 2014 15:05", ticks(2014, 11, 8, 15, 5)),
        ("Saturday, 08-Nov-14 15:05:02 GMT", ticks(2014, 11, 8, 15, 5, 2)),
        ("08-Nov-64", ticks(1964, 11, 8)),
        ("'2024-01-31'", ticks(2024, 1, 31)),
        ("0001-01-01", MIN_DATETIME),
        ("9999-12-31 23:59:59.9999999", MAX_DATETIME),
        ("1969-12-31T23:59:59.9999999Z", -1),
        ("2024-02-30", None),
        ("2024-13-01", None),
        ("2024-01-01 24:00", None),
        ("2024-01-01 10:60", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("2024-01-01T00:00:00+15:00", None),
        ("8 Foo 2014", None),
        ("12/31/2015 11:05 PM", ticks(2015, 12, 31, 23, 5)),
        ("12/31/2015 12:05:06am", ticks(2015, 12, 31, 0, 5, 6)),
        ("12/31/2015 13:05 PM", None),
        ("10:30", None),
        ("yesterday", None),
        ("", None),
        ("1" * 5000, None),
    ],
)
def test_dates(text: str, expected: int | None) -> None:
    assert read_datetime(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1d", TICKS_PER_DAY),
        ("1.5h", 3 * HOUR // 2),
        ("30m", HOUR // 2),
        ("0.1s", TICKS_PER_SECOND // 10),
        ("15 seconds", 15 * TICKS_PER_SECOND),
        ("10ms", 100_000),
        ("6micro", 60),
        ("8ticks", 8),
        ("950nanoseconds", 9),
        ("2", 2 * TICKS_PER_DAY),
        ("1.5", 3 * TICKS_PER_DAY // 2),
        ("-1d", -TICKS_PER_DAY),
        ("02:03", 2 * HOUR + 3 * HOUR // 60),
        ("1.02:03:04.5", TICKS_PER_DAY + 2 * HOUR + 184 * TICKS_PER_SECOND + TICKS_PER_SECOND // 2),
        ("-00:00:00.0000001", -1),
        ("'0.12:34:56.7'", 12 * HOUR + 34 * 60 * TICKS_PER_SECOND + 567 * TICKS_PER_SECOND // 10),
        ("10675199.02:48:05.4775807", MAX_LONG),
        ("10675200d", None),
        ("24:00:00", None),
        ("1 fortnight", None),
        ("", None),
        ("1" * 5000, None),
    ],
)
def test_timespans(text: str, expected: int | None) -> None:
    assert read_timespan(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("-5", -5),
        ("+5", 5),
        ("0x1F", 31),
        ("0xFFFFFFFFFFFFFFFF", -1),
        (str(MAX_LONG), MAX_LONG),
        (str(MIN_LONG), MIN_LONG),
        (str(MAX_LONG + 1), None),
        ("1.5", None),
        ("x", None),
        ("9" * 5000, None),
    ],
)
def test_longs(text: str, expected: int | None) -> None:
    assert read_long(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2147483647", 2147483647), ("-2147483648", -2147483648), ("2147483648", None), ("1e3", None)],
)
def test_ints(text: str, expected: int | None) -> None:
    assert read_int(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5e-3", -0.0015),
        ("inf", math.inf),
        ("+inf", math.inf),
        ("-inf", -math.inf),
        ("1_0", None),
        ("infinity", None),
        ("1" * 500, None),
    ],
)
def test_reals(text: str, expected: float | None) -> None:
    assert read_real(text) == expected


def test_nan() -> None:
    value = read_real("NaN")
    assert value is not None
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.50", "1.50"),
        ("-1", "-1"),
        ("+1", "1"),
        ("1e3", "1000"),
        ("1.5e-3", "0.0015"),
        ("1" * 34, "1" * 34),
        ("1" * 35, None),
        ("1e100", None),
        ("nan", None),
    ],
)
def test_decimals(text: str, expected: str | None) -> None:
    assert read_decimal(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("FALSE", False), ("1", True), ("0", False), ("yes", None)],
)
def test_truths(text: str, expected: bool | None) -> None:
    assert read_bool(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "74be27de-1e4e-49d9-b579-fe0b331d3642",
        "74BE27DE-1E4E-49D9-B579-FE0B331D3642",
        "{74be27de-1e4e-49d9-b579-fe0b331d3642}",
        "74be27de1e4e49d9b579fe0b331d3642",
        '"74be27de-1e4e-49d9-b579-fe0b331d3642"',
    ],
)
def test_guids(text: str) -> None:
    assert read_guid(text) == "74be27de-1e4e-49d9-b579-fe0b331d3642"


def test_what_is_no_guid() -> None:
    assert read_guid("74be27de-1e4e-49d9-b579-fe0b331d364") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a"', "a"),
        ("''", ""),
        (r"'a\tb\n\\\'\"'", "a\tb\n\\'\""),
        (r'"\x41\u00e9\U0001F600\101\0"', "Aé😀A\0"),
        (r'"\ud83d\ude00, \ud83d, \ude00"', "😀, \ufffd, \ufffd"),
        ('@"a\\b""c"', 'a\\b"c'),
        ("@'a''b'", "a'b"),
        ("h'a'", "a"),
        ('H@"a\\"', "a\\"),
        ("```a\n\\n```", "a\n\\n"),
        ("~~~a~~~", "a"),
        ('"a', "a"),
        ("```a", "a"),
    ],
)
def test_strings(text: str, expected: str) -> None:
    assert decode_string(text) == (expected, None)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [(r'"a\d\w"', r"\d"), (r"'\x4'", r"\x"), (r"'\u12'", r"\u"), (r"'\U00110000'", r"\U00110000")],
)
def test_escapes_that_do_not_exist(text: str, unknown: str) -> None:
    decoded, found = decode_string(text)
    assert found == unknown
    assert decoded == text[1:-1]
