from __future__ import annotations

import math

import pytest

from kelp.kql.literals import MAX_DATETIME, MAX_LONG, MIN_DATETIME, MIN_LONG
from kelp.kql.rendering import format_datetime, format_literal, format_real, format_timespan, quote
from kelp.kql.types import ScalarType


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        (0, "1970-01-01T00:00:00.0000000Z"),
        (-1, "1969-12-31T23:59:59.9999999Z"),
        (MIN_DATETIME, "0001-01-01T00:00:00.0000000Z"),
        (MAX_DATETIME, "9999-12-31T23:59:59.9999999Z"),
    ],
)
def test_dates(ticks: int, expected: str) -> None:
    assert format_datetime(ticks) == expected


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        (0, "00:00:00"),
        (1, "00:00:00.0000001"),
        (-36_000_000_000, "-01:00:00"),
        (937_840_000_000 * 2, "2.04:06:08"),
        (MAX_LONG, "10675199.02:48:05.4775807"),
        (MIN_LONG, "-10675199.02:48:05.4775808"),
    ],
)
def test_timespans(ticks: int, expected: str) -> None:
    assert format_timespan(ticks) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(1.0, "1.0"), (1e300, "1e+300"), (math.inf, '"Infinity"'), (math.nan, '"NaN"')]
)
def test_reals(value: float, expected: str) -> None:
    assert format_real(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", '"a"'), ('a"\\', '"a\\"\\\\"'), ("\n\t\r\x00\x7f", '"\\n\\t\\r\\x00\\x7f"'), ("é’", '"é’"')],
)
def test_strings(text: str, expected: str) -> None:
    assert quote(text) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (ScalarType.BOOL, False, "false"),
        (ScalarType.INT, -5, "int(-5)"),
        (ScalarType.LONG, 5, "5"),
        (ScalarType.LONG, -5, "long(-5)"),
        (ScalarType.REAL, 1.5, "1.5"),
        (ScalarType.REAL, -1.5, "real(-1.5)"),
        (ScalarType.REAL, -0.0, "real(-0.0)"),
        (ScalarType.REAL, math.inf, "real(inf)"),
        (ScalarType.REAL, math.nan, "real(nan)"),
        (ScalarType.DECIMAL, "1.50", "decimal(1.50)"),
        (ScalarType.STRING, "a", '"a"'),
        (ScalarType.DATETIME, 0, "datetime(1970-01-01T00:00:00.0000000Z)"),
        (ScalarType.TIMESPAN, 864_000_000_000, "1d"),
        (ScalarType.TIMESPAN, 54_000_000_000, "90m"),
        (ScalarType.TIMESPAN, 7, "7tick"),
        (ScalarType.TIMESPAN, -7, "timespan(-00:00:00.0000007)"),
        (ScalarType.DYNAMIC, '{"a":1}', 'dynamic({"a":1})'),
        (
            ScalarType.GUID,
            "74be27de-1e4e-49d9-b579-fe0b331d3642",
            "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
        ),
        (ScalarType.STRING, None, "string(null)"),
        (ScalarType.DATETIME, None, "datetime(null)"),
    ],
)
def test_literals(kind: ScalarType, value: float | str | None, expected: str) -> None:
    assert format_literal(kind, value) == expected
