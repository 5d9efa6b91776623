"""`top-hitters`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_named
from kelp.kql.syntax import TopHitters


def parse_top_hitters(cursor: Cursor, start: int) -> TopHitters:
    """Read `count of expression [by expression]`."""
    count = parse_expression(cursor)
    cursor.expect_word("of", " and what to count")
    of = parse_named(cursor)
    by = parse_named(cursor) if cursor.take_word("by") else None
    return TopHitters(cursor.span_from(start), count, of, by)
