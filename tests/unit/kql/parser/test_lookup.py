from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("A | lookup B on k", "A\n| lookup B on k"),
        (
            "A | lookup kind=inner (B | take 5) on $left.a == $right.b",
            "A\n| lookup kind=inner (B | take 5) on $left.a == $right.b",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("A | lookup B on«»", "expected an expression", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
