"""User functions: binding parameters to arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline
from kelp.kql.binder.conversion import adapt
from kelp.kql.binder.scope import FunctionBinding, NameScope, ScalarBinding, Scope, TabularBinding
from kelp.kql.diagnostics import UNKNOWN_NAME, WRONG_ARGUMENTS, WRONG_TYPE, refusal

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.text import Span


def bind_parameters(
    context: BindContext,
    binding: FunctionBinding,
    arguments: tuple[syntax.Argument, ...],
    span: Span,
    scope: Scope,
    piped: bound.Operator | None = None,
) -> NameScope:
    """Return the scope of the function's body: the names where it was defined, then its parameters.

    `piped` is the table that `invoke` gives to the first parameter.
    """
    parameters = binding.literal.parameters
    inner = NameScope(binding.names.bindings, scope.names.depth + 1, binding.names.restrictions)
    if piped is not None:
        if not parameters or parameters[0].type is not None:
            raise refusal(WRONG_ARGUMENTS, f"the first parameter of '{binding.name}' is no table", span)
        inner = inner.define(parameters[0].name, TabularBinding(_checked(parameters[0], piped, span)))
        parameters = parameters[1:]
    given = _match_arguments(binding.name, parameters, arguments, span)
    for parameter in parameters:
        value = given.get(parameter.name)
        if parameter.type is None:
            if value is None:
                raise refusal(WRONG_ARGUMENTS, f"'{binding.name}' needs a table for '{parameter.name}'", span)
            table = _checked(parameter, pipeline.bind_tabular(context, value, scope.names), value.span)
            inner = inner.define(parameter.name, TabularBinding(table))
        else:
            scalar = _bind_scalar(context, binding, parameter, value, scope, span)
            inner = inner.define(parameter.name, ScalarBinding(scalar))
    return inner


def _match_arguments(
    function: str,
    parameters: tuple[syntax.Parameter, ...],
    arguments: tuple[syntax.Argument, ...],
    span: Span,
) -> dict[str, syntax.Expression]:
    names = {parameter.name for parameter in parameters}
    given: dict[str, syntax.Expression] = {}
    if len(arguments) > len(parameters):
        raise refusal(
            WRONG_ARGUMENTS, f"'{function}' takes {len(parameters)} arguments, not {len(arguments)}", span
        )
    for index, argument in enumerate(arguments):
        name = argument.name.text if argument.name else parameters[index].name
        if name not in names:
            raise refusal(UNKNOWN_NAME, f"'{function}' has no parameter '{name}'", argument.span)
        given[name] = argument.value
    return given


def _bind_scalar(
    context: BindContext,
    binding: FunctionBinding,
    parameter: syntax.Parameter,
    given: syntax.Expression | None,
    scope: Scope,
    span: Span,
) -> bound.Expression:
    assert parameter.type is not None
    node = given if given is not None else parameter.default
    if node is None:
        raise refusal(WRONG_ARGUMENTS, f"'{binding.name}' needs a value for '{parameter.name}'", span)
    value = expressions.bind_expression(context, node, scope if given is not None else Scope(binding.names))
    adapted = adapt(value, parameter.type)
    if adapted is None:
        message = f"'{parameter.name}' of '{binding.name}' is of type {parameter.type}, not {value.type}"
        raise refusal(WRONG_TYPE, message, node.span)
    return adapted


def _checked(parameter: syntax.Parameter, table: bound.Operator, span: Span) -> bound.Operator:
    """Return the table if it has the columns declared; it may have others too, and the function sees them."""
    for declared in parameter.columns:
        column = table.schema.find_column(declared.name)
        if column is None or column.type != declared.type:
            message = f"the table given for '{parameter.name}' has no column '{declared.name}' of type {declared.type}"
            raise refusal(WRONG_ARGUMENTS, message, span)
    return table
