"""`datatable`, a source."""

from __future__ import annotations

from kelp.kql.parser.constants import find_constant
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.parser.schema import parse_row_schema
from kelp.kql.syntax import DataTable, Expression


def parse_datatable(cursor: Cursor, start: int) -> DataTable:
    """Read `(columns) [values]`; a comma may stand after the last value."""
    columns = parse_row_schema(cursor)
    opening = cursor.expect("[", " and the values")
    cursor.enter()
    values: list[Expression] = []
    while cursor.token.kind != "]":
        values.append(find_constant(cursor) or parse_expression(cursor))
        if not cursor.take(","):
            break
    cursor.expect_closing(opening)
    cursor.leave()
    return DataTable(cursor.span_from(start), columns, tuple(values))
