"""Statements, and blocks of them: a whole query, or the body of a function."""

from __future__ import annotations

from typing import NoReturn

from kelp.kql import tokens
from kelp.kql.parser.advice import advise, advise_start
from kelp.kql.parser.cursor import Cursor, ParsingEnded, ProductionFailed
from kelp.kql.parser.declarations import parse_alias, parse_declare, parse_restrict, parse_set
from kelp.kql.parser.parameters import parse_parameters
from kelp.kql.parser.pipeline import parse_pipe
from kelp.kql.parser.words import peek_word, read_word
from kelp.kql.syntax import (
    ErrorExpression,
    Expression,
    FunctionLiteral,
    Let,
    QueryBlock,
    QueryStatement,
    Statement,
)
from kelp.kql.text import Span


def parse_block(cursor: Cursor, closing: str) -> QueryBlock:
    """Read statements up to a token of kind `closing`, which is not read."""
    start = cursor.token.start
    statements: list[Statement] = []
    while True:
        if cursor.token.kind == ";":
            cursor.report("a statement", "one `;` ends a statement; take the other one away")
            while cursor.take(";"):
                pass
        if cursor.token.kind in {closing, tokens.END}:
            return QueryBlock(cursor.span_from(start), tuple(statements))
        statements.append(_parse_statement(cursor, closing))
        cursor.take(";")


def _parse_statement(cursor: Cursor, closing: str) -> Statement:
    start = cursor.token.start
    depth = cursor.depth
    try:
        statement = _read_statement(cursor)
        if cursor.token.kind not in {";", closing, tokens.END}:
            _refuse_rest(cursor)
        return statement
    except ProductionFailed:
        cursor.skip_to("", depth)
        while cursor.token.kind in {")", "]", "}"} and cursor.token.kind != closing:
            cursor.advance()
            cursor.skip_to("", depth)
        return QueryStatement(cursor.span_from(start), ErrorExpression(cursor.span_from(start)))


def _refuse_rest(cursor: Cursor) -> None:
    """Report what stands behind a statement; on a line of its own it is taken for the next statement."""
    if cursor.token.kind == tokens.NAME and cursor.first_on_line():
        cursor.report("`;`", "end the statement above with `;`")
        return
    if cursor.token.kind in {")", "]", "}"}:
        cursor.fail("`;`", f"there is no bracket that this `{cursor.token.kind}` closes")
    cursor.fail("`|` or `;`", advise(cursor.token))


def _read_statement(cursor: Cursor) -> Statement:
    following = cursor.peek()
    named = following.kind in {tokens.NAME, "["}
    match cursor.token.text:
        case "let" if named:
            return _parse_let(cursor)
        case "set" if named:
            return parse_set(cursor)
        case "alias" if following.text == "database":
            return parse_alias(cursor)
        case "restrict" if following.text == "access":
            return parse_restrict(cursor)
        case "declare" if named:
            return parse_declare(cursor)
        case _:
            return _parse_query(cursor)


def _parse_query(cursor: Cursor) -> QueryStatement:
    if cursor.token.kind == ".":
        _refuse_command(cursor)
    first, following = cursor.token, cursor.peek()
    advice = advise_start(first, following)
    if advice is not None and (following.kind in {tokens.NAME, "*", "-"} or first.kind == "|"):
        cursor.fail("a query", advice)
    value = parse_pipe(cursor)
    return QueryStatement(cursor.span_from(first.start), value)


def _refuse_command(cursor: Cursor) -> NoReturn:
    start = cursor.advance().start
    word = peek_word(cursor)
    read_word(cursor, word)
    cursor.add(
        f"`.{word[:40]}` is a management command, not a query",
        Span(start, cursor.previous_end()),
        "a query starts with a table: Table | take 10",
    )
    raise ParsingEnded


def _parse_let(cursor: Cursor) -> Let:
    start = cursor.advance().start
    name = cursor.expect_name()
    cursor.expect("=", f" after `{name.text}`")
    value = _parse_let_value(cursor)
    return Let(cursor.span_from(start), name, value)


def _parse_let_value(cursor: Cursor) -> Expression:
    start = cursor.token.start
    if cursor.at_word("view") and _parameters_follow(cursor, 1):
        cursor.advance()
        return _parse_function(cursor, start, is_view=True)
    if _parameters_follow(cursor, 0):
        return _parse_function(cursor, start, is_view=False)
    return parse_pipe(cursor)


def _parameters_follow(cursor: Cursor, distance: int) -> bool:
    """Whether `()` or `(name:` is so far ahead: brackets around anything else are an expression."""
    if cursor.peek(distance).kind != "(":
        return False
    following = cursor.peek(distance + 1)
    if following.kind == ")":
        return True
    colon = distance + (4 if following.kind == "[" else 2)
    return following.kind in {tokens.NAME, "["} and cursor.peek(colon).kind == ":"


def _parse_function(cursor: Cursor, start: int, *, is_view: bool) -> FunctionLiteral:
    parameters = parse_parameters(cursor)
    opening = cursor.open("{", " and the body of the function")
    body = parse_block(cursor, "}")
    cursor.close(opening)
    return FunctionLiteral(cursor.span_from(start), is_view, parameters, body)
