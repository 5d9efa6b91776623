"""`assert-schema`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.schema import parse_row_schema
from kelp.kql.syntax import AssertSchema


def parse_assert_schema(cursor: Cursor, start: int) -> AssertSchema:
    """Read `(columns)`."""
    columns = parse_row_schema(cursor)
    return AssertSchema(cursor.span_from(start), columns)
