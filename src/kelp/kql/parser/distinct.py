"""`distinct`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named_list
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Distinct


def parse_distinct(cursor: Cursor, start: int) -> Distinct:
    """Read `*`, or columns."""
    parse_options(cursor)
    columns = parse_named_list(cursor)
    return Distinct(cursor.span_from(start), columns)
