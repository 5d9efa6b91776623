"""`join`, and the right side it shares with `lookup`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_operand, parse_predicate
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Expression, ExpressionSource, Join, Pipeline, PipelineExpression

_OPTIONS = frozenset({"kind"})


def parse_join(cursor: Cursor, start: int) -> Join:
    """Read `[kind=...] right on conditions`."""
    options = parse_options(cursor, _OPTIONS)
    right = parse_right_side(cursor)
    conditions = parse_conditions(cursor)
    return Join(cursor.span_from(start), options, right, conditions)


def parse_right_side(cursor: Cursor) -> Pipeline:
    """Read a table: a name, a path, a call, or a pipeline in brackets."""
    return as_pipeline(parse_operand(cursor))


def as_pipeline(value: Expression) -> Pipeline:
    """Return what stands where a table is expected as a pipeline."""
    if isinstance(value, PipelineExpression):
        return value.pipeline
    return Pipeline(value.span, ExpressionSource(value.span, value), ())


def parse_conditions(cursor: Cursor) -> tuple[Expression, ...]:
    """Read `on condition, ...`."""
    if not cursor.take_word("on"):
        hint = "name the columns to compare: on Column, or on $left.A == $right.B"
        cursor.fail("`on`", hint)
    conditions = [parse_predicate(cursor)]
    while cursor.take(","):
        conditions.append(parse_predicate(cursor))
    return tuple(conditions)
