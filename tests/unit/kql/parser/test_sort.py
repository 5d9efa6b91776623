from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            "T | sort by a, b asc, c desc nulls first, d nulls last",
            "T\n| sort by a, b asc, c desc nulls first, d nulls last",
        ),
        ("T | order by x = a + 1 desc", "T\n| sort by x = a + 1 desc"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | sort «a» desc", "expected `by`", "sort by"),
        ("T | sort by a nulls «high»", "`first` or `last`", None),
        ("T | «orderby» a", "there is no operator", "order"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
