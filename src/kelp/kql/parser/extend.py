"""`extend`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named_list
from kelp.kql.syntax import Extend


def parse_extend(cursor: Cursor, start: int) -> Extend:
    """Read `[name =] expression, ...`."""
    columns = parse_named_list(cursor)
    return Extend(cursor.span_from(start), columns)
