from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | facet by a, b", "T\n| facet by a, b"),
        ("T | facet by a with (where b | take 1)", "T\n| facet by a with (where b | take 1)"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | facet «a»", "expected `by`", None),
        ("T | facet by a with «take» 1", "expected `(` after `with`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
