"""The plugin `pivot`: a column for each value of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_aggregate
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.plugin_arguments import column_of
from kelp.kql.binder.project import reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.binder.summarize import schema_of
from kelp.kql.diagnostics import DUPLICATE_NAME, UNSUPPORTED, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.text import Span

_CONDITIONAL = {
    "count": "countif", "sum": "sumif", "min": "minif", "max": "maxif", "avg": "avgif", "dcount": "dcountif",
    "stdev": "stdevif", "variance": "varianceif", "take_any": "take_anyif", "any": "take_anyif",
    "make_list": "make_list_if", "make_set": "make_set_if", "make_bag": "make_bag_if",
}  # fmt: skip


def bind_pivot(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the rotated table: the columns to group by, then one for each value, in their order (PLUG-2)."""
    arguments = [argument.value for argument in node.call.arguments]
    if not arguments:
        raise refusal(WRONG_ARGUMENTS, "'pivot' needs the column to rotate", node.span)
    column = column_of(context, arguments[0], source, names)
    if column.type is T.DYNAMIC:
        hint = "extend a column with tostring() of it before"
        raise refusal(WRONG_TYPE, "'pivot' rotates scalars, not dynamic values", arguments[0].span, hint)
    function: str = "count"
    values: tuple[bound.Expression, ...] = ()
    if len(arguments) > 1:
        function, values = _bind_aggregation(context, arguments[1], source, names)
    keys = _bind_keys(context, arguments, column, values, source, names)
    text = convert(column, T.STRING)
    wanted: tuple[tuple[str, T | None], ...]
    if node.schema is None:
        wanted = tuple((name, None) for (name,) in context.ask(_question(source, text), node.span))
    else:
        wanted = _wanted(node.schema, keys)
    outputs = [
        _cell(context, (function, values), text, name, kind, node.call.span) for name, kind in wanted if name
    ]
    taken = {key.name for key in keys}
    for output in outputs:
        if output.name in taken:
            raise refusal(DUPLICATE_NAME, f"there is a column '{output.name}' already", node.span)
    groups = tuple(map(reference, keys))
    return bound.Summarize(source, groups, tuple(outputs), schema_of((*groups, *outputs)))


def _bind_aggregation(
    context: BindContext, node: syntax.Expression, source: bound.Operator, names: NameScope
) -> tuple[str, tuple[bound.Expression, ...]]:
    name = node.name.text if isinstance(node, syntax.Call) else ""
    if name not in _CONDITIONAL or not isinstance(node, syntax.Call):
        known = ", ".join(f"{known}()" for known in _CONDITIONAL)
        raise refusal(UNSUPPORTED, f"'pivot' aggregates with {known}", node.span)
    return name, expressions.bind_arguments(context, node, Scope(names, source.schema))


def _bind_keys(
    context: BindContext,
    arguments: list[syntax.Expression],
    column: bound.ColumnReference,
    values: tuple[bound.Expression, ...],
    source: bound.Operator,
    names: NameScope,
) -> tuple[Column, ...]:
    """Return the columns to group by: those listed, or all that are neither rotated nor aggregated."""
    if len(arguments) > 2:
        listed = (column_of(context, argument, source, names) for argument in arguments[2:])
        return tuple(Column(found.name, found.type) for found in listed)
    used = {column.name, *(value.name for value in values if isinstance(value, bound.ColumnReference))}
    return tuple(found for found in source.schema.columns if found.name not in used)


def _question(source: bound.Operator, text: bound.Expression) -> bound.Operator:
    output = bound.Output("value", text)
    groups = bound.Summarize(source, (output,), (), schema_of((output,)))
    key = bound.SortKey(bound.ColumnReference(output.name, T.STRING), descending=False, nulls_first=True)
    return bound.Sort(groups, (key,))


def _wanted(schema: syntax.TypeLiteral, keys: tuple[Column, ...]) -> tuple[tuple[str, T | None], ...]:
    """Return the values that columns are written for; those to group by must be among the columns, and come first."""
    if schema.extends:
        return tuple((column.name, column.type) for column in schema.columns)
    names = [column.name for column in schema.columns]
    if names[: len(keys)] != [key.name for key in keys]:
        wanted = ", ".join(key.name for key in keys)
        raise refusal(WRONG_ARGUMENTS, f"the columns begin with those to group by: {wanted}", schema.span)
    return tuple((column.name, column.type) for column in schema.columns[len(keys) :])


def _cell(
    context: BindContext,
    aggregation: tuple[str, tuple[bound.Expression, ...]],
    text: bound.Expression,
    name: str,
    kind: T | None,
    span: Span,
) -> bound.Output:
    function, values = aggregation
    is_here = bound.Call("==", (text, bound.Literal(T.STRING, name)), T.BOOL)
    # What a condition stands behind: the value, not the accuracy or size.
    arguments = (*values[:1], is_here, *values[1:]) if function != "count" else (is_here,)
    call = call_aggregate(context, _CONDITIONAL[function], arguments, span, allowed=True)
    if kind is not None and kind is not call.type:
        raise refusal(WRONG_TYPE, f"the cells are of type {call.type}, not {kind}", span)
    return bound.Output(name, call)
