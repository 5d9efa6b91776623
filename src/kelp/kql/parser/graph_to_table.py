"""`graph-to-table`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import GraphToTable, Name, Option

_OPTIONS = frozenset({"with_node_id", "with_edge_id", "with_source_id", "with_target_id"})


def parse_graph_to_table(cursor: Cursor, start: int) -> GraphToTable:
    """Read `nodes [as name] [with_node_id=...], edges [as name] [with_source_id=...] [with_target_id=...]`."""
    outputs: list[tuple[str, Name | None, tuple[Option, ...]]] = []
    while True:
        part = cursor.token.text
        if part not in {"nodes", "edges"}:
            cursor.fail("`nodes` or `edges`")
        cursor.advance()
        name = cursor.expect_name() if cursor.take_word("as") else None
        outputs.append((part, name, parse_options(cursor, _OPTIONS)))
        if not cursor.take(","):
            return GraphToTable(cursor.span_from(start), tuple(outputs))
