from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            'T | top-nested 2 of a by sum(b), top-nested of c with others = "rest" by n = count() desc',
            'T\n| top-nested 2 of a by sum(b), top-nested of c with others = "rest" by n = count() desc',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | top-nested 2 of a by b, «c»", "expected `top-nested`", None),
        ("T | top-nested 2 of a with «rest» by b", "expected `others`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
