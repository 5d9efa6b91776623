"""`sample`, `sample-distinct` and `top-hitters`: short for orders and groups (rules SAMPLE-1 and TOP-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_aggregate, call_function
from kelp.kql.binder.naming import name_of, unique
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.binder.sort import bind_count
from kelp.kql.binder.summarize import bind_keys, schema_of
from kelp.kql.diagnostics import WRONG_TYPE, refusal

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext


def bind_sample(
    context: BindContext,
    node: syntax.Sample | syntax.SampleDistinct | syntax.TopHitters,
    source: bound.Operator,
    names: NameScope,
) -> bound.Operator:
    """Return some rows, some distinct values, or the most frequent values."""
    count = bind_count(context, node.count, names)
    match node:
        case syntax.Sample():
            chance = call_function(context, "rand", (), node.span)
            return bound.Take(bound.Sort(source, (_descending(chance),)), count)
        case syntax.SampleDistinct():
            keys = bind_keys(context, (node.of,), Scope(names, source.schema))
            return bound.Take(bound.Summarize(source, keys, (), schema_of(keys)), count)
        case syntax.TopHitters():
            return bound.Take(_bind_hitters(context, node, source, names), count)
        case _:
            assert_never(node)


def _bind_hitters(
    context: BindContext, node: syntax.TopHitters, source: bound.Operator, names: NameScope
) -> bound.Sort:
    """Return the values with their weight, the heaviest first. Kusto estimates the weight; here it is exact."""
    scope = Scope(names, source.schema)
    (key,) = bind_keys(context, (node.of,), scope)
    if node.by is None:
        weight = call_aggregate(context, "count", (), node.span, allowed=True)
        name = f"approximate_count_{key.name}"
    else:
        value = expressions.bind_expression(context, node.by.value, scope)
        if not value.type.is_numeric:
            raise refusal(WRONG_TYPE, f"'top-hitters' sums numbers, not {value.type}", node.by.span)
        weight = call_aggregate(context, "sum", (value,), node.by.span, allowed=True)
        stem = node.by.names[0].text if node.by.names else name_of(node.by.value)
        name = f"approximate_sum_{stem or ''}"
    output = bound.Output(unique(name, (key.name,)), weight)
    groups = bound.Summarize(source, (key,), (output,), schema_of((key, output)))
    return bound.Sort(groups, (_descending(bound.ColumnReference(output.name, weight.type)),))


def _descending(value: bound.Expression) -> bound.SortKey:
    return bound.SortKey(value, descending=True, nulls_first=False)
