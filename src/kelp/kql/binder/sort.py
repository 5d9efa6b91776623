"""`sort`, `top` and `take`."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext


def bind_ordering(
    context: BindContext,
    node: syntax.Sort | syntax.Top | syntax.Take,
    source: bound.Operator,
    names: NameScope,
) -> bound.Operator:
    """Return the ordered or cut rows; `top` is a sort and a take."""
    match node:
        case syntax.Sort():
            return bound.Sort(source, bind_keys(context, node.keys, source, names))
        case syntax.Top():
            ordered = bound.Sort(source, bind_keys(context, node.keys, source, names))
            return bound.Take(ordered, bind_count(context, node.count, names))
        case syntax.Take():
            return bound.Take(source, bind_count(context, node.count, names))
        case _:
            assert_never(node)


def bind_keys(
    context: BindContext, keys: tuple[syntax.OrderingKey, ...], source: bound.Operator, names: NameScope
) -> tuple[bound.SortKey, ...]:
    """Return the keys with KQL's defaults (ORDER-1): descending; nulls first when ascending, last when descending."""
    return tuple(_bind_key(context, key, Scope(names, source.schema)) for key in keys)


def _bind_key(context: BindContext, key: syntax.OrderingKey, scope: Scope) -> bound.SortKey:
    value = expressions.bind_expression(context, key.value.value, scope)
    if value.type is ScalarType.DYNAMIC:
        raise refusal(
            WRONG_TYPE,
            "a dynamic value has no order",
            key.span,
            "convert it first, for example with tostring()",
        )
    descending = key.descending is not False
    return bound.SortKey(value, descending, (not descending) if key.nulls_first is None else key.nulls_first)


def bind_count(context: BindContext, node: syntax.Expression, names: NameScope) -> bound.Expression:
    """Return a number of rows, which no column has a part in."""
    return expressions.bind_as(context, node, Scope(names), ScalarType.LONG, "the number of rows")
