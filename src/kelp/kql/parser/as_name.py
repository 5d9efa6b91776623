"""`as`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import As


def parse_as(cursor: Cursor, start: int) -> As:
    """Read `[hint.materialized=...] name`."""
    options = parse_options(cursor)
    name = cursor.expect_name()
    return As(cursor.span_from(start), options, name)
