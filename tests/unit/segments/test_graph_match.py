"""Searches of graphs as a segment: sizes, the order of chains, ends that are not there."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from kelp.kql.graph_pattern import (
    ChainPart,
    Cycles,
    Direction,
    EdgeVariable,
    GraphKeys,
    GraphPattern,
    ListOfChain,
    NodeVariable,
    OfNode,
    Shortest,
)
from kelp.plan.graph_operations import KeepRows, MarkComponents, MatchGraph
from kelp.segments import computation, graph_components, graph_match
from kelp.segments.errors import SegmentRefused

KEYS = GraphKeys("key", "source", "target")
ANY = NodeVariable(None)


def complete_graph(count: int) -> list[pa.Table]:
    """Return nodes and edges, one from each node to each other one."""
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
    nodes = pa.table({"key": pa.array(range(count), pa.int64())})
    edges = pa.table(
        {
            "source": pa.array([a for a, _ in pairs], pa.int64()),
            "target": pa.array([b for _, b in pairs], pa.int64()),
            "item": [f"[{index}]" for index in range(len(pairs))],
        }
    )
    return [nodes, edges]


def chain(
    low: int, high: int, shortest: Shortest | None = None, direction: Direction = Direction.RIGHT
) -> MatchGraph:
    """Return a search for one chain between two nodes."""
    edge = EdgeVariable(0, 1, direction, (low, high), None, None)
    pattern = GraphPattern((ANY, ANY), (edge,), Cycles.UNIQUE_EDGES, shortest)
    outputs = (
        ("a", OfNode(0, "key")),
        ("b", OfNode(1, "key")),
        ("e", ListOfChain(0, ChainPart.EDGES, "item")),
    )
    return MatchGraph(KEYS, pattern, outputs, "row")


def test_a_pattern_with_too_many_matches_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(SegmentRefused, match="too many matches"):
        graph_match.compute(chain(1, 8), complete_graph(40))


def test_all_shortest_paths_of_a_dense_graph_are_few() -> None:
    found = graph_match.compute(chain(1, 8, Shortest.ALL), complete_graph(40))
    assert found.num_rows == 40 * 39 + 40 * 39


def test_an_edge_without_its_node_is_not_there() -> None:
    nodes, edges = complete_graph(3)
    found = graph_match.compute(chain(1, 2), [nodes.slice(0, 2), edges])
    assert sorted((row["a"], row["b"]) for row in found.to_pylist()) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_graph_without_nodes_has_no_matches_and_no_components() -> None:
    nodes, edges = complete_graph(1)
    empty = [nodes.slice(0, 0), edges]
    for shortest in (None, *Shortest):
        found = graph_match.compute(chain(0, 3, shortest), empty)
        assert (found.num_rows, found.column_names) == (0, ["a", "b", "e", "row"])
    assert graph_components.compute(MarkComponents(KEYS, "part", is_strong=True), empty).num_rows == 0


def test_chains_are_told_in_the_order_of_the_text() -> None:
    edges = pa.table({"source": ["a", "b"], "target": ["b", "c"], "item": ["[0]", "[1]"]})
    nodes = pa.table({"key": ["a", "b", "c"]})
    told = {
        direction: {
            (row["a"], row["b"]): json.loads(row["e"])
            for row in graph_match.compute(chain(2, 2, direction=direction), [nodes, edges]).to_pylist()
        }
        for direction in Direction
    }
    assert told == {
        Direction.RIGHT: {("a", "c"): [0, 1]},
        Direction.LEFT: {("c", "a"): [1, 0]},
        Direction.EITHER: {("a", "c"): [0, 1], ("c", "a"): [1, 0]},
    }


def test_null_is_an_id_like_another() -> None:
    keys = pa.array([None, 1], pa.int64())
    nodes = pa.table({"key": keys})
    edges = pa.table({"source": keys, "target": keys.take(pa.array([1, 1])), "item": ["[0]", "[1]"]})
    found = graph_match.compute(chain(1, 1), [nodes, edges])
    assert sorted(found["a"].to_pylist(), key=str) == [1, None]


def test_what_is_kept_comes_as_it_is() -> None:
    nodes, _ = complete_graph(3)
    assert computation.compute(KeepRows("kept"), [nodes]) is nodes
