"""`inline_external_table`, a source."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.schema import parse_row_schema
from kelp.kql.syntax import InlineExternalTable


def parse_inline_external_table(cursor: Cursor, start: int) -> InlineExternalTable:
    """Read `[(columns)]` and keep the definition after them as text."""
    columns = parse_row_schema(cursor) if cursor.token.kind == "(" else ()
    text_start = cursor.token.start
    depth = cursor.depth
    cursor.skip_to("|", depth)
    span = cursor.span_from(start)
    return InlineExternalTable(span, columns, cursor.source.text[text_start : span.end])
