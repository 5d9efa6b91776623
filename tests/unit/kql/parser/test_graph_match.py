from __future__ import annotations

import pytest

from kelp.kql.syntax import GraphEdge, GraphMatch
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_operator


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("G | graph-match (a)-[e]->(b) project a.x", "G\n| graph-match (a)-[e]->(b) project a.x"),
        (
            "G | graph-match cycles=none (a)<-[e*1..5]-(b)--(c)-->(d)<--(), (b)-[f*2..]-(x) where e.y > 1 project z = a.x, b.y",
            "G\n| graph-match cycles=none (a)<-[e*1..5]-(b)--(c)-->(d)<--(), (b)-[f*2..]-(x) where e.y > 1 project z = a.x, b.y",
        ),
        (
            'graph("g") | graph-shortest-paths output=all (a)-[e*1..3]->(b) where a.x == 1 project b',
            'graph("g")\n| graph-shortest-paths output=all (a)-[e*1..3]->(b) where a.x == 1 project b',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("G | graph-match «a»", "expected `(`", None),
        ("G | graph-match (a)-[e]«(»b)", "expected `-` of an edge", None),
        ("G | graph-match (a)<-[e]->«(»b)", "one direction", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_edges_have_directions_and_lengths() -> None:
    operator = read_operator("G | graph-match (a)-[e*1..5]->()<-[f]-(b)--(c) project x")
    assert isinstance(operator, GraphMatch)
    edges = [part for part in operator.patterns[0] if isinstance(part, GraphEdge)]
    assert [(edge.name, edge.direction) for edge in edges] == [("e", "->"), ("f", "<-"), ("", "--")]
    assert edges[0].max_hops is not None
    assert edges[1].max_hops is None
