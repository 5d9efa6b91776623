"""Names with `*` in them: `Sec*`, `*_CL`, `a*b`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import NameExpression, WildcardName
from kelp.kql.text import Span


def parse_name_or_pattern(cursor: Cursor) -> NameExpression | WildcardName:
    """Read a name or a pattern; the parts of a pattern have nothing between them."""
    pattern = find_pattern(cursor)
    if pattern is not None:
        return pattern
    name = cursor.expect_name("a column name or a pattern such as `Sec*`")
    return NameExpression(name.span, name.text)


def find_pattern(cursor: Cursor) -> WildcardName | None:
    """Read a pattern if there is one."""
    first = cursor.token
    if first.kind != "*":
        following = cursor.peek()
        if first.kind != tokens.NAME or following.kind != "*" or following.start != first.end:
            return None
    end = cursor.advance().end
    while cursor.token.start == end and cursor.token.kind in {tokens.NAME, tokens.LONG, "*"}:
        end = cursor.advance().end
    return WildcardName(Span(first.start, end), cursor.source.text[first.start : end])


def parse_names_and_patterns(cursor: Cursor) -> tuple[NameExpression | WildcardName, ...]:
    """Read names and patterns with commas between them."""
    found = [parse_name_or_pattern(cursor)]
    while cursor.take(","):
        found.append(parse_name_or_pattern(cursor))
    return tuple(found)
