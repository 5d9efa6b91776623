"""`name = value` pairs between an operator's word and its arguments, and in `with (...)`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.constants import TRUTHS, find_constant
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_operand
from kelp.kql.syntax import Expression, Literal, NameExpression, Option
from kelp.kql.text import Span
from kelp.kql.types import ScalarType


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
        value = parse_option_value(cursor)
        options.append(Option(cursor.span_from(start), name, value))
    return tuple(options)


def parse_option_value(cursor: Cursor) -> Expression:
    """Read a word or a constant, and nothing behind it.

    `kind=inner (T)` is no call, and `isfuzzy=true ['a b']` no index.
    """
    token = cursor.token
    if token.kind == tokens.NAME and token.text in TRUTHS:
        cursor.advance()
        return Literal(Span(token.start, token.end), ScalarType.BOOL, TRUTHS[token.text])
    name = cursor.find_name()
    if name is not None:
        return NameExpression(name.span, name.text)
    return find_constant(cursor) or parse_operand(cursor)


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
