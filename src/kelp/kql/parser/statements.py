"""Statements, and blocks of them: a whole query, or the body of a function."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor, ProductionFailed
from kelp.kql.parser.expressions import parse_expression
from kelp.kql.parser.pipeline import parse_pipe
from kelp.kql.parser.schema import parse_row_schema, parse_type
from kelp.kql.syntax import (
    ErrorExpression,
    Expression,
    FunctionLiteral,
    Let,
    Parameter,
    QueryBlock,
    QueryStatement,
    Statement,
)


def parse_block(cursor: Cursor, closing: str) -> QueryBlock:
    """Read statements up to a token of kind `closing`, which is not read."""
    start = cursor.token.start
    statements: list[Statement] = []
    while True:
        while cursor.take(";"):
            pass
        if cursor.token.kind in {closing, tokens.END}:
            return QueryBlock(cursor.span_from(start), tuple(statements))
        statements.append(_parse_statement(cursor, closing))


def _parse_statement(cursor: Cursor, closing: str) -> Statement:
    start = cursor.token.start
    depth = cursor.depth
    try:
        statement = _read_statement(cursor)
        if cursor.token.kind not in {";", closing, tokens.END}:
            cursor.fail("`;`")
        return statement
    except ProductionFailed:
        cursor.skip_to("", depth)
        if cursor.token.kind in {")", "]", "}"} and cursor.token.kind != closing:
            cursor.advance()
        return QueryStatement(cursor.span_from(start), ErrorExpression(cursor.span_from(start)))


def _read_statement(cursor: Cursor) -> Statement:
    start = cursor.token.start
    following = cursor.peek().kind
    match cursor.token.text:
        case "let" if following is tokens.NAME or following == "[":
            return _parse_let(cursor)
        case _:
            value = parse_pipe(cursor)
            return QueryStatement(cursor.span_from(start), value)


def _parse_let(cursor: Cursor) -> Let:
    start = cursor.advance().start
    name = cursor.expect_name()
    cursor.expect("=", f" after `{name.text}`")
    value = _parse_let_value(cursor)
    return Let(cursor.span_from(start), name, value)


def _parse_let_value(cursor: Cursor) -> Expression:
    if cursor.at_word("view") and cursor.peek().kind == "(":
        start = cursor.advance().start
        return _parse_function(cursor, start, is_view=True)
    if cursor.token.kind == "(" and _starts_parameters(cursor):
        return _parse_function(cursor, cursor.token.start, is_view=False)
    return parse_pipe(cursor)


def _starts_parameters(cursor: Cursor) -> bool:
    following = cursor.peek()
    if following.kind == ")":
        return True
    distance = 4 if following.kind == "[" else 2
    return following.kind in {tokens.NAME, "["} and cursor.peek(distance).kind == ":"


def _parse_function(cursor: Cursor, start: int, *, is_view: bool) -> FunctionLiteral:
    parameters = parse_parameters(cursor)
    opening = cursor.expect("{", " and the body of the function")
    cursor.enter()
    body = parse_block(cursor, "}")
    cursor.expect_closing(opening)
    cursor.leave()
    return FunctionLiteral(cursor.span_from(start), is_view, parameters, body)


def parse_parameters(cursor: Cursor) -> tuple[Parameter, ...]:
    """Read `(name: type = default, name: (columns), ...)`."""
    opening = cursor.expect("(", " and the parameters")
    parameters: list[Parameter] = []
    while cursor.token.kind != ")":
        parameters.append(_parse_parameter(cursor))
        if not cursor.take(","):
            break
    cursor.expect_closing(opening)
    return tuple(parameters)


def _parse_parameter(cursor: Cursor) -> Parameter:
    start = cursor.token.start
    name = cursor.expect_name("the name of a parameter").text
    cursor.expect(":", f" and a type after `{name}`")
    if cursor.token.kind == "(":
        any_columns = cursor.peek().kind == "*"
        if any_columns:
            for _ in range(2):
                cursor.advance()
            cursor.expect(")")
            return Parameter(cursor.span_from(start), name, None, (), any_columns=True, default=None)
        columns = parse_row_schema(cursor)
        return Parameter(cursor.span_from(start), name, None, columns, any_columns=False, default=None)
    kind = parse_type(cursor)
    default = parse_expression(cursor) if cursor.take("=") else None
    return Parameter(cursor.span_from(start), name, kind, (), any_columns=False, default=default)
