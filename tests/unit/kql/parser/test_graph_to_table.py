from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("G | graph-to-table nodes", "G\n| graph-to-table nodes"),
        (
            "G | graph-to-table nodes as N with_node_id=i, edges as E with_source_id=s with_target_id=t",
            "G\n| graph-to-table nodes as N with_node_id=i, edges as E with_source_id=s with_target_id=t",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("G | graph-to-table «x»", "`nodes` or `edges`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
