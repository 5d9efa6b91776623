"""Matches of graph patterns, compared with those that a search without any thought finds."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.kql.graph_pattern import (
    ChainPart,
    Cycles,
    Direction,
    EdgeVariable,
    GraphKeys,
    GraphPattern,
    ListOfChain,
    NodeVariable,
    OfEdge,
    OfNode,
    Shortest,
    TestOfChain,
)
from kelp.plan.graph_operations import MarkComponents, MatchGraph
from kelp.segments import graph_components, graph_match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.kql.graph_pattern import Taken

KEYS = GraphKeys("key", "source", "target")
Graph = tuple[list[dict[str, object]], list[dict[str, object]]]
Assignment = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]
"""The nodes of the variables, and the edges of each edge variable."""


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to five nodes and seven edges, with flags; edges may lead to a node that is not there."""
    count = draw(st.integers(1, 5))
    truth = st.sampled_from([True, True, True, False, None])
    nodes: list[dict[str, object]] = [
        {"key": str(index), "item": f"[{index}]", "f0": draw(truth), "f1": draw(truth)}
        for index in range(count)
    ]
    ends = st.integers(0, count).map(str)
    edges: list[dict[str, object]] = [
        {
            "source": draw(ends),
            "target": draw(ends),
            "item": f"[{index}]",
            "f0": draw(truth),
            "f1": draw(truth),
        }
        for index in range(draw(st.integers(0, 7)))
    ]
    return nodes, edges


FLAGS = st.sampled_from([None, None, "f0", "f1"])


@st.composite
def patterns(draw: st.DrawFn) -> GraphPattern:
    """Connected patterns of up to three edges."""
    edges: list[EdgeVariable] = []
    count = 1
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2, 2, 3]))):
        start = draw(st.integers(0, count - 1))
        stop = draw(st.sampled_from([count, count, start, count - 1]))
        count = max(count, stop + 1)
        if draw(st.booleans()):
            start, stop = stop, start
        low = draw(st.integers(0, 2))
        hops = draw(st.sampled_from([None, (low, low + draw(st.integers(0, 2)))]))
        edges.append(
            EdgeVariable(start, stop, draw(st.sampled_from(Direction)), hops, draw(FLAGS), draw(FLAGS))
        )
    nodes = tuple(NodeVariable(draw(FLAGS)) for _ in range(count))
    return GraphPattern(nodes, tuple(edges), draw(st.sampled_from(Cycles)), None)


def steps(graph: Graph, pattern: EdgeVariable, at: int) -> Iterator[tuple[int, int]]:
    nodes, edges = graph
    places = {node["key"]: index for index, node in enumerate(nodes)}
    for index, edge in enumerate(edges):
        source, target = places.get(edge["source"]), places.get(edge["target"])
        if source is None or target is None or (pattern.flag is not None and not edge[pattern.flag]):
            continue
        ways = {(source, target)} if pattern.direction is not Direction.LEFT else {(target, source)}
        if pattern.direction is Direction.EITHER:
            ways.add((target, source))
        for start, stop in ways:
            if start == at:
                yield index, stop


def walks(graph: Graph, pattern: EdgeVariable, at: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the edges, and the nodes come to, of each way along the variable from a node."""
    nodes, _ = graph
    low, high = pattern.hops or (1, 1)
    waiting: list[tuple[list[int], list[int]]] = [([], [])]
    while waiting:
        edges, passed = waiting.pop()
        here = passed[-1] if passed else at
        if len(edges) >= low:
            yield edges, passed
        if len(edges) == high or (
            edges and pattern.inner_flag is not None and not nodes[here][pattern.inner_flag]
        ):
            continue
        waiting.extend(([*edges, edge], [*passed, stop]) for edge, stop in steps(graph, pattern, here))


def assignments(graph: Graph, pattern: GraphPattern) -> Iterator[Assignment]:
    nodes, _ = graph
    for chosen in itertools.product(range(len(nodes)), repeat=len(pattern.nodes)):
        flags = zip(chosen, pattern.nodes, strict=True)
        if any(variable.flag is not None and not nodes[node][variable.flag] for node, variable in flags):
            continue
        ways = [
            [way for way in walks(graph, edge, chosen[edge.start])
             if (way[1][-1] if way[1] else chosen[edge.start]) == chosen[edge.stop]]
            for edge in pattern.edges
        ]  # fmt: skip
        for choice in itertools.product(*ways):
            if is_let_through(pattern, chosen, choice):
                yield chosen, tuple(tuple(edges) for edges, _ in choice)


def is_let_through(
    pattern: GraphPattern, chosen: tuple[int, ...], choice: tuple[tuple[list[int], list[int]], ...]
) -> bool:
    if pattern.cycles is Cycles.ALL:
        return True
    if pattern.cycles is Cycles.UNIQUE_EDGES:
        used = [edge for edges, _ in choice for edge in edges]
        return len(used) == len(set(used))
    # Without cycles: chains of no edge make one place of two variables, and what is left is a tree of its nodes.
    group = list(range(len(pattern.nodes)))
    for edge, (edges, _) in zip(pattern.edges, choice, strict=True):
        if not edges:
            old, new = group[edge.start], group[edge.stop]
            group = [new if one == old else one for one in group]
    inner = [node for _, passed in choice for node in passed[:-1]]
    places = [chosen[one] for one in set(group)] + inner
    links = sum(len(edges) for edges, _ in choice)
    return len(places) == len(set(places)) and links == len(places) - 1


def run(graph: Graph, pattern: GraphPattern) -> list[Assignment]:
    nodes, edges = graph
    flags = {"f0": pa.bool_(), "f1": pa.bool_()}
    node_table = pa.Table.from_pylist(nodes, pa.schema({"key": pa.utf8(), "item": pa.utf8(), **flags}))
    edge_table = pa.Table.from_pylist(
        edges, pa.schema({"source": pa.utf8(), "target": pa.utf8(), "item": pa.utf8(), **flags})
    )
    outputs: list[tuple[str, Taken]] = [
        (f"n{index}", OfNode(index, "key")) for index in range(len(pattern.nodes))
    ]
    for index, edge in enumerate(pattern.edges):
        name = f"e{index}"
        if edge.hops is None:
            outputs.append((name, OfEdge(index, "item")))
            continue
        outputs.append((name, ListOfChain(index, ChainPart.EDGES, "item")))
        outputs.append((f"i{index}", ListOfChain(index, ChainPart.INNER_NODES, "item")))
        outputs.append((f"a{index}", TestOfChain(index, ChainPart.EDGES, "f0", is_all=True)))
        outputs.append((f"b{index}", TestOfChain(index, ChainPart.INNER_NODES, "f1", is_all=False)))
    operation = MatchGraph(KEYS, pattern, tuple(outputs), "$row")
    found = graph_match.compute(operation, [node_table, edge_table]).to_pylist()
    for row in found:
        check_details(graph, pattern, row)
    return [
        (
            tuple(int(row[f"n{index}"]) for index in range(len(pattern.nodes))),
            tuple(tuple(json.loads(row[f"e{index}"])) for index in range(len(pattern.edges))),
        )
        for row in found
    ]


def check_details(graph: Graph, pattern: GraphPattern, row: dict[str, Any]) -> None:
    nodes, edges = graph
    for index, edge in enumerate(pattern.edges):
        if edge.hops is None:
            continue
        chain, inner = json.loads(row[f"e{index}"]), json.loads(row[f"i{index}"])
        at = int(row[f"n{edge.start}"])
        expected = []
        for one in chain:
            ends = [int(str(edges[one]["source"])), int(str(edges[one]["target"]))]
            at = ends[1] if ends[0] == at else ends[0]
            expected.append(at)
        assert inner == expected[:-1]
        assert row[f"a{index}"] == all(edges[one]["f0"] for one in chain)
        assert row[f"b{index}"] == any(nodes[one]["f1"] for one in inner)


@settings(max_examples=300, deadline=None)
@given(graphs(), patterns())
def test_matches_are_those_of_a_search_of_everything(graph: Graph, pattern: GraphPattern) -> None:
    assert Counter(run(graph, pattern)) == Counter(assignments(graph, pattern))


@settings(max_examples=200, deadline=None)
@given(graphs(), patterns(), st.sampled_from(Shortest))
def test_shortest_paths_are_the_shortest_matches(
    graph: Graph, pattern: GraphPattern, shortest: Shortest
) -> None:
    if not any(edge.hops for edge in pattern.edges):
        return
    whole = GraphPattern(pattern.nodes, pattern.edges, pattern.cycles, None)
    first, last = pattern.edges[0].start, pattern.edges[-1].stop
    best: dict[tuple[int, int], list[Assignment]] = {}
    for nodes, edges in sorted(assignments(graph, whole), key=lambda one: (sum(map(len, one[1])), one[1])):
        known = best.setdefault((nodes[first], nodes[last]), [])
        if not known or sum(map(len, known[0][1])) == sum(map(len, edges)):
            known.append((nodes, edges))
    found = run(graph, GraphPattern(pattern.nodes, pattern.edges, pattern.cycles, shortest))
    if shortest is Shortest.ALL:
        assert Counter(found) == Counter(one for paths in best.values() for one in paths)
    else:
        assert Counter((one[0][first], one[0][last]) for one in found) == Counter(best.keys())
        assert all(one in best[one[0][first], one[0][last]] for one in found)


@settings(max_examples=200, deadline=None)
@given(graphs(), st.booleans())
def test_components_hold_what_reaches_each_other(graph: Graph, is_strong: bool) -> None:
    nodes, edges = graph
    node_table = pa.table({"key": [str(node["key"]) for node in nodes]})
    edge_table = pa.table(
        {name: pa.array([str(edge[name]) for edge in edges], pa.utf8()) for name in ("source", "target")}
    )
    marked = graph_components.compute(MarkComponents(KEYS, "part", is_strong), [node_table, edge_table])
    parts = marked["part"].to_pylist()
    way = EdgeVariable(0, 0, Direction.RIGHT if is_strong else Direction.EITHER, None, None, None)
    reach = [{at} for at in range(len(nodes))]
    for _ in nodes:
        for at, known in enumerate(reach):
            reach[at] = known | {stop for one in known for _, stop in steps(graph, way, one)}
    for left, right in itertools.product(range(len(nodes)), repeat=2):
        assert (parts[left] == parts[right]) == (right in reach[left] and left in reach[right])
    assert set(parts) == set(range(len(set(parts))))
