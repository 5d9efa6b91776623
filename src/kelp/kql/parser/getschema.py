"""`getschema`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import GetSchema


def parse_getschema(cursor: Cursor, start: int) -> GetSchema:
    """Read nothing more."""
    return GetSchema(cursor.span_from(start))
