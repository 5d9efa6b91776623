"""Declarations of columns and parameters, and `typeof`."""

from __future__ import annotations

from difflib import get_close_matches

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import ColumnDeclaration, TypeLiteral
from kelp.kql.text import Span
from kelp.kql.types import TYPE_NAMES, ScalarType


def parse_type(cursor: Cursor) -> ScalarType:
    """Read the name of a type."""
    token = cursor.token
    kind = TYPE_NAMES.get(token.text.lower()) if token.kind == tokens.NAME else None
    if kind is None:
        near = get_close_matches(token.text.lower(), TYPE_NAMES, 1) if len(token.text) < 20 else []
        cursor.fail(
            "a type", f"did you mean `{near[0]}`?" if near else "types are string, long, real, datetime ..."
        )
    cursor.advance()
    return kind


def parse_column(cursor: Cursor) -> ColumnDeclaration:
    """Read `name: type`."""
    start = cursor.token.start
    name = cursor.expect_name("a column name")
    cursor.expect(":", f" and a type after `{name.text}`")
    kind = parse_type(cursor)
    return ColumnDeclaration(cursor.span_from(start), name.text, kind)


def parse_row_schema(cursor: Cursor) -> tuple[ColumnDeclaration, ...]:
    """Read `(name: type, ...)`; a comma may stand after the last."""
    columns, _ = _parse_columns(cursor, star_allowed=False)
    return columns


def parse_open_schema(cursor: Cursor) -> TypeLiteral:
    """Read `(name: type, ...)` or `(*, name: type, ...)`, the schema of a plugin's answer."""
    start = cursor.token.start
    columns, extends = _parse_columns(cursor, star_allowed=True)
    return TypeLiteral(cursor.span_from(start), columns, extends)


def parse_typeof(cursor: Cursor) -> TypeLiteral:
    """Read `typeof(long)` or `typeof(a: long, ...)`. The current token is `typeof`."""
    start = cursor.advance().start
    if cursor.peek().kind == tokens.NAME and cursor.peek(2).kind == ")":
        opening = cursor.open("(")
        at = cursor.token
        kind = parse_type(cursor)
        cursor.close(opening)
        column = ColumnDeclaration(Span(at.start, at.end), "", kind)
        return TypeLiteral(cursor.span_from(start), (column,))
    columns, extends = _parse_columns(cursor, star_allowed=True)
    return TypeLiteral(cursor.span_from(start), columns, extends)


def _parse_columns(cursor: Cursor, *, star_allowed: bool) -> tuple[tuple[ColumnDeclaration, ...], bool]:
    opening = cursor.open("(", " and the columns")
    columns: list[ColumnDeclaration] = []
    extends = False
    while cursor.token.kind != ")":
        if star_allowed and cursor.take("*"):
            extends = True
        else:
            columns.append(parse_column(cursor))
        if not cursor.take(","):
            break
    cursor.close(opening)
    return tuple(columns), extends
