"""`find`, as a source and after a pipe."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_call, parse_predicate
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.patterns import parse_names_and_patterns
from kelp.kql.parser.schema import parse_column
from kelp.kql.parser.search import parse_tables
from kelp.kql.parser.words import peek_word, read_word
from kelp.kql.syntax import ColumnDeclaration, Find, NamedExpression, NameExpression, WildcardName

_OPTIONS = frozenset({"withsource", "with_source", "isfuzzy", "kind", "datascope"})
_PACK = frozenset({"pack", "pack_all"})


def parse_find(cursor: Cursor, start: int) -> Find:
    """Read `[withsource=...] [in (tables)] [where] predicate [project ... | project-smart] [project-away ...]`."""
    options = parse_options(cursor, _OPTIONS)
    tables = parse_tables(cursor)
    cursor.take_word("where")
    predicate = parse_predicate(cursor)
    project: tuple[NamedExpression | ColumnDeclaration, ...] | None = None
    pack_all = False
    away: tuple[NameExpression | WildcardName, ...] = ()
    word = peek_word(cursor)
    if word in {"project", "project-smart"}:
        read_word(cursor, word)
        if word == "project":
            project, pack_all = _parse_projection(cursor)
        word = peek_word(cursor)
    if word == "project-away":
        read_word(cursor, word)
        away = parse_names_and_patterns(cursor)
    return Find(cursor.span_from(start), options, tables, predicate, project, pack_all, away)


def _parse_projection(cursor: Cursor) -> tuple[tuple[NamedExpression | ColumnDeclaration, ...], bool]:
    columns: list[NamedExpression | ColumnDeclaration] = []
    pack_all = False
    while True:
        if cursor.token.text in _PACK and cursor.peek().kind == "(":
            parse_call(cursor, "a column")
            pack_all = True
        else:
            columns.append(_parse_column(cursor))
        if not cursor.take(","):
            return tuple(columns), pack_all


def _parse_column(cursor: Cursor) -> NamedExpression | ColumnDeclaration:
    distance = 3 if cursor.token.kind == "[" else 1
    if cursor.token.kind in {tokens.NAME, "["} and cursor.peek(distance).kind == ":":
        return parse_column(cursor)
    name = cursor.expect_name("a column name")
    return NamedExpression(name.span, (), NameExpression(name.span, name.text))
