from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            "T | mv-apply a on (where a > 1 | summarize make_list(a))",
            "T\n| mv-apply a on (where a > 1 | summarize make_list(a))",
        ),
        (
            "T | mvapply with_itemindex=i x = a to typeof(long), b limit 5 on (top 1 by x)",
            "T\n| mv-apply with_itemindex=i x = a to typeof(long), b limit 5 on (top 1 by x)",
        ),
        (
            "T | mv-apply a id 0f4b1de6-41dc-4f52-8d4c-2f4f2b4a7c11 on (take 1)",
            "T\n| mv-apply a id 0f4b1de6-41dc-4f52-8d4c-2f4f2b4a7c11 on (take 1)",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | mv-apply a on «take» 1", "expected `(` after `on`", None),
        ("T | mv-apply a on (take 1«»", "expected `)`", "close"),
        ("T | mv-apply a «|» take 1", "expected `on`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
