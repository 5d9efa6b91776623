"""Graphs in tabular expressions: where they come from, and the operators that work on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import statements
from kelp.kql.binder.graph_match import bind_graph_match
from kelp.kql.binder.graph_tables import bind_graph_to_table, bind_graph_where, bind_mark_components
from kelp.kql.binder.scope import FunctionBinding, GraphBinding, NameScope, Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, UNSUPPORTED, refusal

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext


def find_graph(context: BindContext, node: syntax.Expression, names: NameScope) -> bound.Graph | None:
    """Return the graph that an expression stands for; None where it is no graph.

    A function whose body is bound to find this out is bound with its parameters, as its call would be.
    """
    from kelp.kql.binder import pipeline  # noqa: PLC0415 - pipelines begin with graphs, and graphs are pipelines

    match node:
        case syntax.NameExpression(name=name):
            binding = names.find(name)
            if isinstance(binding, GraphBinding):
                return binding.graph
            if isinstance(binding, FunctionBinding) and _may_give_graph(binding):
                return _graph_of_call(context, binding, (), node, names)
        case syntax.Call(name=called):
            binding = names.find(called.text)
            if isinstance(binding, FunctionBinding):
                if _may_give_graph(binding):
                    return _graph_of_call(context, binding, node.arguments, node, names)
            elif called.text == "graph":
                hint = "make it in the query, with make-graph"
                message = "'graph(...)' names a stored graph model, which Kelp does not have"
                raise refusal(UNSUPPORTED, message, node.span, hint)
        case syntax.PipelineExpression(pipeline=only):
            if isinstance(only.source, syntax.ExpressionSource) and not only.operators:
                return find_graph(context, only.source.value, names)
            if any(isinstance(operator, syntax.MakeGraph) for operator in only.operators):
                relation = pipeline.bind_relation(context, node, names)
                return relation if isinstance(relation, bound.Graph) else None
    return None


def _may_give_graph(binding: FunctionBinding) -> bool:
    last = binding.literal.body.statements[-1] if binding.literal.body.statements else None
    value = last.value if isinstance(last, syntax.QueryStatement) else None
    if not isinstance(value, syntax.PipelineExpression) or not value.pipeline.operators:
        return False
    return isinstance(value.pipeline.operators[-1], _GRAPH_MAKERS)


_GRAPH_MAKERS = (syntax.MakeGraph, syntax.GraphMarkComponents, syntax.GraphWhere)


def _graph_of_call(
    context: BindContext,
    binding: FunctionBinding,
    arguments: tuple[syntax.Argument, ...],
    node: syntax.Expression,
    names: NameScope,
) -> bound.Graph | None:
    from kelp.kql.binder.functions import bind_parameters  # noqa: PLC0415 - parameters are pipelines too

    statements.check_depth(binding.name, names, node.span)
    inner = bind_parameters(context, binding, arguments, node.span, Scope(names))
    relation = statements.bind_relation_block(context, binding.literal.body, inner)
    return relation if isinstance(relation, bound.Graph) else None


def bind_named_tables(
    context: BindContext, node: syntax.Expression, names: NameScope
) -> tuple[tuple[str, bound.Operator], ...]:
    """Return the tables that a statement ending in `graph-to-table ... as` names, none of another one."""
    from kelp.kql.binder import pipeline  # noqa: PLC0415 - pipelines begin with graphs, and graphs are pipelines

    operators = node.pipeline.operators if isinstance(node, syntax.PipelineExpression) else ()
    last = operators[-1] if operators else None
    if not isinstance(node, syntax.PipelineExpression) or not isinstance(last, syntax.GraphToTable):
        return ()
    if all(name is None for _, name, _ in last.outputs):
        return ()
    front = syntax.Pipeline(node.pipeline.span, node.pipeline.source, operators[:-1])
    graph = pipeline.bind_relation(context, syntax.PipelineExpression(node.span, front), names)
    if not isinstance(graph, bound.Graph):
        return ()
    tables = bind_graph_to_table(context, last, graph)
    return tuple((name.text, operator) for name, operator in tables if name is not None)


def bind_graph_operator(
    context: BindContext, node: syntax.Operator, graph: bound.Graph, names: NameScope
) -> bound.Graph | bound.Operator:
    """Return what an operator makes of a graph; those of tables are refused."""
    match node:
        case syntax.GraphMatch():
            return bind_graph_match(context, node, graph, names)
        case syntax.GraphMarkComponents():
            return bind_mark_components(node, graph)
        case syntax.GraphWhere():
            return bind_graph_where(context, node, graph, names)
        case syntax.GraphToTable():
            tables = bind_graph_to_table(context, node, graph)
            if len(tables) > 1:
                message = "'graph-to-table' gives several tables here, so it must end a statement"
                raise refusal(NOT_ALLOWED_HERE, message, node.span)
            return tables[0][1]
        case _:
            hint = "graph-match or graph-to-table make a table of it"
            raise refusal(NOT_ALLOWED_HERE, "this operator does not work on a graph", node.span, hint)


__all__ = ["bind_graph_operator", "bind_named_tables", "find_graph"]
