"""`evaluate`, as a source and after a pipe."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_call
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.schema import parse_open_schema
from kelp.kql.syntax import Evaluate

_OPTIONS = frozenset({"expandoutput"})


def parse_evaluate(cursor: Cursor, start: int) -> Evaluate:
    """Read `[hints] plugin(arguments) [: (schema)]`."""
    options = parse_options(cursor, _OPTIONS)
    call = parse_call(cursor, "the name of a plugin")
    schema = parse_open_schema(cursor) if cursor.take(":") else None
    return Evaluate(cursor.span_from(start), options, call, schema)
