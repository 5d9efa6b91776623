"""`graph-mark-components`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import GraphMarkComponents

_OPTIONS = frozenset({"kind", "with_component_id"})


def parse_graph_mark_components(cursor: Cursor, start: int) -> GraphMarkComponents:
    """Read `[kind=...] [with_component_id=...]`."""
    options = parse_options(cursor, _OPTIONS)
    return GraphMarkComponents(cursor.span_from(start), options)
