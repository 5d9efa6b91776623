"""Functions over the variables of a graph pattern (rules GRAPH-6 to GRAPH-8).

`map(e, x)`, `all(e, x)` and `any(e, x)` see the properties of the edges, or of the nodes between them with
`inner_nodes(e)`, by their names alone. The others are of the variable named, or in there of the row at hand.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.graph_elements import (
    DEGREE_IN,
    DEGREE_OUT,
    EachOfChain,
    GraphElements,
    GraphPart,
    OverChain,
    bag_of,
    rows_of,
)
from kelp.kql.binder.references import references_of, replace_references
from kelp.kql.binder.scope import Scope
from kelp.kql.bound import ColumnReference, Literal
from kelp.kql.diagnostics import (
    NOT_ALLOWED_HERE,
    UNKNOWN_NAME,
    UNSUPPORTED,
    WRONG_ARGUMENTS,
    WRONG_TYPE,
    QueryRefusedError,
    refusal,
)
from kelp.kql.graph_pattern import ChainPart
from kelp.kql.types import Column
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.special import SpecialForm
    from kelp.kql.text import Span


@cache
def graph_functions() -> Mapping[str, SpecialForm]:
    """Return how to bind the calls of graph functions, which stand in graph operators only, by name."""
    return {
        "map": _bind_map,
        "all": _bind_test,
        "any": _bind_test,
        "inner_nodes": _bind_inner_nodes,
        "labels": _bind_labels,
        "node_id": _bind_node_id,
        "node_degree_in": _bind_degree,
        "node_degree_out": _bind_degree,
    }


def find_graph_function(name: str) -> SpecialForm | None:
    """Return how to bind a call of that name inside of a graph operator, where it is a graph function."""
    return graph_functions().get(name)


def _elements(scope: Scope) -> GraphElements:
    assert scope.elements is not None
    return scope.elements


# --- over chains -----------------------------------------------------------------------------------------------------


def _subject(node: syntax.Call, scope: Scope) -> tuple[str, ChainPart]:
    """Return the variable that a function goes over, and whether its edges or the nodes between them."""
    if len(node.arguments) != 2:
        message = f"'{node.name.text}' takes an edge, or inner_nodes() of one, and an expression"
        raise refusal(WRONG_ARGUMENTS, message, node.span)
    value, part = node.arguments[0].value, ChainPart.EDGES
    if isinstance(value, syntax.Call) and value.name.text == "inner_nodes" and len(value.arguments) == 1:
        value, part = value.arguments[0].value, ChainPart.INNER_NODES
    if not isinstance(value, syntax.NameExpression) or value.name not in _elements(scope).edges:
        hint = "name an edge of the pattern: map(edge, ...) or map(inner_nodes(edge), ...)"
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' goes over an edge", value.span, hint)
    return value.name, part


def _bind_over(
    context: BindContext, node: syntax.Call, scope: Scope
) -> tuple[str, ChainPart, bound.Expression]:
    variable, part = _subject(node, scope)
    rows = rows_of(part)
    inner = Scope(scope.names, _elements(scope).row_of(rows), elements=scope.elements, element=rows)
    return variable, part, expressions.bind_expression(context, node.arguments[1].value, inner)


def _bind_map(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """Values of a chain (GRAPH-6, GRAPH-7); of a single edge an array of one."""
    elements = _elements(scope)
    variable, part, value = _bind_over(context, node, scope)
    if elements.is_chain(variable):
        if reads_others(elements, value):
            return over_chain(elements, variable, part, value, is_all=None)
        return elements.list_of(variable, part, value)
    if part is ChainPart.INNER_NODES:
        return Literal(T.DYNAMIC, "[]")
    return bound.Call("pack_array", (_of_one(elements, variable, value),), T.DYNAMIC, node.span)


def _bind_test(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """Whether all, or any, of a chain fit (GRAPH-7)."""
    elements = _elements(scope)
    variable, part, value = _bind_over(context, node, scope)
    if value.type not in (T.BOOL, T.DYNAMIC):
        raise refusal(WRONG_TYPE, f"'{node.name.text}' takes a condition, not a {value.type}", value.span)
    is_all = node.name.text == "all"
    if elements.is_chain(variable):
        if reads_others(elements, value):
            return over_chain(elements, variable, part, value, is_all=is_all)
        return elements.test_of(variable, part, value, is_all=is_all)
    if part is ChainPart.INNER_NODES:
        return Literal(T.BOOL, is_all)
    return convert(_of_one(elements, variable, value), T.BOOL)


def _of_one(elements: GraphElements, variable: str, value: bound.Expression) -> bound.Expression:
    """Return an expression over an edge's row, for the one edge that the variable stands for."""
    own = {
        column.name: elements.take(variable, column.name, column.type)
        for column in elements.row_of(GraphPart.EDGES).columns
        if column.name in references_of(value)
    }
    return replace_references(value, own)


def reads_others(elements: GraphElements, value: bound.Expression) -> bool:
    """Tell whether an expression over a chain's rows reads what other variables stand for."""
    return any(name in elements.asked for name in references_of(value))


def over_chain(
    elements: GraphElements, variable: str, part: ChainPart, value: bound.Expression, *, is_all: bool | None
) -> ColumnReference:
    """Return a list of values, or a test, over a chain's rows beside what other variables stand for."""
    read = references_of(value)
    if any(isinstance(elements.asked[name][0], EachOfChain) for name in read if name in elements.asked):
        raise chains_refusal(value.span)
    own = tuple(column for column in _columns_of(elements, rows_of(part)) if column.name in read)
    bags = elements.list_of(variable, part, bag_of(own))
    kind = T.DYNAMIC if is_all is None else T.BOOL
    return elements.ask(OverChain(bags.name, value, own, is_all), kind)


def _columns_of(elements: GraphElements, part: GraphPart) -> tuple[Column, ...]:
    if part is GraphPart.EDGES:
        return elements.graph.edges.schema.columns
    return (*elements.graph.nodes.schema.columns, Column(DEGREE_IN, T.LONG), Column(DEGREE_OUT, T.LONG))


def chains_refusal(span: Span) -> QueryRefusedError:
    """Return the refusal of an expression over the rows of two chains."""
    hint = "give each chain a map(), all() or any() of its own"
    return refusal(UNSUPPORTED, "an expression over two chains of edges is not supported by Kelp", span, hint)


def _bind_inner_nodes(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """The nodes between the edges of a chain, for what goes over them (GRAPH-7)."""
    del context, scope
    hint = "write map(inner_nodes(edge), property)"
    message = "'inner_nodes' stands in map(), all() and any() only"
    raise refusal(NOT_ALLOWED_HERE, message, node.span, hint)


# --- of one node or edge ---------------------------------------------------------------------------------------------


def _variable(node: syntax.Call, scope: Scope, *, nodes_only: bool) -> str | None:
    """Return the variable that a function is asked of; None for the row at hand."""
    elements = _elements(scope)
    if not node.arguments and scope.element is not None:
        if nodes_only and scope.element is GraphPart.EDGES:
            hint = "go over inner_nodes(edge)"
            raise refusal(NOT_ALLOWED_HERE, f"'{node.name.text}' is of a node", node.span, hint)
        return None
    value = node.arguments[0].value if len(node.arguments) == 1 else None
    if not isinstance(value, syntax.NameExpression):
        what = "a node" if nodes_only else "a node or an edge"
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' takes {what} of the pattern", node.span)
    if value.name not in elements.nodes and (nodes_only or value.name not in elements.edges):
        message = f"the pattern has no node '{value.name}'"
        raise refusal(UNKNOWN_NAME, message, value.span)
    return value.name


def _bind_labels(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """Only stored graphs have labels (GRAPH-8)."""
    del context
    _variable(node, scope, nodes_only=False)
    return Literal(T.DYNAMIC, "[]", node.span)


def _bind_node_id(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """The id as text (GRAPH-8)."""
    del context
    elements = _elements(scope)
    variable = _variable(node, scope, nodes_only=True)
    column = elements.graph.id
    return convert(
        column if variable is None else elements.take(variable, column.name, column.type), T.STRING
    )


def _bind_degree(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """How many edges there are (GRAPH-8)."""
    del context
    elements = _elements(scope)
    variable = _variable(node, scope, nodes_only=True)
    elements.reads_degrees = True
    name = DEGREE_IN if node.name.text == "node_degree_in" else DEGREE_OUT
    if variable is None:
        return ColumnReference(name, T.LONG)
    return elements.take(variable, name, T.LONG)
