"""`serialize`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named_list
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Serialize

_ENDS = frozenset({"|", ";", ")", "}", tokens.END})


def parse_serialize(cursor: Cursor, start: int) -> Serialize:
    """Read `[name =] expression, ...`, or nothing."""
    parse_options(cursor)
    columns = () if cursor.token.kind in _ENDS else parse_named_list(cursor)
    return Serialize(cursor.span_from(start), columns)
