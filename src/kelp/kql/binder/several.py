"""Functions that give several columns where a list of columns stands: `(a, b) = array_sort_asc(x, y)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder.naming import SORTS, name_of, sorted_name, unique
from kelp.kql.binder.special_dynamic import sorted_arrays
from kelp.kql.binder.special_series import bind_parts, gives_several
from kelp.kql.diagnostics import DUPLICATE_NAME, NOT_ALLOWED_HERE, refusal

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope


def bind_several(
    context: BindContext,
    column: syntax.NamedExpression,
    scope: Scope,
    taken: set[str],
    *,
    keeps_rest: bool = False,
) -> tuple[bound.Output, ...] | None:
    """Return the columns of a function that gives several; None for anything else."""
    node = column.value
    if not isinstance(node, syntax.Call):
        return None
    if gives_several(node.name.text) and scope.names.find(node.name.text) is None:
        return _bind_tuple(context, column, node, scope, taken, keeps_rest=keeps_rest)
    if node.name.text not in SORTS or len(column.names) == 1:
        return None
    arrays = sorted_arrays(context, node, scope)
    if len(arrays) == 1:
        return None
    if len(column.names) > len(arrays):
        raise refusal(NOT_ALLOWED_HERE, "there are more names than columns", column.span)
    names = [name.text for name in column.names]
    used = {*taken, *names}
    for index, argument in enumerate(node.arguments[len(names) : len(arrays)], start=len(names)):
        names.append(unique(sorted_name(argument.value, index), used))
        used.add(names[-1])
    return tuple(bound.Output(name, value) for name, value in zip(names, arrays, strict=True))


def _bind_tuple(
    context: BindContext,
    column: syntax.NamedExpression,
    node: syntax.Call,
    scope: Scope,
    taken: set[str],
    *,
    keeps_rest: bool,
) -> tuple[bound.Output, ...]:
    """Return as many columns as are named, all where none is, or where the rest is kept (NAME-6)."""
    parts = bind_parts(context, node, scope)
    if len(column.names) > len(parts):
        raise refusal(NOT_ALLOWED_HERE, "there are more names than columns", column.span)
    stem = "_".join(filter(None, (node.name.text, name_of(node.arguments[0].value))))
    names = [name.text for name in column.names]
    if keeps_rest or not names:
        names += [f"{stem}_{part}" for part, _ in parts[len(names) :]]
    used = set(taken)
    outputs: list[bound.Output] = []
    for name, (_, value) in zip(names, parts, strict=False):
        if name in taken and len(outputs) < len(column.names):
            raise refusal(DUPLICATE_NAME, f"the column '{name}' is given twice", column.span)
        outputs.append(bound.Output(unique(name, used), value))
        used.add(outputs[-1].name)
    return tuple(outputs)
