"""`name = value` pairs between an operator's word and its arguments, and in `with (...)`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_operand
from kelp.kql.syntax import Expression, NameExpression, Option
from kelp.kql.text import Span


def parse_options(cursor: Cursor, names: frozenset[str] = frozenset()) -> tuple[Option, ...]:
    """Read options: `hint.*` and those of `names`. Other names before `=` are columns, not options."""
    options: list[Option] = []
    while cursor.token.kind == tokens.NAME:
        start = cursor.token.start
        name = cursor.token.text
        if name == "hint" and cursor.peek().kind == "." and cursor.peek(3).kind == "=":
            name = f"hint.{cursor.peek(2).text}"
            cursor.advance()
            cursor.advance()
        elif name not in names or cursor.peek().kind != "=":
            break
        cursor.advance()
        cursor.advance()
        value = _parse_value(cursor)
        options.append(Option(cursor.span_from(start), name, value))
    return tuple(options)


def _parse_value(cursor: Cursor) -> Expression:
    """A word or a constant: a word is not looked into, `kind=inner (T)` is no call."""
    token = cursor.token
    if token.kind == tokens.NAME and token.text not in {"true", "false", "dynamic", "typeof"}:
        cursor.advance()
        return NameExpression(Span(token.start, token.end), token.text)
    return parse_operand(cursor)


def parse_properties(cursor: Cursor) -> tuple[Option, ...]:
    """Read `(name = value, ...)`; values are expressions, and a comma may stand after the last."""
    opening = cursor.open("(", " after `with`")
    properties: list[Option] = []
    while cursor.token.kind != ")":
        properties.append(parse_property(cursor))
        if not cursor.take(","):
            break
    cursor.close(opening)
    return tuple(properties)


def parse_property(cursor: Cursor) -> Option:
    """Read one `name = value`."""
    start = cursor.token.start
    name = cursor.expect_name("the name of a property")
    cursor.expect("=", f" after `{name.text}`")
    value = parse_expression(cursor)
    return Option(cursor.span_from(start), name.text, value)
