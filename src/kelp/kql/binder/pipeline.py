"""Tabular expressions: sources, and the operators after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import entities, graphs, operators_table, sources, statements
from kelp.kql.binder.make_graph import bind_make_graph
from kelp.kql.binder.saved import bind_stored
from kelp.kql.binder.scope import (
    FunctionBinding,
    GraphBinding,
    NameScope,
    PatternBinding,
    Scope,
    TabularBinding,
)
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, QueryRefusedError, refusal
from kelp.kql.json_text import elements_of
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext
    from kelp.kql.text import Span

    Relation = bound.Operator | bound.Graph

TABULAR_CALLS = frozenset(
    {"materialize", "table", "view", "union", "externaldata", "datatable", "find", "search"}
)


def is_tabular(context: BindContext, node: syntax.Expression, names: NameScope) -> bool:
    """Tell whether the expression gives a table, without binding it."""
    match node:
        case syntax.PipelineExpression(pipeline=only):
            if only.operators or not isinstance(only.source, syntax.ExpressionSource):
                return True
            return is_tabular(context, only.source.value, names)
        case syntax.NameExpression(name=name):
            binding = names.find(name)
            if isinstance(binding, FunctionBinding):
                return statements.is_tabular_body(context, binding)
            if binding is not None:
                return isinstance(binding, (TabularBinding, PatternBinding, GraphBinding))
            return sources.find_table(context, name) is not None or _is_tabular_saved(context, name, names)
        case syntax.Call(name=called):
            binding = names.find(called.text)
            if isinstance(binding, FunctionBinding):
                return statements.is_tabular_body(context, binding)
            if isinstance(binding, PatternBinding) or called.text in TABULAR_CALLS:
                return True
            return called.text not in context.functions.scalars and _is_tabular_saved(
                context, called.text, names
            )
        case (
            syntax.Member(target=syntax.Call(name=called)) | syntax.Index(target=syntax.Call(name=called))
        ) if isinstance(names.find(called.text), PatternBinding):
            return True
        case syntax.Member(target=target):
            return entities.is_database_path(target, names)
        case syntax.QualifiedCall() | syntax.WildcardName():
            return True
        case _:
            return False


def _is_tabular_saved(context: BindContext, name: str, names: NameScope) -> bool:
    """Tell whether there is a saved function of that name that gives a table; one that calls itself gives none."""
    stored = context.provider.find_function(name) if names.shows(None, name) else None
    if stored is None or name in context.examined:
        return False
    context.examined.add(name)
    try:
        return statements.is_tabular_body(context, bind_stored(stored, NOWHERE))
    except QueryRefusedError:
        # Whoever calls it is told what is wrong with it.
        return True
    finally:
        context.examined.discard(name)


def bind_tabular(context: BindContext, node: syntax.Expression, names: NameScope) -> bound.Operator:
    """Return the operator of an expression that gives a table; raises `QueryRefusedError` where it does not."""
    return require_table(bind_relation(context, node, names), node.span)


def bind_relation(context: BindContext, node: syntax.Expression, names: NameScope) -> Relation:
    """Return the table or the graph that an expression gives."""
    if isinstance(node, syntax.PipelineExpression):
        return _bind_whole(context, node.pipeline, names)
    return graphs.find_graph(context, node, names) or sources.bind_expression_source(context, node, names)


def bind_pipeline(context: BindContext, pipeline: syntax.Pipeline, names: NameScope) -> bound.Operator:
    """Return the chain of operators of a pipeline. Names that `as` binds are known to the operators after it."""
    return require_table(_bind_whole(context, pipeline, names), pipeline.span)


def _bind_whole(context: BindContext, pipeline: syntax.Pipeline, names: NameScope) -> Relation:
    source = pipeline.source
    current: Relation | None = None
    if isinstance(source, syntax.ExpressionSource):
        current = graphs.find_graph(context, source.value, names)
    if current is None:
        current = sources.bind_source(context, source, names)
    return bind_chain(context, pipeline.operators, current, names)


def bind_operators(
    context: BindContext, operators: Iterable[syntax.Operator], current: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return `current` with the operators applied in order."""
    nodes = tuple(operators)
    return require_table(bind_chain(context, nodes, current, names), nodes[-1].span if nodes else NOWHERE)


def bind_chain(
    context: BindContext, operators: Iterable[syntax.Operator], current: Relation, names: NameScope
) -> Relation:
    """Return a table or a graph with the operators applied in order."""
    for operator in operators:
        if isinstance(operator, syntax.Render):
            raise refusal(NOT_ALLOWED_HERE, "'render' must be the last operator of a query", operator.span)
        if isinstance(operator, syntax.As):
            if isinstance(current, bound.Graph):
                names = names.define(operator.name.text, GraphBinding(current))
                continue
            current = _bind_as(context, operator, current)
            names = names.define(operator.name.text, TabularBinding(current))
        elif isinstance(current, bound.Graph):
            current = graphs.bind_graph_operator(context, operator, current, names)
        elif isinstance(operator, syntax.MakeGraph):
            current = bind_make_graph(context, operator, current, names)
        else:
            current = operators_table.bind_operator(context, operator, current, names)
    return current


def require_table(value: Relation, span: Span) -> bound.Operator:
    """Return the value if it is a table; raises `QueryRefusedError` for a graph."""
    if isinstance(value, bound.Graph):
        hint = "end with graph-match, graph-shortest-paths or graph-to-table"
        raise refusal(NOT_ALLOWED_HERE, "a table is expected here, and this is a graph", span, hint)
    return value


def _bind_as(context: BindContext, operator: syntax.As, current: bound.Operator) -> bound.Shared:
    options = {option.name.lower(): option.value for option in operator.options}
    is_materialized = options.get("hint.materialized")
    if isinstance(is_materialized, syntax.Literal) and is_materialized.value is True:
        current = bound.Shared(context.unique_name("materialized_"), current, is_materialized=True)
    return bound.Shared(operator.name.text, current)


def bind_scalar_body(context: BindContext, body: syntax.QueryBlock, scope: Scope) -> bound.Expression:
    """Return the value of a function body that ends in a scalar expression."""
    return statements.bind_scalar_block(context, body, scope)


def schema_of(columns: Iterable[tuple[str, ScalarType]]) -> RowSchema:
    """Return a schema from (name, type) pairs."""
    return RowSchema(tuple(Column(name, kind) for name, kind in columns))


__all__ = [
    "Column", "bind_chain", "bind_operators", "bind_pipeline", "bind_relation", "bind_scalar_body", "bind_tabular",
    "elements_of", "is_tabular", "require_table", "schema_of",
]  # fmt: skip
