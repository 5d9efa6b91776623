from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("E | make-graph a --> b", "E\n| make-graph a --> b"),
        ("E | make-graph a-->b with_node_id=n", "E\n| make-graph a --> b with_node_id=n"),
        (
            "E | make-graph a --> b with N on id, (M | take 1) on key partitioned-by t (graph-match (x) project y)",
            "E\n| make-graph a --> b with N on id, (M | take 1) on key partitioned-by t (graph-match (x) project y)",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("E | make-graph a «b»", "expected `-`", None),
        ("E | make-graph a --> b with N«»", "expected `on`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
