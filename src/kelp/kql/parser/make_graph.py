"""`make-graph`."""

from __future__ import annotations

from kelp.kql.parser.bodies import parse_body
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_column_path
from kelp.kql.parser.join import parse_right_side
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.words import take_hyphenated
from kelp.kql.syntax import Expression, MakeGraph, Name, NameExpression, Operator, Option, Pipeline

_NODE_ID = frozenset({"with_node_id"})


def parse_make_graph(cursor: Cursor, start: int) -> MakeGraph:
    """Read `source --> target [with nodes on id, ... | with_node_id=name] [partitioned-by column (operators)]`."""
    options = parse_options(cursor)
    source = parse_column_path(cursor)
    for part in "-->":
        cursor.expect(part, " (write source --> target)")
    target = parse_column_path(cursor)
    node_id = _node_id(parse_options(cursor, _NODE_ID))
    nodes = _parse_nodes(cursor) if cursor.take_word("with") else ()
    partitioned_by: Expression | None = None
    body: tuple[Operator, ...] = ()
    if take_hyphenated(cursor, "partitioned-by"):
        partitioned_by = parse_column_path(cursor)
        body = parse_body(cursor, "the column")
    return MakeGraph(cursor.span_from(start), options, source, target, nodes, node_id, partitioned_by, body)


def _node_id(options: tuple[Option, ...]) -> Name | None:
    for option in options:
        if isinstance(option.value, NameExpression):
            return Name(option.value.span, option.value.name)
    return None


def _parse_nodes(cursor: Cursor) -> tuple[tuple[Pipeline, Expression], ...]:
    nodes: list[tuple[Pipeline, Expression]] = []
    while True:
        table = parse_right_side(cursor)
        cursor.expect_word("on", " and the column with the id of a node")
        nodes.append((table, parse_column_path(cursor)))
        if not cursor.take(","):
            return tuple(nodes)
