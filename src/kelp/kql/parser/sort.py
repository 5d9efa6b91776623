"""`sort` (also `order`), and the keys it shares with `top`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import OrderingKey, Sort


def parse_sort(cursor: Cursor, start: int) -> Sort:
    """Read `by key, ...`."""
    parse_options(cursor)
    if not cursor.take_word("by"):
        cursor.report("`by`", "write sort by Column")
    keys = parse_keys(cursor)
    return Sort(cursor.span_from(start), keys)


def parse_keys(cursor: Cursor) -> tuple[OrderingKey, ...]:
    """Read `expression [asc|desc] [nulls first|last], ...`."""
    keys = [parse_key(cursor)]
    while cursor.take(","):
        keys.append(parse_key(cursor))
    return tuple(keys)


def parse_key(cursor: Cursor) -> OrderingKey:
    """Read one key."""
    start = cursor.token.start
    value = parse_named(cursor)
    descending = None
    if cursor.token.text in {"asc", "desc"}:
        descending = cursor.advance().text == "desc"
    nulls_first = None
    if cursor.take_word("nulls"):
        if cursor.token.text not in {"first", "last"}:
            cursor.fail("`first` or `last` after `nulls`")
        nulls_first = cursor.advance().text == "first"
    return OrderingKey(cursor.span_from(start), value, descending, nulls_first)
