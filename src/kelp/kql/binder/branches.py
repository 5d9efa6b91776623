"""Operators giving several tables, which only a whole query can end in: `fork`, `facet`, some of `evaluate` (TAB-9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import pipeline
from kelp.kql.binder.calls import call_aggregate
from kelp.kql.binder.plugin_arguments import arguments_of, column_of, constant_of
from kelp.kql.binder.project import reference
from kelp.kql.binder.sequences import bind_funnel_sequence
from kelp.kql.binder.summarize import schema_of
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import Column
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

Branch = tuple[str | None, bound.Operator]
"""A table and the name the text gives it."""


SEVERAL = frozenset({"preview", "funnel_sequence"})
"""Plugins giving more than one table."""


def gives_several(node: syntax.Operator) -> bool:
    """Tell whether the operator gives more than one table."""
    if isinstance(node, syntax.Evaluate):
        return node.call.name.text in SEVERAL
    return isinstance(node, (syntax.Fork, syntax.Facet))


def bind_branches(
    context: BindContext, node: syntax.Operator, source: bound.Operator, names: NameScope
) -> Iterator[Branch]:
    """Yield the tables of such an operator over the same rows."""
    match node:
        case syntax.Fork():
            for name, operators in node.branches:
                yield _name_of(name, operators), pipeline.bind_operators(context, operators, source, names)
        case syntax.Facet():
            if node.body:
                yield None, pipeline.bind_operators(context, node.body, source, names)
            for item in node.columns:
                column = column_of(context, item, source, names)
                yield None, _counted(context, Column(column.name, column.type), source, item)
        case syntax.Evaluate() if node.call.name.text == "funnel_sequence":
            for table in bind_funnel_sequence(context, node, source, names):
                yield None, table
        case syntax.Evaluate():
            given = arguments_of(node.call, ("NumberOfRows",), required=1)
            rows = constant_of(context, given["NumberOfRows"], T.LONG, names)
            if not isinstance(rows, int):
                raise refusal(WRONG_ARGUMENTS, "'preview' takes a number of rows", node.span)
            yield None, bound.Take(source, bound.Literal(T.LONG, rows))
            count = bound.Output("Count", bound.AggregateCall("count", (), T.LONG, node.span))
            yield None, bound.Summarize(source, (), (count,), schema_of((count,)))
        case _:
            raise AssertionError(f"gives one table: {node!r}")


def _name_of(name: syntax.Name | None, operators: tuple[syntax.Operator, ...]) -> str | None:
    """Return the name before the brackets, or that of an `as` at their end."""
    if name is not None:
        return name.text
    last = operators[-1] if operators else None
    return last.name.text if isinstance(last, syntax.As) else None


def _counted(
    context: BindContext, column: Column, source: bound.Operator, node: syntax.NameExpression
) -> bound.Summarize:
    keys = (reference(column),)
    count = call_aggregate(context, "count", (), node.span, allowed=True)
    counts = (bound.Output(f"count_{column.name}", count),)
    return bound.Summarize(source, keys, counts, schema_of((*keys, *counts)))
