"""Functions of neighbouring rows: where they may stand, and what they take (rules WIN-1, WIN-2 and WIN-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.calls import call_window
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.row_order import is_serialized
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.text import Span

_NEIGHBOURS = frozenset({"prev", "next"})


def row_scope(names: NameScope, source: bound.Operator) -> Scope:
    """Return the scope of expressions over rows, which may look at the neighbours of a row if these are in order."""
    return Scope(names, source.schema, is_serialized=is_serialized(source))


def bind_window(
    context: BindContext, name: str, arguments: tuple[bound.Expression, ...], span: Span, scope: Scope
) -> bound.WindowCall:
    """Return the typed call; refused where rows are not in order, or where there are none."""
    if not scope.is_serialized:
        raise refusal(
            NOT_ALLOWED_HERE,
            f"'{name}' looks at neighbouring rows, and here they are not in order",
            span,
            "put serialize, or sort by, before it",
        )
    bound_call = call_window(context, name, arguments, span)
    return _with_offset(bound_call) if name in _NEIGHBOURS else bound_call


def _with_offset(bound_call: bound.WindowCall) -> bound.WindowCall:
    """Return `prev` or `next` with its offset, and with its default, if there is one, of the type of the value."""
    value, *rest = bound_call.arguments
    offset = rest[0] if rest else bound.Literal(ScalarType.LONG, 1)
    distance = offset.value if isinstance(offset, bound.Literal) else None
    if not isinstance(distance, int) or distance < 0:
        message = f"the offset of '{bound_call.function}' is a constant that is not below 0"
        raise refusal(WRONG_ARGUMENTS, message, offset.span)
    default = tuple(_as_type_of(value, given) for given in rest[1:])
    offset = bound.Literal(ScalarType.LONG, distance, offset.span)
    return bound.WindowCall(bound_call.function, (value, offset, *default), bound_call.type, bound_call.span)


def _as_type_of(value: bound.Expression, default: bound.Expression) -> bound.Expression:
    is_null = isinstance(default, bound.Literal) and default.value is None
    both_numbers = value.type.is_numeric and default.type.is_numeric
    if value.type == default.type or is_null or both_numbers or value.type is ScalarType.DYNAMIC:
        return convert(default, value.type)
    raise refusal(
        WRONG_TYPE, f"the default is of type {default.type}, and the value of type {value.type}", default.span
    )
