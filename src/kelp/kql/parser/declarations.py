"""Statements that set the scene: `set`, `alias`, `restrict`, `declare`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_operand
from kelp.kql.parser.options import parse_option_value
from kelp.kql.parser.parameters import parse_parameters
from kelp.kql.parser.patterns import find_pattern
from kelp.kql.syntax import (
    Alias,
    DeclareParameters,
    DeclarePattern,
    Expression,
    Restrict,
    SetOption,
)


def parse_set(cursor: Cursor) -> SetOption:
    """Read `set name [= value]`."""
    start = cursor.advance().start
    name = cursor.expect_name("the name of an option").text
    value = parse_option_value(cursor) if cursor.take("=") else None
    return SetOption(cursor.span_from(start), name, value)


def parse_alias(cursor: Cursor) -> Alias:
    """Read `alias database name = expression`."""
    start = cursor.advance().start
    cursor.expect_word("database", " after `alias`")
    name = cursor.expect_name()
    cursor.expect("=", f" after `{name.text}`")
    value = parse_expression(cursor)
    return Alias(cursor.span_from(start), name, value)


def parse_restrict(cursor: Cursor) -> Restrict:
    """Read `restrict access to (names)`."""
    start = cursor.advance().start
    cursor.expect_word("access", " after `restrict`")
    cursor.expect_word("to", " after `access`")
    opening = cursor.open("(", " and the names")
    names: list[Expression] = []
    while cursor.token.kind != ")":
        names.append(find_pattern(cursor) or parse_operand(cursor))
        if not cursor.take(","):
            break
    cursor.close(opening)
    return Restrict(cursor.span_from(start), tuple(names))


def parse_declare(cursor: Cursor) -> DeclareParameters | DeclarePattern:
    """Read `declare query_parameters (...)` or `declare pattern ...`."""
    start = cursor.advance().start
    if cursor.take_word("query_parameters"):
        parameters = parse_parameters(cursor)
        return DeclareParameters(cursor.span_from(start), parameters)
    cursor.expect_word("pattern", " or `query_parameters` after `declare`")
    name = cursor.expect_name()
    text_start = cursor.token.start
    cursor.skip_to("", cursor.depth)
    span = cursor.span_from(start)
    return DeclarePattern(span, name, cursor.source.text[text_start : span.end])
