"""Special forms over the states of `tdigest`: their results may be asked for as a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope
    from kelp.kql.binder.special import SpecialForm


def special_forms() -> Mapping[str, SpecialForm]:
    """Return the forms by name."""
    return {
        "percentile_tdigest": _bind_percentile,
        "percentiles_array_tdigest": _bind_percentiles,
    }


def _bind_percentile(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`percentile_tdigest(digest, 95 [, typeof(long)])`; dynamic where no type is asked for."""
    values, wanted = _arguments(context, node, scope)
    found = call_function(context, "percentile_tdigest", values, node.span)
    return found if wanted is None else convert(found, wanted)


def _bind_percentiles(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """The percentiles one by one, or one array of them. The items are of the digest's type, whatever is asked for."""
    values, _ = _arguments(context, node, scope)
    is_list = len(values) == 2 and values[1].type is T.DYNAMIC
    name = "percentiles_array_tdigest list" if is_list else "percentiles_array_tdigest"
    return call_function(context, name, values, node.span)


def _arguments(
    context: BindContext, node: syntax.Call, scope: Scope
) -> tuple[tuple[bound.Expression, ...], T | None]:
    """Return the arguments, and the type that the last one names, if it does."""
    *others, last = node.arguments or (None,)
    wanted = None
    given = node.arguments
    if last is not None and isinstance(last.value, syntax.TypeLiteral):
        if len(last.value.columns) != 1 or last.value.columns[0].name:
            raise refusal(WRONG_ARGUMENTS, "the type is written typeof(long)", last.span)
        wanted = last.value.columns[0].type
        given = tuple(argument for argument in others if argument is not None)
    return tuple(expressions.bind_expression(context, argument.value, scope) for argument in given), wanted
