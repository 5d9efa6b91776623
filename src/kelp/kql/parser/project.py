"""`project` and its relatives."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_named_list
from kelp.kql.parser.patterns import find_pattern, parse_name_or_pattern, parse_names_and_patterns
from kelp.kql.syntax import (
    Expression,
    NamedExpression,
    NameExpression,
    Project,
    ProjectAway,
    ProjectByNames,
    ProjectKeep,
    ProjectRename,
    ProjectReorder,
    WildcardName,
)

_ENDS = frozenset({"|", ";", ")", "}", tokens.END})


def parse_project(cursor: Cursor, start: int) -> Project:
    """Read `[name =] expression, ...`, or nothing."""
    columns = () if cursor.token.kind in _ENDS else parse_named_list(cursor)
    return Project(cursor.span_from(start), columns)


def parse_project_away(cursor: Cursor, start: int) -> ProjectAway:
    """Read names and patterns, or nothing."""
    columns = () if cursor.token.kind in _ENDS else parse_names_and_patterns(cursor)
    return ProjectAway(cursor.span_from(start), columns)


def parse_project_keep(cursor: Cursor, start: int) -> ProjectKeep:
    """Read names and patterns, or nothing."""
    columns = () if cursor.token.kind in _ENDS else parse_names_and_patterns(cursor)
    return ProjectKeep(cursor.span_from(start), columns)


def parse_project_rename(cursor: Cursor, start: int) -> ProjectRename:
    """Read `new = old, ...`, or nothing."""
    columns: tuple[NamedExpression, ...] = () if cursor.token.kind in _ENDS else parse_named_list(cursor)
    return ProjectRename(cursor.span_from(start), columns)


def parse_project_reorder(cursor: Cursor, start: int) -> ProjectReorder:
    """Read names and patterns, each with `asc`, `desc`, `granny-asc` or `granny-desc` after it; or nothing."""
    columns: list[tuple[NameExpression | WildcardName, str | None]] = []
    if cursor.token.kind in _ENDS:
        return ProjectReorder(cursor.span_from(start), ())
    while True:
        column = parse_name_or_pattern(cursor)
        columns.append((column, _find_order(cursor)))
        if not cursor.take(","):
            return ProjectReorder(cursor.span_from(start), tuple(columns))


def _find_order(cursor: Cursor) -> str | None:
    word = cursor.token.text
    if word in {"asc", "desc"}:
        cursor.advance()
        return word
    if word == "granny" and cursor.peek().kind == "-" and cursor.peek(2).text in {"asc", "desc"}:
        cursor.advance()
        cursor.advance()
        return f"granny-{cursor.advance().text}"
    return None


def parse_project_by_names(cursor: Cursor, start: int) -> ProjectByNames:
    """Read names, patterns, and expressions that give names; or nothing."""
    columns: list[Expression] = []
    if cursor.token.kind in _ENDS:
        return ProjectByNames(cursor.span_from(start), ())
    while True:
        columns.append(find_pattern(cursor) or parse_expression(cursor))
        if not cursor.take(","):
            return ProjectByNames(cursor.span_from(start), tuple(columns))
