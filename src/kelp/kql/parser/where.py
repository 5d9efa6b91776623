"""`where`, `filter`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_predicate
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Binary, Expression, NameExpression, Where


def _parse_named(cursor: Cursor) -> Expression:
    """Read `name = value`, which parses, and which the binder refuses."""
    if cursor.token.kind != tokens.NAME or cursor.peek(2).kind in {"<", ">"}:
        return parse_predicate(cursor)
    name = cursor.expect_name()
    cursor.expect("=")
    value = parse_expression(cursor)
    cursor.grow()
    return Binary(cursor.span_from(name.span.start), "=", NameExpression(name.span, name.text), value)


def parse_where(cursor: Cursor, start: int) -> Where:
    """Read `predicate`."""
    parse_options(cursor)
    predicate = _parse_named(cursor) if cursor.peek().kind == "=" else parse_predicate(cursor)
    return Where(cursor.span_from(start), predicate)
