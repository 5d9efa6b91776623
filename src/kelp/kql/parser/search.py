"""`search`, as a source and after a pipe, and the tables it shares with `find`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_predicate
from kelp.kql.parser.join import as_pipeline
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.patterns import find_pattern
from kelp.kql.syntax import NameExpression, Pipeline, Search, WildcardName

_OPTIONS = frozenset({"kind", "withsource", "isfuzzy"})


def parse_search(cursor: Cursor, start: int) -> Search:
    """Read `[kind=...] [in (tables)] predicate`."""
    options = parse_options(cursor, _OPTIONS)
    tables = parse_tables(cursor)
    predicate = parse_predicate(cursor)
    return Search(cursor.span_from(start), options, tables, predicate)


def parse_tables(cursor: Cursor) -> tuple[NameExpression | WildcardName | Pipeline, ...]:
    """Read `in (table, ...)` if it is there."""
    if not cursor.take_word("in"):
        return ()
    opening = cursor.open("(", " and the tables")
    tables = [_parse_table(cursor)]
    while cursor.take(","):
        tables.append(_parse_table(cursor))
    cursor.close(opening)
    return tuple(tables)


def _parse_table(cursor: Cursor) -> NameExpression | WildcardName | Pipeline:
    pattern = find_pattern(cursor)
    if pattern is not None:
        return pattern
    value = cursor.productions.pipe(cursor)
    return value if isinstance(value, NameExpression) else as_pipeline(value)
