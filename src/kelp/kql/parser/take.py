"""`take` (also `limit`)."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Take


def parse_take(cursor: Cursor, start: int) -> Take:
    """Read the number of rows."""
    parse_options(cursor)
    count = parse_expression(cursor)
    return Take(cursor.span_from(start), count)
