"""The arguments of plugins: by place, or by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder import expressions
from kelp.kql.binder.context import nearest
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.json_text import elements_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext


def arguments_of(
    call: syntax.Call, parameters: tuple[str, ...], required: int
) -> dict[str, syntax.Expression]:
    """Return the arguments by the names of the parameters, of which the first `required` must be there."""
    given: dict[str, syntax.Expression] = {}
    name = call.name.text
    for index, argument in enumerate(call.arguments):
        if argument.name is None and index >= len(parameters):
            raise refusal(
                WRONG_ARGUMENTS, f"'{name}' takes {len(parameters)} arguments at most", argument.span
            )
        parameter = parameters[index] if argument.name is None else argument.name.text
        if parameter not in parameters or parameter in given:
            hint = nearest(parameter, parameters)
            raise refusal(WRONG_ARGUMENTS, f"'{name}' has no place for '{parameter}'", argument.span, hint)
        given[parameter] = argument.value
    for parameter in parameters[:required]:
        if parameter not in given:
            raise refusal(WRONG_ARGUMENTS, f"'{name}' needs the argument '{parameter}'", call.span)
    return given


def column_of(
    context: BindContext, node: syntax.Expression, source: bound.Operator, names: NameScope
) -> bound.ColumnReference:
    """Return the column that an argument names."""
    value = expressions.bind_expression(context, node, Scope(names, source.schema))
    if not isinstance(value, bound.ColumnReference):
        raise refusal(WRONG_ARGUMENTS, "a column is expected here", node.span)
    return value


def constant_of(context: BindContext, node: syntax.Expression, kind: T, names: NameScope) -> object:
    """Return the value of a constant argument of that type."""
    value = expressions.bind_as(context, node, Scope(names), kind, "this argument")
    if not isinstance(value, bound.Literal) or value.value is None:
        raise refusal(WRONG_TYPE, f"a constant of type {kind} is expected here", node.span)
    return value.value


def texts_of(context: BindContext, node: syntax.Expression, names: NameScope) -> tuple[str, ...]:
    """Return the texts of a constant array."""
    value = expressions.bind_expression(context, node, Scope(names))
    elements = elements_of(value) if isinstance(value, bound.Literal) and value.type is T.DYNAMIC else None
    found = tuple(part.value for part in elements or () if isinstance(part, bound.Literal))
    texts = tuple(text for text in found if isinstance(text, str))
    if elements is None or len(texts) < len(elements):
        raise refusal(WRONG_TYPE, "a constant array of strings is expected here", node.span)
    return texts
