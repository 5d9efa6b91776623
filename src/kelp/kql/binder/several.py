"""Functions that give several columns where a list of columns stands: `(a, b) = array_sort_asc(x, y)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder.naming import name_of, unique
from kelp.kql.binder.special_dynamic import sorted_arrays
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, refusal

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope

_SORTS = frozenset({"array_sort_asc", "array_sort_desc"})


def bind_several(
    context: BindContext, column: syntax.NamedExpression, scope: Scope, taken: set[str]
) -> tuple[bound.Output, ...] | None:
    """Return the columns of a function that gives several; None for anything else, also under one name."""
    node = column.value
    if not isinstance(node, syntax.Call) or node.name.text not in _SORTS or len(column.names) == 1:
        return None
    arrays = sorted_arrays(context, node, scope)
    if len(arrays) == 1:
        return None
    if len(column.names) > len(arrays):
        raise refusal(NOT_ALLOWED_HERE, "there are more names than columns", column.span)
    names = [name.text for name in column.names]
    used = {*taken, *names}
    for index, argument in enumerate(node.arguments[len(names) : len(arrays)], start=len(names)):
        names.append(unique(f"{name_of(argument.value) or f'array{index + 1}'}_sorted", used))
        used.add(names[-1])
    return tuple(bound.Output(name, value) for name, value in zip(names, arrays, strict=True))
