from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            'T | fork (take 1) x = (where a | count) ["y z"] = (count)',
            'T\n| fork (take 1) x = (where a | count) ["y z"] = (count)',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | fork«»", "expected `(` or the name of a branch", None),
        ("T | fork x «(»take 1)", "expected `=` after `x`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
