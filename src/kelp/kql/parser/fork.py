"""`fork`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.bodies import parse_body
from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import Fork, Name, Operator


def parse_fork(cursor: Cursor, start: int) -> Fork:
    """Read `[name =] (operators) [name =] (operators) ...`."""
    branches: list[tuple[Name | None, tuple[Operator, ...]]] = []
    while not branches or cursor.token.kind == "(" or _named_branch_follows(cursor):
        name = None
        if cursor.token.kind != "(":
            name = cursor.expect_name("`(` or the name of a branch")
            cursor.expect("=", f" after `{name.text}`")
        branches.append((name, parse_body(cursor, "`fork`")))
    return Fork(cursor.span_from(start), tuple(branches))


def _named_branch_follows(cursor: Cursor) -> bool:
    if cursor.token.kind == tokens.NAME:
        return cursor.peek().kind == "="
    return cursor.token.kind == "[" and cursor.peek(3).kind == "="
