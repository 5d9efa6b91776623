"""`graph-match` and `graph-shortest-paths` (rules GRAPH-4 to GRAPH-9).

Conditions on one node, or one edge, are decided over the nodes and edges before matches are looked for; those on
several are decided over the matches, and so is what is projected. See docs/adr/0015-graphs.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.graph_conditions import GraphConditions, bind_by_edge, bind_conditions
from kelp.kql.binder.graph_elements import GraphElements, GraphPart, OverChain
from kelp.kql.binder.graph_rows import apply_over_chain, make_rows
from kelp.kql.binder.graph_shortest import ask_ends, ask_length, choose_shortest
from kelp.kql.binder.naming import derived_name
from kelp.kql.binder.project import project_columns
from kelp.kql.binder.references import references_of
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.bound import Output
from kelp.kql.diagnostics import DUPLICATE_NAME, NOT_ALLOWED_HERE, SYNTAX, UNSUPPORTED, WRONG_TYPE, refusal
from kelp.kql.graph_pattern import (
    Cycles,
    Direction,
    EdgeVariable,
    GraphPattern,
    NodeVariable,
    OfNode,
    Shortest,
)
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext

MAX_HOPS = 1000
_ROW = "$row"


@dataclass(slots=True)
class _Pattern:
    """Variables as they are read: `links` are start, stop, direction and hops of each edge."""

    nodes: dict[str, int] = field(default_factory=dict)
    edges: dict[str, int] = field(default_factory=dict)
    node_count: int = 0
    links: list[tuple[int, int, Direction, tuple[int, int] | None]] = field(default_factory=list)

    @property
    def chains(self) -> frozenset[int]:
        return frozenset(place for place, (*_, hops) in enumerate(self.links) if hops is not None)


def bind_graph_match(
    context: BindContext, node: syntax.GraphMatch, graph: bound.Graph, names: NameScope
) -> bound.Operator:
    """Return the table of matches; raises `QueryRefusedError` for what no pattern may be."""
    if not node.project:
        word = "graph-shortest-paths" if node.is_shortest_paths else "graph-match"
        hint = "name what to show of each match: project node.property"
        raise refusal(SYNTAX, f"'{word}' needs 'project'", node.span, hint)
    pattern = _read_pattern(context, node, names)
    cycles, shortest = _read_options(node, pattern)
    elements = GraphElements(graph, pattern.nodes, pattern.edges, pattern.chains)
    scope = Scope(names, elements=elements)
    conditions = bind_conditions(context, node.predicate, scope)
    outputs = _bind_project(context, node.project, scope)
    if graph.partition is not None:
        # All nodes of a match are of one partition; whoever made them takes the column away.
        partition = OfNode(0, graph.partition.name)
        outputs += (Output(graph.partition.name, elements.ask(partition, graph.partition.type)),)
    if shortest is not None:
        _check_shortest(node, pattern)
        if _looks_at_paths(pattern, elements, conditions):
            length = ask_length(elements, len(pattern.links))
            ends = ask_ends(elements, (pattern.links[0][0], pattern.links[-1][1]))
            measures = {*references_of(length), *(end.name for end in ends)}
            rows = _assemble(elements, pattern, (cycles, None), conditions, outputs, measures)
            return project_columns(choose_shortest(context, rows, length, ends, shortest), outputs)
    return project_columns(_assemble(elements, pattern, (cycles, shortest), conditions, outputs), outputs)


# --- the pattern -----------------------------------------------------------------------------------------------------


def _read_pattern(context: BindContext, node: syntax.GraphMatch, names: NameScope) -> _Pattern:
    pattern = _Pattern()
    for sequence in node.patterns:
        places = [_read_node(pattern, part) for part in sequence if isinstance(part, syntax.GraphNode)]
        edges = [part for part in sequence if isinstance(part, syntax.GraphEdge)]
        for index, edge in enumerate(edges):
            if edge.name:
                _check_name(edge.name, pattern, edge, is_edge=True)
                pattern.edges[edge.name] = len(pattern.links)
            link = (places[index], places[index + 1], Direction(edge.direction), _hops(context, edge, names))
            pattern.links.append(link)
    _check_connected(node, pattern)
    return pattern


def _read_node(pattern: _Pattern, part: syntax.GraphNode) -> int:
    if part.name and part.name in pattern.nodes:
        return pattern.nodes[part.name]
    if part.name:
        _check_name(part.name, pattern, part, is_edge=False)
        pattern.nodes[part.name] = pattern.node_count
    pattern.node_count += 1
    return pattern.node_count - 1


def _check_name(
    name: str, pattern: _Pattern, part: syntax.GraphNode | syntax.GraphEdge, *, is_edge: bool
) -> None:
    if name in pattern.edges or (is_edge and name in pattern.nodes):
        raise refusal(DUPLICATE_NAME, f"the pattern has '{name}' already", part.span)


def _hops(context: BindContext, edge: syntax.GraphEdge, names: NameScope) -> tuple[int, int] | None:
    if edge.min_hops is None and edge.max_hops is None:
        return None
    hops: list[int] = []
    for part in (edge.min_hops, edge.max_hops):
        value = None if part is None else expressions.bind_expression(context, part, Scope(names))
        if not isinstance(value, bound.Literal) or value.type not in (T.INT, T.LONG) or value.value is None:
            message = "the least and the greatest number of hops are constant integers"
            raise refusal(WRONG_TYPE, message, edge.span, "write -[edge*1..5]->")
        hops.append(int(value.value))
    low, high = hops
    if not 0 <= low <= high <= MAX_HOPS:
        raise refusal(
            WRONG_TYPE,
            f"hops go from 0 up to {MAX_HOPS}, the least number first, not {low}..{high}",
            edge.span,
        )
    return low, high


def _check_connected(node: syntax.GraphMatch, pattern: _Pattern) -> None:
    group = list(range(pattern.node_count))
    for start, stop, *_ in pattern.links:
        old, new = group[start], group[stop]
        group = [new if one == old else one for one in group]
    if len(set(group)) > 1:
        hint = "let the sequences share a node"
        raise refusal(UNSUPPORTED, "the pattern falls into parts that nothing connects", node.span, hint)


def _read_options(node: syntax.GraphMatch, pattern: _Pattern) -> tuple[Cycles, Shortest | None]:
    cycles, shortest = Cycles.UNIQUE_EDGES, None
    if node.is_shortest_paths:
        shortest = Shortest.ANY
        if pattern.node_count > len(pattern.links):
            # Each node of the sequence has a variable of its own: no cycle is asked for.
            cycles = Cycles.NONE
    for option in node.options:
        word = option.value.name if isinstance(option.value, syntax.NameExpression) else ""
        if option.name == "cycles" and word in list(Cycles):
            cycles = Cycles(word)
        elif option.name == "output" and node.is_shortest_paths and word in list(Shortest):
            shortest = Shortest(word)
        else:
            wanted = "output=any, output=all or cycles=..." if node.is_shortest_paths else "cycles=..."
            wanted = wanted.replace("cycles=...", "cycles=all, none or unique_edges")
            raise refusal(SYNTAX, f"expected {wanted}", option.span)
    return cycles, shortest


def _check_shortest(node: syntax.GraphMatch, pattern: _Pattern) -> None:
    if len(node.patterns) != 1 or not pattern.chains:
        message = "'graph-shortest-paths' takes one sequence, with an edge of variable length"
        raise refusal(NOT_ALLOWED_HERE, message, node.span, "write (a)-[e*1..5]->(b)")


def _looks_at_paths(pattern: _Pattern, elements: GraphElements, conditions: GraphConditions) -> bool:
    """Tell whether a condition is on more of a path than its ends, so that it decides which is the shortest."""
    ends = {pattern.links[0][0], pattern.links[-1][1]}
    names = set().union(*(references_of(condition) for condition in conditions.over_matches))
    asked = (elements.asked[name][0] for name in names)
    return any(not isinstance(one, OfNode) or one.variable not in ends for one in asked)


# --- the table -------------------------------------------------------------------------------------------------------


def _bind_project(
    context: BindContext, columns: tuple[syntax.NamedExpression, ...], scope: Scope
) -> tuple[Output, ...]:
    outputs: dict[str, Output] = {}
    for column in columns:
        if len(column.names) > 1:
            raise refusal(NOT_ALLOWED_HERE, "a column has one name here", column.span)
        value = bind_by_edge(context, column.value, scope, is_condition=False)
        name = column.names[0].text if column.names else derived_name(column.value, outputs)
        if name in outputs:
            raise refusal(DUPLICATE_NAME, f"the column '{name}' is given twice", column.span)
        outputs[name] = Output(name, value)
    return tuple(outputs.values())


def _assemble(
    elements: GraphElements,
    pattern: _Pattern,
    options: tuple[Cycles, Shortest | None],
    conditions: GraphConditions,
    outputs: tuple[Output, ...],
    measures: Iterable[str] = (),
) -> bound.Operator:
    """Return the matches that fit, with the columns that outputs and measures read."""
    read = set(measures).union(*(references_of(part) for part in conditions.over_matches))
    read.update(*(references_of(output.value) for output in outputs))
    over = {
        name: asked
        for name, (asked, _) in elements.asked.items()
        if name in read and isinstance(asked, OverChain)
    }
    for asked in over.values():
        read |= {asked.bags, *references_of(asked.value)}
    flags = {part: conditions.flags(elements, part) for part in GraphPart}
    nodes = tuple(NodeVariable(flags[GraphPart.NODES].get(place)) for place in range(pattern.node_count))
    edges = tuple(
        EdgeVariable(*link, flags[GraphPart.EDGES].get(place), conditions.inner_flag(elements, place))
        for place, link in enumerate(pattern.links)
    )
    taken = elements.taken(read)
    whole = GraphPattern(nodes, edges, *options)
    node_rows, edge_rows, keys = make_rows(elements, whole, [asked for asked, _ in taken.values()])
    schema = RowSchema((*(Column(name, kind) for name, (_, kind) in taken.items()), Column(_ROW, T.LONG)))
    found = tuple((name, asked) for name, (asked, _) in taken.items())
    current: bound.Operator = bound.GraphMatch(node_rows, edge_rows, keys, whole, found, _ROW, schema)
    for name, asked in over.items():
        current = apply_over_chain(current, name, asked)
    for condition in conditions.over_matches:
        current = bound.Where(current, condition)
    return current
