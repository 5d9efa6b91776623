"""`consume` and `execute-and-cache`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Consume, ExecuteAndCache

_OPTIONS = frozenset({"decodeblocks"})


def parse_consume(cursor: Cursor, start: int) -> Consume:
    """Read `[decodeblocks=...]`."""
    options = parse_options(cursor, _OPTIONS)
    return Consume(cursor.span_from(start), options)


def parse_execute_and_cache(cursor: Cursor, start: int) -> ExecuteAndCache:
    """Read nothing more."""
    return ExecuteAndCache(cursor.span_from(start))
