"""Every form of timespan that clients send."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kelp.api.query.timespan import parse_timespan
from kelp.base.errors import Category, ServiceError

NOW = datetime(2024, 1, 2, tzinfo=UTC)


def day(number: int, hour: int = 0, microsecond: int = 0) -> datetime:
    return datetime(2024, 1, number, hour, microsecond=microsecond, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [
        ("PT3600.0S", day(1, 23), NOW),
        ("P1D", day(1), NOW),
        ("PT1H30M", datetime(2024, 1, 1, 22, 30, tzinfo=UTC), NOW),
        ("2024-01-01T00:00:00.000Z/2024-01-02T00:00:00.000Z", day(1), day(2)),
        ("2024-01-01T00:00:00.123456Z/PT86400.0S", day(1, 0, 123456), day(2, 0, 123456)),
        ("P1DT12H/2024-01-03T00:00:00+00:00", day(1, 12), day(3)),
        ("2024-01-01T02:00:00+02:00/2024-01-02", day(1), day(2)),
    ],
)
def test_a_timespan_names_a_range(text: str, start: datetime, stop: datetime) -> None:
    assert parse_timespan(text, NOW) == (start, stop)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "yesterday", "2024-01-01", "P1D/P1D", "2024-13-01T00:00Z/P1D", "P9999999999D"]
)
def test_any_other_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ServiceError, match="PT1H") as refused:
        parse_timespan(text, NOW)
    assert refused.value.category is Category.INVALID
