"""`facet`."""

from __future__ import annotations

from kelp.kql.parser.bodies import parse_body
from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import Facet, NameExpression, Operator


def parse_facet(cursor: Cursor, start: int) -> Facet:
    """Read `by columns [with (operators)]`."""
    cursor.expect_word("by", " and column names")
    columns = [_parse_column(cursor)]
    while cursor.take(","):
        columns.append(_parse_column(cursor))
    body: tuple[Operator, ...] = ()
    if cursor.take_word("with"):
        body = parse_body(cursor, "`with`")
    return Facet(cursor.span_from(start), tuple(columns), body)


def _parse_column(cursor: Cursor) -> NameExpression:
    name = cursor.expect_name("a column name")
    return NameExpression(name.span, name.text)
