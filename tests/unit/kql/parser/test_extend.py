from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            'T | extend a = 1, b, (c, d) = f(x), ["e f"] = 2',
            'T\n| extend a = 1, b, (c, d) = f(x), ["e f"] = 2',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | extend a = «»", "expected an expression", None),
        ("T | extend a = «,» b = 1", "expected an expression", None),
        ("T | extend a «b»", "expected `|` or the end of the query, found `b`", "missing"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
