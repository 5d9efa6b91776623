"""`mv-expand`, and the columns it shares with `mv-apply`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_named
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.schema import parse_typeof
from kelp.kql.syntax import Expression, MvExpand, MvExpandColumn

OPTIONS = frozenset({"kind", "bagexpansion", "with_itemindex"})


def parse_mv_expand(cursor: Cursor, start: int) -> MvExpand:
    """Read `[kind=...] [with_itemindex=...] [name =] expression [to typeof(type)], ... [limit N]`."""
    options = parse_options(cursor, OPTIONS)
    columns = parse_columns(cursor)
    limit = parse_limit(cursor)
    return MvExpand(cursor.span_from(start), options, columns, limit)


def parse_columns(cursor: Cursor) -> tuple[MvExpandColumn, ...]:
    """Read the columns to expand."""
    columns = [_parse_column(cursor)]
    while cursor.take(","):
        columns.append(_parse_column(cursor))
    return tuple(columns)


def _parse_column(cursor: Cursor) -> MvExpandColumn:
    start = cursor.token.start
    value = parse_named(cursor)
    to_type = None
    if cursor.take_word("to"):
        if not cursor.at_word("typeof"):
            cursor.fail("`typeof(...)` after `to`")
        to_type = parse_typeof(cursor)
    return MvExpandColumn(cursor.span_from(start), value, to_type)


def parse_limit(cursor: Cursor) -> Expression | None:
    """Read `limit N` if it is there."""
    return parse_expression(cursor) if cursor.take_word("limit") else None
