from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | top 5 by a", "T\n| top 5 by a"),
        ("T | top 5 by a desc nulls last", "T\n| top 5 by a desc nulls last"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | top 5 by a, «b»", "takes one key", "sort by A, B"),
        ("T | top 5 «a»", "expected `by`", "top 10 by"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
