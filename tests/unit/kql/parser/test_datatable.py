from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            'datatable(a: long, ["b c"]: string) [1, "x", -2, "y",]',
            'datatable(a: long, ["b c"]: string) [1, "x", -2, "y"]',
        ),
        (
            'datatable (a:dynamic) [dynamic({"a": 1}), dynamic(null)] | take 1',
            'datatable(a: dynamic) [dynamic({"a": 1}), dynamic(null)]\n| take 1',
        ),
        ("datatable(a: bool) []", "datatable(a: bool) []"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("datatable(a: long) [1, «b»]", "constants only", "print"),
        ("datatable(a«)» [1]", "expected `:` and a type after `a`", None),
        ("datatable(a: long) [1«»", "expected `]`", "close"),
        ("datatable(a: «lng») [1]", "expected a type", "long"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
