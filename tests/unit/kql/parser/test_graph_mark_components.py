from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("G | graph-mark-components", "G\n| graph-mark-components"),
        (
            "G | graph-mark-components kind=weak with_component_id=c",
            "G\n| graph-mark-components kind=weak with_component_id=c",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("G | graph-mark-components «x»", "found `x`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
