"""`count`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import Count


def parse_count(cursor: Cursor, start: int) -> Count:
    """Read `[as name]`."""
    name = cursor.expect_name() if cursor.take_word("as") else None
    return Count(cursor.span_from(start), name)
