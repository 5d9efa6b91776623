"""`range`, a source."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.syntax import RangeSource


def parse_range(cursor: Cursor, start: int) -> RangeSource:
    """Read `name from start to stop step step`."""
    column = cursor.expect_name()
    cursor.expect_word("from", " and the first value")
    first = parse_expression(cursor)
    cursor.expect_word("to", " and the last value")
    last = parse_expression(cursor)
    cursor.expect_word("step", " and the distance between values")
    step = parse_expression(cursor)
    return RangeSource(cursor.span_from(start), column, first, last, step)
