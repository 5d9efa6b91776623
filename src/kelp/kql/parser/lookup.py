"""`lookup`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.join import parse_conditions, parse_right_side
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Lookup

_OPTIONS = frozenset({"kind"})


def parse_lookup(cursor: Cursor, start: int) -> Lookup:
    """Read `[kind=...] right on conditions`."""
    options = parse_options(cursor, _OPTIONS)
    right = parse_right_side(cursor)
    conditions = parse_conditions(cursor)
    return Lookup(cursor.span_from(start), options, right, conditions)
