"""`summarize`, `distinct` and `count`."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.aggregates import expand_aggregate
from kelp.kql.binder.naming import derived_name
from kelp.kql.binder.project import matching, reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext


def schema_of(outputs: Iterable[bound.Output]) -> RowSchema:
    """Return the columns that outputs make."""
    return RowSchema(tuple(Column(output.name, output.value.type) for output in outputs))


def bind_groups(
    context: BindContext,
    node: syntax.Summarize | syntax.Distinct | syntax.Count,
    source: bound.Operator,
    names: NameScope,
) -> bound.Summarize:
    """Return the groups that `summarize`, `distinct` or `count` make."""
    match node:
        case syntax.Summarize():
            return _bind_summarize(context, node, source, names)
        case syntax.Distinct():
            return _bind_distinct(context, node, source, names)
        case syntax.Count():
            return _bind_count(node, source)
        case _:
            assert_never(node)


def _bind_summarize(
    context: BindContext, node: syntax.Summarize, source: bound.Operator, names: NameScope
) -> bound.Summarize:
    """Return the groups; keys come first in the result, then the aggregates."""
    keys = bind_keys(context, node.keys, Scope(names, source.schema))
    aggregates = bind_aggregates(context, node.aggregates, source, names, keys)
    return bound.Summarize(source, keys, aggregates, schema_of((*keys, *aggregates)))


def bind_aggregates(
    context: BindContext,
    items: tuple[syntax.NamedExpression, ...],
    source: bound.Operator,
    names: NameScope,
    keys: tuple[bound.Output, ...],
) -> tuple[bound.Output, ...]:
    """Return the columns of aggregations over groups of `keys`, whose names they do not take."""
    scope = Scope(names, source.schema, allows_aggregates=True)
    columns = {key.value.name for key in keys if isinstance(key.value, bound.ColumnReference)}
    taken = {key.name for key in keys}
    outputs: list[bound.Output] = []
    for item in items:
        expanded = expand_aggregate(context, item, scope, columns, taken)
        if expanded is None:
            value = expressions.bind_expression(context, item.value, scope)
            name = item.names[0].text if item.names else derived_name(item.value, taken)
            expanded = (bound.Output(name, value),)
        outputs.extend(expanded)
        taken.update(output.name for output in expanded)
    return tuple(outputs)


def bind_keys(
    context: BindContext, keys: tuple[syntax.NamedExpression, ...], scope: Scope
) -> tuple[bound.Output, ...]:
    """Return the columns to group by, named as written or derived."""
    outputs: list[bound.Output] = []
    for key in keys:
        value = expressions.bind_expression(context, key.value, scope)
        taken = [output.name for output in outputs]
        name = key.names[0].text if key.names else derived_name(key.value, taken)
        outputs.append(bound.Output(name, value))
    return tuple(outputs)


def _bind_distinct(
    context: BindContext, node: syntax.Distinct, source: bound.Operator, names: NameScope
) -> bound.Summarize:
    """Return the distinct combinations of the columns; `*` stands for all."""
    outputs: list[bound.Output] = []
    plain: list[syntax.NamedExpression] = []
    for item in node.columns:
        if isinstance(item.value, syntax.WildcardName):
            outputs.extend(reference(column) for column in matching(context, item.value, source.schema))
        else:
            plain.append(item)
    outputs.extend(bind_keys(context, tuple(plain), Scope(names, source.schema)))
    return bound.Summarize(source, tuple(outputs), (), schema_of(outputs))


def _bind_count(node: syntax.Count, source: bound.Operator) -> bound.Summarize:
    """Return one row with the number of rows, in a column `Count`."""
    name = node.name.text if node.name else "Count"
    output = bound.Output(name, bound.AggregateCall("count", (), ScalarType.LONG, node.span))
    return bound.Summarize(source, (), (output,), schema_of((output,)))
