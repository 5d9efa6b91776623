"""`parse-kv`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.parser.options import parse_properties
from kelp.kql.parser.schema import parse_row_schema
from kelp.kql.syntax import ParseKv


def parse_parse_kv(cursor: Cursor, start: int) -> ParseKv:
    """Read `expression as (columns) [with (options)]`."""
    subject = parse_expression(cursor)
    cursor.expect_word("as", " and the columns in brackets")
    columns = parse_row_schema(cursor)
    options = parse_properties(cursor) if cursor.take_word("with") else ()
    return ParseKv(cursor.span_from(start), subject, columns, options)
