"""Forms that look like calls but are not functions of their values: they need the syntax, the scope or a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import (
    expressions,
    pipeline,
    saved,
    special_asker,
    special_dynamic,
    special_series,
    special_sketches,
    special_text,
    special_values,
)
from kelp.kql.binder.context import MAX_FUNCTION_DEPTH, BindContext
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.functions import bind_parameters
from kelp.kql.binder.operators import bind_comparison
from kelp.kql.binder.scope import FunctionBinding, ScalarBinding, Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, TOO_COMPLEX, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.text import Span

SpecialForm = Callable[[BindContext, syntax.Call, Scope], bound.Expression]


@cache
def special_forms() -> dict[str, SpecialForm]:
    """Return the forms of all themes by name."""
    return {
        **special_asker.special_forms(),
        **special_dynamic.special_forms(),
        **special_sketches.special_forms(),
        **special_series.special_forms(),
        **special_text.special_forms(),
        **special_values.special_forms(),
        "toscalar": _bind_toscalar,
        "column_ifexists": _bind_column_ifexists,
        "columnifexists": _bind_column_ifexists,
        "iscolumnexists": _bind_iscolumnexists,
    }


def find_special_form(name: str) -> SpecialForm | None:
    """Return how to bind a call of that name, if it is one of the special forms."""
    return special_forms().get(name)


def _bind_toscalar(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    if len(node.arguments) != 1:
        raise refusal(WRONG_ARGUMENTS, "'toscalar' takes one query", node.span)
    value = node.arguments[0].value
    if not pipeline.is_tabular(context, value, scope.names):
        return expressions.bind_expression(context, value, scope)
    query = pipeline.bind_tabular(context, value, scope.names)
    if not query.schema.columns:
        raise refusal(WRONG_TYPE, "the query of 'toscalar' gives no column", node.span)
    return bound.ScalarQuery(query, query.schema.columns[0].type, node.span)


def _bind_column_ifexists(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    if len(node.arguments) != 2:
        raise refusal(WRONG_ARGUMENTS, "'column_ifexists' takes a column name and a default", node.span)
    name = expressions.bind_expression(context, node.arguments[0].value, Scope(scope.names))
    if not isinstance(name, bound.Literal) or not isinstance(name.value, str):
        raise refusal(WRONG_TYPE, "the column name must be a constant string", node.arguments[0].span)
    column = scope.row.find_column(name.value) if scope.row else None
    if column is not None:
        return bound.ColumnReference(column.name, column.type, node.span)
    return expressions.bind_expression(context, node.arguments[1].value, scope)


def _bind_iscolumnexists(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`iscolumnexists("name")`, which old queries use with `iff`: whether the row has such a column."""
    if len(node.arguments) != 1:
        raise refusal(WRONG_ARGUMENTS, "'iscolumnexists' takes a column name", node.span)
    name = expressions.bind_expression(context, node.arguments[0].value, Scope(scope.names))
    if not isinstance(name, bound.Literal) or not isinstance(name.value, str):
        raise refusal(WRONG_TYPE, "the column name must be a constant string", node.arguments[0].span)
    found = scope.row is not None and scope.row.find_column(name.value) is not None
    return bound.Literal(T.BOOL, found, node.span)


def bind_scalar_pipeline(
    context: BindContext, node: syntax.PipelineExpression, scope: Scope
) -> bound.Expression:
    """Return a parenthesised expression; a query in a scalar's place is refused with advice."""
    only = node.pipeline
    if not only.operators and isinstance(only.source, syntax.ExpressionSource):
        return expressions.bind_expression(context, only.source.value, scope)
    raise refusal(NOT_ALLOWED_HERE, "a query stands where a scalar is expected", node.span, "use toscalar()")


def bind_membership(context: BindContext, node: syntax.Membership, scope: Scope) -> bound.Expression:
    """Return `in`, `in~`, `has_any`, `has_all` and their negations over a list, a dynamic array or a query."""
    negated = node.operator.startswith("!")
    operator = node.operator.removeprefix("!")
    subject = expressions.bind_expression(context, node.subject, scope)
    if len(node.items) == 1 and pipeline.is_tabular(context, node.items[0], scope.names):
        query = pipeline.bind_tabular(context, node.items[0], scope.names)
        if operator not in ("in", "in~"):
            return _has_any_of_query(operator, subject, query, negated=negated, span=node.span)
        return _in_query(subject, query, negated=negated, ignore_case=operator == "in~", span=node.span)
    items = tuple(
        part for item in node.items for part in _items(expressions.bind_expression(context, item, scope))
    )
    call = _membership_call(operator, subject, items, node.span)
    return bound.Call("not", (call,), T.BOOL, node.span) if negated else call


def _in_query(
    subject: bound.Expression, query: bound.Operator, *, negated: bool, ignore_case: bool, span: Span
) -> bound.Expression:
    wanted = query.schema.columns[0].type
    if subject.type is T.DYNAMIC or wanted is T.STRING:
        subject = convert(subject, wanted)
    return bound.InQuery(subject, query, negated, ignore_case, span)


def _has_any_of_query(
    operator: str, subject: bound.Expression, query: bound.Operator, *, negated: bool, span: Span
) -> bound.Expression:
    column = query.schema.columns[0]
    value = convert(bound.ColumnReference(column.name, column.type), T.STRING)
    collected = bound.AggregateCall("make_set", (value,), T.DYNAMIC, span)
    gathered = bound.Summarize(
        query, (), (bound.Output("terms", collected),), pipeline.schema_of((("terms", T.DYNAMIC),))
    )
    terms = bound.ScalarQuery(gathered, T.DYNAMIC, span)
    call = bound.Call(operator, (convert(subject, T.STRING), terms), T.BOOL, span)
    return bound.Call("not", (call,), T.BOOL, span) if negated else call


def _items(item: bound.Expression) -> tuple[bound.Expression, ...]:
    """A constant dynamic array stands for its elements."""
    if isinstance(item, bound.Literal) and item.type is T.DYNAMIC and isinstance(item.value, str):
        elements = pipeline.elements_of(item)
        return elements if elements is not None else (item,)
    if isinstance(item, bound.Call) and item.function == "pack_array":
        return item.arguments
    return (item,)


def _membership_call(
    operator: str, subject: bound.Expression, items: tuple[bound.Expression, ...], span: Span
) -> bound.Call:
    if operator != "in":
        return bound.Call(
            operator, (convert(subject, T.STRING), *(_as_text(item) for item in items)), T.BOOL, span
        )
    calls = [
        bound.Call(
            "in", (convert(subject, T.STRING) if subject.type is T.DYNAMIC else subject, item), T.BOOL, span
        )
        for item in items
        if item.type is T.DYNAMIC
    ]
    listed: dict[bound.Expression, list[bound.Expression]] = {}
    for item in items:
        if item.type is not T.DYNAMIC:
            aligned, value = bind_comparison("==", subject, item, span).arguments
            listed.setdefault(aligned, []).append(value)
    calls += [bound.Call("in", (aligned, *values), T.BOOL, span) for aligned, values in listed.items()]
    if not calls:
        return bound.Call("in", (subject,), T.BOOL, span)
    return reduce(lambda left, right: bound.Call("or", (left, right), T.BOOL, span), calls)


def _as_text(item: bound.Expression) -> bound.Expression:
    return item if item.type is T.DYNAMIC else convert(item, T.STRING)


def call_scalar_function(
    context: BindContext,
    binding: FunctionBinding,
    arguments: tuple[syntax.Argument, ...],
    span: Span,
    scope: Scope,
) -> bound.Expression:
    """Return the value of a user function's body with its parameters bound; refused when it calls itself."""
    if scope.names.depth >= MAX_FUNCTION_DEPTH:
        raise refusal(
            TOO_COMPLEX,
            f"'{binding.name}' calls itself, or functions nest deeper than {MAX_FUNCTION_DEPTH}",
            span,
        )
    names = bind_parameters(context, binding, arguments, span, scope)
    body_scope = Scope(names, allows_aggregates=scope.allows_aggregates, is_serialized=scope.is_serialized)
    with saved.inside(context, binding, span):
        return pipeline.bind_scalar_body(context, binding.literal.body, body_scope)


__all__ = [
    "ScalarBinding",
    "bind_membership",
    "bind_scalar_pipeline",
    "call_scalar_function",
    "find_special_form",
]
