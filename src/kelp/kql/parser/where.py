"""`where`, `filter`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_predicate
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Where


def parse_where(cursor: Cursor, start: int) -> Where:
    """Read `predicate`."""
    parse_options(cursor)
    predicate = parse_predicate(cursor)
    return Where(cursor.span_from(start), predicate)
