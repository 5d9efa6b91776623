"""`invoke`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_operand
from kelp.kql.syntax import Call, Invoke, QualifiedCall


def parse_invoke(cursor: Cursor, start: int) -> Invoke:
    """Read `function(arguments)`, or `scope.function(arguments)`."""
    call = parse_operand(cursor)
    if not isinstance(call, Call | QualifiedCall):
        cursor.fail("`(`", "write invoke function(arguments)")
    return Invoke(cursor.span_from(start), call)
