"""Moments as texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kelp.base.clock import parse_moment


def test_a_moment_is_read_in_utc() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for text in ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00", "2026-03-01T14:00:00+02:00"):
        assert parse_moment(text) == noon
        assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-05:00"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(text)
