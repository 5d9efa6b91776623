"""`reduce`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named
from kelp.kql.parser.options import parse_options, parse_property
from kelp.kql.syntax import Option, Reduce

_OPTIONS = frozenset({"kind"})


def parse_reduce(cursor: Cursor, start: int) -> Reduce:
    """Read `by expression [with name = value, ...]`."""
    options = parse_options(cursor, _OPTIONS)
    cursor.expect_word("by", " and an expression")
    by = parse_named(cursor)
    properties: list[Option] = []
    if cursor.take_word("with"):
        properties.append(parse_property(cursor))
        while cursor.take(","):
            properties.append(parse_property(cursor))
    return Reduce(cursor.span_from(start), options, by, tuple(properties))
