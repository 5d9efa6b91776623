"""`make-series`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import RELATIONAL, parse_expression, parse_named, parse_named_list
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Expression, MakeSeries, MakeSeriesAggregate

_OPTIONS = frozenset({"kind"})


def parse_make_series(cursor: Cursor, start: int) -> MakeSeries:
    """Read `aggregates on axis [from a] [to b] step s [by keys]`, or `... in range(a, b, s) ...`."""
    options = parse_options(cursor, _OPTIONS)
    aggregates = [_parse_aggregate(cursor)]
    while cursor.take(","):
        aggregates.append(_parse_aggregate(cursor))
    cursor.expect_word("on", " and the axis")
    # `in` belongs to `in range(...)`, not to the axis.
    axis = parse_named(cursor, RELATIONAL)
    in_range = cursor.take_word("in")
    first: Expression | None
    last: Expression | None
    if in_range:
        first, last, step = _parse_range(cursor)
    else:
        first = parse_expression(cursor) if cursor.take_word("from") else None
        last = parse_expression(cursor) if cursor.take_word("to") else None
        cursor.expect_word("step", " and the distance between points")
        step = parse_expression(cursor)
    keys = parse_named_list(cursor) if cursor.take_word("by") else ()
    span = cursor.span_from(start)
    return MakeSeries(span, options, tuple(aggregates), axis, first, last, step, keys, in_range)


def _parse_aggregate(cursor: Cursor) -> MakeSeriesAggregate:
    start = cursor.token.start
    value = parse_named(cursor)
    default = None
    if cursor.take_word("default"):
        cursor.expect("=", " after `default`")
        default = parse_expression(cursor)
    return MakeSeriesAggregate(cursor.span_from(start), value, default)


def _parse_range(cursor: Cursor) -> tuple[Expression, Expression, Expression]:
    cursor.expect_word("range", " after `in`")
    opening = cursor.open("(")
    first = parse_expression(cursor)
    cursor.expect(",", " and the last value")
    last = parse_expression(cursor)
    cursor.expect(",", " and the step")
    step = parse_expression(cursor)
    cursor.close(opening)
    return first, last, step
