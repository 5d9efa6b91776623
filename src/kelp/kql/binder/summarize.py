"""`summarize`, `distinct` and `count`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.aggregates import expand_aggregate
from kelp.kql.binder.naming import aggregate_name, name_of, unique
from kelp.kql.binder.project import matching, reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext


def _schema(outputs: Iterable[bound.Output]) -> RowSchema:
    return RowSchema(tuple(Column(output.name, output.value.type) for output in outputs))


def bind_summarize(
    context: BindContext, node: syntax.Summarize, source: bound.Operator, names: NameScope
) -> bound.Summarize:
    """Return the groups; keys come first in the result, then the aggregates."""
    keys = _bind_keys(context, node.keys, Scope(names, source.schema))
    taken = {key.name for key in keys}
    scope = Scope(names, source.schema, allows_aggregates=True)
    aggregates: list[bound.Output] = []
    for item in node.aggregates:
        for output in _bind_aggregate(context, item, scope, taken, len(aggregates)):
            aggregates.append(output)
            taken.add(output.name)
    return bound.Summarize(source, keys, tuple(aggregates), _schema((*keys, *aggregates)))


def _bind_keys(
    context: BindContext, keys: tuple[syntax.NamedExpression, ...], scope: Scope
) -> tuple[bound.Output, ...]:
    outputs: list[bound.Output] = []
    for index, key in enumerate(keys):
        value = expressions.bind_expression(context, key.value, scope)
        derived = name_of(key.value) or f"Column{index + 1}"
        name = key.names[0].text if key.names else unique(derived, (output.name for output in outputs))
        outputs.append(bound.Output(name, value))
    return tuple(outputs)


def _bind_aggregate(
    context: BindContext, item: syntax.NamedExpression, scope: Scope, taken: set[str], index: int
) -> Iterable[bound.Output]:
    expanded = expand_aggregate(context, item, scope, taken)
    if expanded is not None:
        return expanded
    value = expressions.bind_expression(context, item.value, scope)
    if item.names:
        return (bound.Output(item.names[0].text, value),)
    derived = aggregate_name(item.value) if _is_aggregate(context, item.value) else name_of(item.value)
    return (bound.Output(unique(derived or f"Column{index + 1}", taken), value),)


def _is_aggregate(context: BindContext, node: syntax.Expression) -> bool:
    return isinstance(node, syntax.Call) and node.name.text in context.functions.aggregates


def bind_distinct(
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
    outputs.extend(_bind_keys(context, tuple(plain), Scope(names, source.schema)))
    return bound.Summarize(source, tuple(outputs), (), _schema(outputs))


def bind_count(node: syntax.Count, source: bound.Operator) -> bound.Summarize:
    """Return one row with the number of rows, in a column `Count`."""
    name = node.name.text if node.name else "Count"
    output = bound.Output(name, bound.AggregateCall("count", (), ScalarType.LONG, node.span))
    return bound.Summarize(source, (), (output,), _schema((output,)))
