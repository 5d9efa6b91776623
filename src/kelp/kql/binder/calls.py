"""Calls of built-in functions: choosing the overload, converting the arguments, typing the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.binder.context import BindContext, nearest
from kelp.kql.binder.conversion import adapt, convert
from kelp.kql.bound import AggregateCall, Call, Expression, WindowCall
from kelp.kql.diagnostics import (
    NOT_ALLOWED_HERE,
    UNKNOWN_FUNCTION,
    UNSUPPORTED,
    WRONG_ARGUMENTS,
    QueryRefusedError,
    refusal,
)
from kelp.kql.functions.conversions import CONVERSIONS
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.functions.signature import Function, FunctionSignature
    from kelp.kql.text import Span


def _fit(signature: FunctionSignature, arguments: tuple[Expression, ...]) -> tuple[Expression, ...] | None:
    if not signature.accepts_count(len(arguments)):
        return None
    adapted: list[Expression] = []
    for index, argument in enumerate(arguments):
        value = adapt(argument, signature.parameter_at(index).accepts)
        if value is None:
            return None
        adapted.append(value)
    return tuple(adapted)


def _describe(signature: FunctionSignature) -> str:
    parts = [
        f"[{p.accepts}]" if p.optional else f"{p.accepts}{', ...' if p.repeated else ''}"
        for p in signature.parameters
    ]
    return f"({', '.join(parts)})"


def _type_call(
    function: Function, arguments: tuple[Expression, ...], span: Span
) -> tuple[tuple[Expression, ...], ScalarType]:
    exact = [s for s in function.signatures if s.accepts_count(len(arguments))]
    for signature in exact:
        if all(_is_exact(signature, index, argument) for index, argument in enumerate(arguments)):
            adapted = _fit(signature, arguments)
            if adapted is not None:
                return adapted, _result_type(signature, adapted)
    for signature in exact:
        adapted = _fit(signature, arguments)
        if adapted is not None:
            return adapted, _result_type(signature, adapted)
    given = ", ".join(argument.type for argument in arguments)
    name = function.name.removeprefix("$")
    wanted = " or ".join(f"{name}{_describe(signature)}" for signature in function.signatures)
    raise refusal(WRONG_ARGUMENTS, f"{name}({given}) does not fit: expected {wanted}", span)


def _is_exact(signature: FunctionSignature, index: int, argument: Expression) -> bool:
    accepts = signature.parameter_at(index).accepts
    return not isinstance(accepts, ScalarType) or accepts == argument.type


def _result_type(signature: FunctionSignature, arguments: tuple[Expression, ...]) -> ScalarType:
    if isinstance(signature.returns, ScalarType):
        return signature.returns
    return signature.returns(tuple(argument.type for argument in arguments))


def call_function(
    context: BindContext, name: str, arguments: tuple[Expression, ...], span: Span
) -> Expression:
    """Return a typed call of a scalar function or operator that exists.

    Raises `QueryRefusedError` where the arguments don't fit.
    """
    function = context.functions.scalars[name]
    adapted, result = _type_call(function, arguments, span)
    if function.name in CONVERSIONS:
        return convert(adapted[0], result)
    return Call(function.name, adapted, result, span)


def call_aggregate(
    context: BindContext, name: str, arguments: tuple[Expression, ...], span: Span, *, allowed: bool
) -> AggregateCall:
    """Return a typed call of an aggregation; refused where none is `allowed`."""
    if not allowed:
        message = f"the aggregation '{name}' can only stand in summarize, make-series and the like"
        raise refusal(NOT_ALLOWED_HERE, message, span)
    function = context.functions.aggregates[name]
    adapted, result = _type_call(function, arguments, span)
    return AggregateCall(function.name, adapted, result, span)


def call_window(context: BindContext, name: str, arguments: tuple[Expression, ...], span: Span) -> WindowCall:
    """Return a typed call of a function of neighbouring rows."""
    function = context.functions.windows[name]
    adapted, result = _type_call(function, arguments, span)
    return WindowCall(function.name, adapted, result, span)


def unknown_function(context: BindContext, name: str, span: Span) -> QueryRefusedError:
    """Return the refusal of a call whose name nothing answers to."""
    if name in context.functions.unsupported:
        reason = context.functions.unsupported[name]
        return refusal(UNSUPPORTED, f"the function '{name}' is not supported by Kelp: {reason}", span)
    return refusal(
        UNKNOWN_FUNCTION,
        f"there is no function named '{name}'",
        span,
        nearest(name, context.functions.names()),
    )
