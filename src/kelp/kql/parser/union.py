"""`union`, as a source and after a pipe."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.join import parse_right_side
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.patterns import find_pattern
from kelp.kql.syntax import Pipeline, Union, WildcardName

_INTERNAL = frozenset(
    {"__packedColumn", "__noWithSource", "__isFuzzy", "__crossCluster", "__crossDB", "__id"}
)
_OPTIONS = frozenset({"kind", "withsource", "with_source", "isfuzzy"}) | _INTERNAL


def parse_union(cursor: Cursor, start: int) -> Union:
    """Read `[kind=...] [withsource=...] [isfuzzy=...] table, ...`."""
    options = parse_options(cursor, _OPTIONS)
    sources: list[Pipeline | WildcardName] = []
    while True:
        sources.append(find_pattern(cursor) or parse_right_side(cursor))
        if not cursor.take(","):
            return Union(cursor.span_from(start), options, tuple(sources))
