from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | take 5", "T\n| take 5"),
        ("T | limit 2 * 3", "T\n| take 2 * 3"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | take«»", "expected an expression", None),
        ("T | «head» 5", "there is no operator", "take"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
