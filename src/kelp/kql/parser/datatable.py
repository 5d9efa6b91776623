"""`datatable`, a source."""

from __future__ import annotations

from kelp.kql.parser.constants import find_constant
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_operand
from kelp.kql.parser.schema import parse_row_schema
from kelp.kql.syntax import DataTable, Expression, Literal, Unary


def parse_datatable(cursor: Cursor, start: int) -> DataTable:
    """Read `(columns) [values]`; a comma may stand after the last value."""
    columns = parse_row_schema(cursor)
    opening = cursor.open("[", " and the values")
    values: list[Expression] = []
    while cursor.token.kind != "]":
        values.append(find_constant(cursor) or _parse_value(cursor))
        if not cursor.take(","):
            break
    cursor.close(opening)
    return DataTable(cursor.span_from(start), columns, tuple(values))


def _parse_value(cursor: Cursor) -> Expression:
    """A signed number, or a constant that takes several tokens."""
    value = parse_operand(cursor)
    constant = value.operand if isinstance(value, Unary) else value
    if not isinstance(constant, Literal):
        cursor.add("a datatable holds constants only", value.span, "compute values with `print` or `extend`")
    return value
