"""Functions that give several columns where a list of columns stands: `(a, b) = array_sort_asc(x, y)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.naming import SORTS, name_of, sorted_name, unique
from kelp.kql.binder.special_dynamic import sorted_arrays
from kelp.kql.diagnostics import DUPLICATE_NAME, NOT_ALLOWED_HERE, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope

_TUPLES: dict[str, dict[str, T]] = {
    "series_stats": {
        "min": T.REAL, "min_idx": T.LONG, "max": T.REAL, "max_idx": T.LONG, "avg": T.REAL, "stdev": T.REAL,
        "variance": T.REAL,
    },
    "series_fit_line": {
        "rsquare": T.REAL, "slope": T.REAL, "variance": T.REAL, "rvariance": T.REAL, "interception": T.REAL,
        "line_fit": T.DYNAMIC,
    },
}  # fmt: skip
"""The columns that functions of a series give, in order."""


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
    if node.name.text in _TUPLES and node.name.text not in context.functions.scalars:
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
    parts = _TUPLES[node.name.text]
    if len(column.names) > len(parts):
        raise refusal(NOT_ALLOWED_HERE, "there are more names than columns", column.span)
    arguments = expressions.bind_arguments(context, node, scope)
    stem = "_".join(
        filter(None, (node.name.text, name_of(node.arguments[0].value) if node.arguments else None))
    )
    names = [name.text for name in column.names]
    if keeps_rest or not names:
        names += [f"{stem}_{part}" for part in list(parts)[len(names) :]]
    used = set(taken)
    outputs: list[bound.Output] = []
    for name, (part, kind) in zip(names, parts.items(), strict=False):
        if name in taken and len(outputs) < len(column.names):
            raise refusal(DUPLICATE_NAME, f"the column '{name}' is given twice", column.span)
        found = call_function(
            context, f"${node.name.text}", (bound.Literal(T.STRING, part), *arguments), node.span
        )
        assert isinstance(found, bound.Call)
        outputs.append(
            bound.Output(unique(name, used), bound.Call(found.function, found.arguments, kind, node.span))
        )
        used.add(outputs[-1].name)
    return tuple(outputs)
