from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | mv-expand a", "T\n| mv-expand a"),
        ("T | mvexpand a", "T\n| mv-expand a"),
        (
            "T | mv-expand kind=array bagexpansion=bag with_itemindex=i a, b = c to typeof(string) limit 10",
            "T\n| mv-expand kind=array bagexpansion=bag with_itemindex=i a, b = c to typeof(string) limit 10",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | mv-expand a to «string»", "`typeof(...)` after `to`", None),
        ("T | «mv-expnd» a", "there is no operator", "mv-expand"),
        ("T | mv-expand a to typeof(«strng»)", "expected a type", "string"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
