"""`print`, a source."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named_list
from kelp.kql.syntax import Print


def parse_print(cursor: Cursor, start: int) -> Print:
    """Read `[name =] expression, ...`."""
    columns = parse_named_list(cursor)
    return Print(cursor.span_from(start), columns)
