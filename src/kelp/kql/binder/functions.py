"""User functions: binding parameters to arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline
from kelp.kql.binder.conversion import adapt
from kelp.kql.binder.scope import FunctionBinding, NameScope, ScalarBinding, Scope, TabularBinding
from kelp.kql.diagnostics import UNKNOWN_NAME, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import RowSchema

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.text import Span


def bind_parameters(
    context: BindContext,
    binding: FunctionBinding,
    arguments: tuple[syntax.Argument, ...],
    span: Span,
    scope: Scope,
) -> NameScope:
    """Return the scope of the function's body: the names where it was defined, then its parameters."""
    given = _match_arguments(binding, arguments, span)
    inner = NameScope(binding.names.bindings, scope.names.depth + 1)
    for parameter in binding.literal.parameters:
        value = given.get(parameter.name)
        if parameter.type is None:
            if value is None:
                raise refusal(WRONG_ARGUMENTS, f"'{binding.name}' needs a table for '{parameter.name}'", span)
            inner = inner.define(parameter.name, TabularBinding(_bind_table(context, parameter, value, scope)))
        else:
            inner = inner.define(parameter.name, ScalarBinding(_bind_scalar(context, binding, parameter, value, scope, span)))
    return inner


def _match_arguments(
    binding: FunctionBinding, arguments: tuple[syntax.Argument, ...], span: Span
) -> dict[str, syntax.Expression]:
    parameters = binding.literal.parameters
    names = {parameter.name for parameter in parameters}
    given: dict[str, syntax.Expression] = {}
    if len(arguments) > len(parameters):
        raise refusal(
            WRONG_ARGUMENTS, f"'{binding.name}' takes {len(parameters)} arguments, not {len(arguments)}", span
        )
    for index, argument in enumerate(arguments):
        name = argument.name.text if argument.name else parameters[index].name
        if name not in names:
            raise refusal(UNKNOWN_NAME, f"'{binding.name}' has no parameter '{name}'", argument.span)
        given[name] = argument.value
    return given


def _bind_scalar(  # noqa: PLR0913 - the call and the declaration, both with their place
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


def _bind_table(
    context: BindContext, parameter: syntax.Parameter, value: syntax.Expression, scope: Scope
) -> bound.Operator:
    operator = pipeline.bind_tabular(context, value, scope.names)
    if parameter.any_columns:
        return operator
    outputs: list[bound.Output] = []
    for declared in parameter.columns:
        column = operator.schema.find_column(declared.name)
        if column is None or column.type != declared.type:
            message = f"the table given for '{parameter.name}' has no column '{declared.name}' of type {declared.type}"
            raise refusal(WRONG_ARGUMENTS, message, value.span)
        outputs.append(bound.Output(column.name, bound.ColumnReference(column.name, column.type)))
    schema = RowSchema(tuple(operator.schema.find_column(declared.name) or declared_column(declared) for declared in parameter.columns))
    return bound.Project(operator, tuple(outputs), schema)


def declared_column(declared: syntax.ColumnDeclaration) -> pipeline.Column:
    """Return the column that a declaration names."""
    return pipeline.Column(declared.name, declared.type)
