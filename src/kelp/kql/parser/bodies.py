"""Operators in brackets, as `mv-apply`, `fork`, `facet` and `partition` have them."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import Operator


def parse_body(cursor: Cursor, after: str) -> tuple[Operator, ...]:
    """Read `(operator | operator ...)`; `after` is what the message names before the bracket."""
    opening = cursor.open("(", f" after {after}")
    operators = cursor.productions.operators(cursor)
    cursor.close(opening)
    return operators
