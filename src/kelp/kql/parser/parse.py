"""`parse` and `parse-where`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.constants import read_string
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.schema import parse_type
from kelp.kql.syntax import Parse, ParsePattern

_OPTIONS = frozenset({"kind", "flags"})
_ENDS = frozenset({"|", ";", ")", "}", tokens.END})


def parse_parse(cursor: Cursor, start: int) -> Parse:
    """Read `[kind=...] expression with pattern`."""
    return _parse(cursor, start, is_filter=False)


def parse_parse_where(cursor: Cursor, start: int) -> Parse:
    """Read `[kind=...] expression with pattern`; rows that do not fit are dropped."""
    return _parse(cursor, start, is_filter=True)


def _parse(cursor: Cursor, start: int, *, is_filter: bool) -> Parse:
    options = parse_options(cursor, _OPTIONS)
    subject = parse_expression(cursor)
    cursor.expect_word("with", " and the pattern")
    opening = cursor.open("(") if cursor.token.kind == "(" else None
    pattern: list[ParsePattern] = []
    while cursor.token.kind not in _ENDS:
        pattern.append(_parse_part(cursor))
    if not pattern:
        cursor.fail("a pattern", 'a pattern is made of * (skip), "text" and column names')
    if opening is not None:
        cursor.close(opening)
    return Parse(cursor.span_from(start), is_filter, options, subject, tuple(pattern))


def _parse_part(cursor: Cursor) -> ParsePattern:
    start = cursor.token.start
    if cursor.take("*"):
        return ParsePattern(cursor.span_from(start), star=True)
    if cursor.token.kind == tokens.STRING:
        text = read_string(cursor)
        return ParsePattern(text.span, text=text)
    name = cursor.expect_name("`*`, a string or a column name")
    kind = parse_type(cursor) if cursor.take(":") else None
    return ParsePattern(cursor.span_from(start), column=name.text, type=kind)
