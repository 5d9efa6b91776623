"""`summarize`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_named_list
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Summarize

_ENDS = frozenset({"|", ";", ")", "}", tokens.END})


def parse_summarize(cursor: Cursor, start: int) -> Summarize:
    """Read `[aggregates] [by keys]`."""
    options = parse_options(cursor)
    aggregates = () if cursor.at_word("by") or cursor.token.kind in _ENDS else parse_named_list(cursor)
    keys = parse_named_list(cursor) if cursor.take_word("by") else ()
    return Summarize(cursor.span_from(start), options, aggregates, keys)
