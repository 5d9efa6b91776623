"""`graph-match` and `graph-shortest-paths`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named_list, parse_operand, parse_predicate
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Expression, GraphEdge, GraphMatch, GraphNode

_OPTIONS = frozenset({"cycles", "output"})


def parse_graph_match(cursor: Cursor, start: int) -> GraphMatch:
    """Read `[cycles=...] patterns [where predicate] [project columns]`."""
    return _parse(cursor, start, is_shortest_paths=False)


def parse_graph_shortest_paths(cursor: Cursor, start: int) -> GraphMatch:
    """Read `[output=...] pattern [where predicate] [project columns]`."""
    return _parse(cursor, start, is_shortest_paths=True)


def _parse(cursor: Cursor, start: int, *, is_shortest_paths: bool) -> GraphMatch:
    options = parse_options(cursor, _OPTIONS)
    patterns = [_parse_pattern(cursor)]
    while cursor.take(","):
        patterns.append(_parse_pattern(cursor))
    predicate = parse_predicate(cursor) if cursor.take_word("where") else None
    project = parse_named_list(cursor) if cursor.take_word("project") else ()
    return GraphMatch(
        cursor.span_from(start), is_shortest_paths, options, tuple(patterns), predicate, project
    )


def _parse_pattern(cursor: Cursor) -> tuple[GraphNode | GraphEdge, ...]:
    parts: list[GraphNode | GraphEdge] = [_parse_node(cursor)]
    while cursor.token.kind in {"-", "<"}:
        parts.append(_parse_edge(cursor))
        parts.append(_parse_node(cursor))
    return tuple(parts)


def _parse_node(cursor: Cursor) -> GraphNode:
    start = cursor.expect("(", " and the name of a node").start
    name = cursor.find_name()
    cursor.expect(")")
    return GraphNode(cursor.span_from(start), name.text if name else "")


def _parse_edge(cursor: Cursor) -> GraphEdge:
    """An edge: `-[e]->`, `<-[e]-`, `-[e]-`, `-->`, `<--` or `--`."""
    start = cursor.token.start
    leftward = cursor.take("<")
    cursor.expect("-", " of an edge")
    name = ""
    low: Expression | None = None
    high: Expression | None = None
    if cursor.take("["):
        if (found := cursor.find_name()) is not None:
            name = found.text
        if cursor.take("*"):
            low, high = _parse_hops(cursor)
        cursor.expect("]", " after the edge")
    cursor.expect("-", " of an edge")
    rightward = cursor.take(">")
    if leftward and rightward:
        cursor.fail("an edge with one direction")
    direction = "<-" if leftward else "->" if rightward else "--"
    return GraphEdge(cursor.span_from(start), name, direction, low, high)


def _parse_hops(cursor: Cursor) -> tuple[Expression | None, Expression | None]:
    low = None if cursor.token.kind == ".." else parse_operand(cursor)
    cursor.expect("..", " between the least and the greatest number of hops")
    high = None if cursor.token.kind in {"]", tokens.END} else parse_operand(cursor)
    return low, high
