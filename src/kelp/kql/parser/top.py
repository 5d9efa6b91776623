"""`top`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.sort import parse_keys
from kelp.kql.syntax import Top


def parse_top(cursor: Cursor, start: int) -> Top:
    """Read `count by key`."""
    parse_options(cursor)
    count = parse_expression(cursor)
    if not cursor.take_word("by"):
        cursor.report("`by`", "write top 10 by Column")
    keys = parse_keys(cursor)
    if len(keys) > 1:
        cursor.add("`top` takes one key", keys[1].span, "write sort by A, B | take 10")
    return Top(cursor.span_from(start), count, keys)
