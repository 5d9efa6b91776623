"""`graph-where-nodes` and `graph-where-edges`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_predicate
from kelp.kql.syntax import GraphWhere


def parse_graph_where_nodes(cursor: Cursor, start: int) -> GraphWhere:
    """Read a condition on nodes."""
    predicate = parse_predicate(cursor)
    return GraphWhere(cursor.span_from(start), "nodes", predicate)


def parse_graph_where_edges(cursor: Cursor, start: int) -> GraphWhere:
    """Read a condition on edges."""
    predicate = parse_predicate(cursor)
    return GraphWhere(cursor.span_from(start), "edges", predicate)
