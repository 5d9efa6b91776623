"""`externaldata`, a source."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_list
from kelp.kql.parser.options import parse_properties
from kelp.kql.parser.schema import parse_row_schema
from kelp.kql.syntax import ExternalData


def parse_externaldata(cursor: Cursor, start: int) -> ExternalData:
    """Read `(columns) [addresses] [with (properties)]`."""
    columns = parse_row_schema(cursor)
    opening = cursor.open("[", " and the addresses of the data")
    uris = parse_list(cursor)
    cursor.close(opening)
    properties = parse_properties(cursor) if cursor.take_word("with") else ()
    return ExternalData(cursor.span_from(start), columns, uris, properties)
