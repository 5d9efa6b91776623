"""`render`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.syntax import Argument, Call, Expression, Name, Option, Render

_LISTS = frozenset({"ycolumns", "series", "anomalycolumns", "by"})


def parse_render(cursor: Cursor, start: int) -> Render:
    """Read `kind [with (name = value, ...)]`, or the older form `kind name=value name=value`."""
    if cursor.token.kind != tokens.NAME:
        cursor.fail("a kind of chart", "kinds are table, timechart, barchart, piechart ...")
    visualization = cursor.advance().text
    if cursor.at_word("with") and cursor.peek().kind == "(":
        cursor.advance()
        properties = _parse_properties(cursor)
    else:
        properties = _parse_legacy_properties(cursor)
    return Render(cursor.span_from(start), visualization, properties)


def _parse_properties(cursor: Cursor) -> tuple[Option, ...]:
    opening = cursor.open("(")
    properties: list[Option] = []
    while cursor.token.kind != ")":
        properties.append(_parse_property(cursor))
        if not cursor.take(","):
            break
    cursor.close(opening)
    return tuple(properties)


def _parse_legacy_properties(cursor: Cursor) -> tuple[Option, ...]:
    properties: list[Option] = []
    while cursor.token.kind == tokens.NAME:
        if cursor.at_word("by"):
            start = cursor.advance().start
            value = _parse_value(cursor, "by")
            properties.append(Option(cursor.span_from(start), "by", value))
        elif cursor.peek().kind == "=":
            properties.append(_parse_property(cursor))
            cursor.take(",")
        else:
            break
    return tuple(properties)


def _parse_property(cursor: Cursor) -> Option:
    start = cursor.token.start
    name = cursor.expect_name("the name of a property").text
    cursor.expect("=", f" after `{name}`")
    value = _parse_value(cursor, name)
    return Option(cursor.span_from(start), name, value)


def _parse_value(cursor: Cursor, name: str) -> Expression:
    """Read a value; a list of columns has commas too, so it ends where the next `name =` begins."""
    start = cursor.token.start
    values = [parse_expression(cursor)]
    while name.lower() in _LISTS and cursor.token.kind == "," and not _property_follows(cursor):
        cursor.advance()
        values.append(parse_expression(cursor))
    if len(values) == 1:
        return values[0]
    span = cursor.span_from(start)
    return Call(span, Name(span, "list"), tuple(Argument(value.span, None, value) for value in values))


def _property_follows(cursor: Cursor) -> bool:
    return cursor.peek(1).kind == tokens.NAME and cursor.peek(2).kind == "="
