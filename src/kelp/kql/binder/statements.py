"""Statements of a query or of a function body: let, then the expressions that give results."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, patterns, pipeline, restrict
from kelp.kql.binder.context import MAX_FUNCTION_DEPTH, BindContext
from kelp.kql.binder.conversion import adapt
from kelp.kql.binder.scope import (
    Binding,
    EntityGroupBinding,
    FunctionBinding,
    GraphBinding,
    NameScope,
    ScalarBinding,
    Scope,
    TabularBinding,
)
from kelp.kql.diagnostics import (
    NOT_ALLOWED_HERE,
    TOO_COMPLEX,
    UNSUPPORTED,
    WRONG_ARGUMENTS,
    WRONG_TYPE,
    refusal,
)
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.text import Span


def check_depth(name: str, names: NameScope, span: Span) -> None:
    """Refuse a function that calls itself."""
    if names.depth >= MAX_FUNCTION_DEPTH:
        raise refusal(
            TOO_COMPLEX, f"'{name}' calls itself, or functions nest deeper than {MAX_FUNCTION_DEPTH}", span
        )


def bind_let(context: BindContext, node: syntax.Let, scope: Scope) -> Binding:
    """Return what a let statement binds its name to."""
    value = node.value
    if isinstance(value, syntax.FunctionLiteral):
        return FunctionBinding(node.name.text, value, scope.names)
    if isinstance(value, syntax.DeclareEntityGroup):
        return EntityGroupBinding(value.members, scope.names)
    if pipeline.is_tabular(context, value, scope.names):
        relation = pipeline.bind_relation(context, value, scope.names)
        if isinstance(relation, bound.Graph):
            return GraphBinding(relation)
        return TabularBinding(bound.Shared(node.name.text, relation))
    return ScalarBinding(expressions.bind_expression(context, value, scope))


def bind_statement(context: BindContext, node: syntax.Statement, scope: Scope) -> NameScope:
    """Return the names after a statement that gives no result."""
    match node:
        case syntax.Let():
            return scope.names.define(node.name.text, bind_let(context, node, scope))
        case syntax.SetOption() | syntax.QueryStatement():
            return scope.names
        case syntax.DeclareParameters():
            return _bind_declared(context, node, scope.names)
        case syntax.Alias():
            raise refusal(UNSUPPORTED, "'alias' is not supported by Kelp", node.span, "use workspace()")
        case syntax.Restrict():
            return restrict.bind_restrict(context, node, scope.names)
        case syntax.DeclarePattern():
            return scope.names.define(node.name.text, patterns.bind_pattern(node, scope.names))
        case _:
            assert_never(node)


def _bind_declared(context: BindContext, node: syntax.DeclareParameters, names: NameScope) -> NameScope:
    for parameter in node.parameters:
        given = context.parameters.get(parameter.name, parameter.default)
        if given is None:
            raise refusal(
                WRONG_ARGUMENTS,
                f"no value was sent for the query parameter '{parameter.name}'",
                parameter.span,
            )
        value = expressions.bind_expression(context, given, Scope(names))
        adapted = adapt(value, parameter.type) if parameter.type else None
        if adapted is None:
            message = f"the query parameter '{parameter.name}' is of type {parameter.type}, not {value.type}"
            raise refusal(WRONG_TYPE, message, parameter.span)
        names = names.define(parameter.name, ScalarBinding(adapted))
    return names


def _result_of(block: syntax.QueryBlock) -> syntax.Expression:
    last = block.statements[-1] if block.statements else None
    if not isinstance(last, syntax.QueryStatement):
        raise refusal(NOT_ALLOWED_HERE, "the body of a function must end in an expression", block.span)
    return last.value


def bind_tabular_block(context: BindContext, block: syntax.QueryBlock, names: NameScope) -> bound.Operator:
    """Return the table that a function body gives."""
    return pipeline.require_table(bind_relation_block(context, block, names), block.span)


def bind_relation_block(
    context: BindContext, block: syntax.QueryBlock, names: NameScope
) -> bound.Operator | bound.Graph:
    """Return the table or the graph that a function body gives."""
    result = _result_of(block)
    for statement in block.statements[:-1]:
        names = bind_statement(context, statement, Scope(names))
    return pipeline.bind_relation(context, result, names)


def bind_scalar_block(context: BindContext, block: syntax.QueryBlock, scope: Scope) -> bound.Expression:
    """Return the scalar that a function body gives."""
    result = _result_of(block)
    for statement in block.statements[:-1]:
        scope = replace(scope, names=bind_statement(context, statement, scope))
    return expressions.bind_expression(context, result, scope)


def is_tabular_body(context: BindContext, function: FunctionBinding) -> bool:
    """Tell whether a user function gives a table. Its own parameters and let names count."""
    if function.literal.is_view:
        return True
    names = function.names
    block = function.literal.body
    tabular = bound.Rows(pipeline.schema_of(()), ())
    for parameter in function.literal.parameters:
        if parameter.type is None:
            names = names.define(parameter.name, TabularBinding(tabular))
        else:
            names = names.define(parameter.name, ScalarBinding(bound.Literal(parameter.type, None)))
    for statement in block.statements[:-1]:
        if isinstance(statement, syntax.Let):
            names = names.define(statement.name.text, _kind_of_let(context, statement, names, tabular))
    return pipeline.is_tabular(context, _result_of(block), names)


def _kind_of_let(
    context: BindContext, node: syntax.Let, names: NameScope, tabular: bound.Operator
) -> Binding:
    if isinstance(node.value, syntax.FunctionLiteral):
        return FunctionBinding(node.name.text, node.value, names)
    if pipeline.is_tabular(context, node.value, names):
        return TabularBinding(tabular)
    return ScalarBinding(bound.Literal(ScalarType.DYNAMIC, None))
