"""Parameters of functions and queries."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.parser.schema import parse_row_schema, parse_type
from kelp.kql.syntax import Parameter


def parse_parameters(cursor: Cursor) -> tuple[Parameter, ...]:
    """Read `(name: type = default, name: (columns), ...)`."""
    opening = cursor.open("(", " and the parameters")
    parameters: list[Parameter] = []
    while cursor.token.kind != ")":
        parameters.append(_parse_parameter(cursor))
        if not cursor.take(","):
            break
    cursor.close(opening)
    return tuple(parameters)


def _parse_parameter(cursor: Cursor) -> Parameter:
    start = cursor.token.start
    name = cursor.expect_name("the name of a parameter").text
    cursor.expect(":", f" and a type after `{name}`")
    if cursor.token.kind == "(":
        if cursor.peek().kind == "*":
            opening = cursor.open("(")
            cursor.advance()
            cursor.close(opening)
            return Parameter(cursor.span_from(start), name, None, (), any_columns=True, default=None)
        columns = parse_row_schema(cursor)
        return Parameter(cursor.span_from(start), name, None, columns, any_columns=False, default=None)
    kind = parse_type(cursor)
    default = parse_expression(cursor) if cursor.take("=") else None
    return Parameter(cursor.span_from(start), name, kind, (), any_columns=False, default=default)
