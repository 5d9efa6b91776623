"""Aggregations that make several columns: `arg_max(x, *)`, `take_any(*)`, `percentiles(x, 50, 95)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.naming import name_of, unique
from kelp.kql.binder.project import matching
from kelp.kql.binder.scope import Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, WRONG_ARGUMENTS, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext

_EXTREMES = {"arg_max": "max", "argmax": "max", "arg_min": "min", "argmin": "min"}


def expand_aggregate(
    context: BindContext, item: syntax.NamedExpression, scope: Scope, taken: set[str]
) -> tuple[bound.Output, ...] | None:
    """Return the columns of an aggregation that makes several, None for any other expression."""
    node = item.value
    if not isinstance(node, syntax.Call):
        return None
    if node.name.text in _EXTREMES:
        return _expand_extreme(context, item, node, scope, taken)
    return None


def _expand_extreme(
    context: BindContext, item: syntax.NamedExpression, node: syntax.Call, scope: Scope, taken: set[str]
) -> tuple[bound.Output, ...]:
    """`arg_max(by, a, *)`: the maximum, then the columns of a row that has it (AGG-3)."""
    if scope.row is None or not node.arguments:
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' takes the value to maximise, then columns", node.span)
    inner = Scope(scope.names, scope.row)
    extreme = _EXTREMES[node.name.text]
    by_node = node.arguments[0].value
    by = expressions.bind_expression(context, by_node, inner)
    names = [name.text for name in item.names]
    first = names.pop(0) if names else (name_of(by_node) or f"{extreme}_")
    outputs = [bound.Output(unique(first, taken), bound.AggregateCall(extreme, (by,), by.type, node.span))]
    used = {*taken, outputs[0].name}
    by_name = name_of(by_node)
    for value, derived in _returned(context, node, inner, skip=by_name):
        name = names.pop(0) if names else unique(derived, used)
        outputs.append(bound.Output(name, bound.AggregateCall(f"arg_{extreme}", (by, value), value.type, node.span)))
        used.add(name)
    if names:
        raise refusal(NOT_ALLOWED_HERE, "there are more names than columns", item.span)
    return tuple(outputs)


def _returned(
    context: BindContext, node: syntax.Call, scope: Scope, skip: str | None
) -> Iterable[tuple[bound.Expression, str]]:
    assert scope.row is not None
    for index, argument in enumerate(node.arguments[1:]):
        if isinstance(argument.value, syntax.WildcardName):
            for column in matching(context, argument.value, scope.row):
                if column.name != skip:
                    yield bound.ColumnReference(column.name, column.type), column.name
        else:
            value = expressions.bind_expression(context, argument.value, scope)
            yield value, name_of(argument.value) or f"arg{index + 1}"
