"""The conditions of a pattern: which are on one node or edge alone, and which on whole matches.

A property of a chain of edges stands for that of each edge: a condition holds for all of them, and what is projected is
an array. Where a function wants the array itself, it gets it (rule GRAPH-6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.graph_elements import EachOfChain, GraphElements, GraphPart, rows_of
from kelp.kql.binder.graph_functions import chains_refusal, over_chain, reads_others
from kelp.kql.binder.references import references_of, replace_references
from kelp.kql.diagnostics import WRONG_TYPE, QueryRefusedError, refusal
from kelp.kql.graph_pattern import ChainPart, OfEdge, OfNode, TestOfChain
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope

_Conditions = dict[int, list[bound.Expression]]


@dataclass(slots=True)
class GraphConditions:
    """Conditions over rows of nodes and edges, by variable, and those `over_matches`."""

    on_rows: dict[GraphPart, _Conditions] = field(default_factory=lambda: {part: {} for part in GraphPart})
    on_inner_nodes: _Conditions = field(default_factory=dict)
    over_matches: list[bound.Expression] = field(default_factory=list)

    def flags(self, elements: GraphElements, part: GraphPart) -> dict[int, str]:
        """Return the column of nodes or edges that says which of them each variable may stand for."""
        return {variable: _flag(elements, part, found) for variable, found in self.on_rows[part].items()}

    def inner_flag(self, elements: GraphElements, variable: int) -> str | None:
        """Return the column that says which nodes a chain may pass."""
        found = self.on_inner_nodes.get(variable)
        return None if found is None else _flag(elements, GraphPart.NODES, found)


def _flag(elements: GraphElements, part: GraphPart, conditions: list[bound.Expression]) -> str:
    whole = conditions[0] if len(conditions) == 1 else bound.Call("and", tuple(conditions), T.BOOL)
    return elements.compute(part, whole)


def bind_conditions(context: BindContext, node: syntax.Expression | None, scope: Scope) -> GraphConditions:
    """Return the conditions of `where`, each decided as early as it can be."""
    conditions = GraphConditions()
    assert scope.elements is not None
    for part in _conjuncts(node) if node is not None else ():
        value = bind_by_edge(context, part, scope, is_condition=True)
        if value.type not in (T.BOOL, T.DYNAMIC):
            raise refusal(WRONG_TYPE, f"a condition is expected here, not a {value.type}", part.span)
        _sort_in(conditions, scope.elements, convert(value, T.BOOL))
    return conditions


def _conjuncts(node: syntax.Expression) -> Iterator[syntax.Expression]:
    match node:
        case syntax.Binary(operator="and"):
            yield from _conjuncts(node.left)
            yield from _conjuncts(node.right)
        case syntax.PipelineExpression(pipeline=only) if not only.operators and isinstance(
            only.source, syntax.ExpressionSource
        ):
            yield from _conjuncts(only.source.value)
        case _:
            yield node


def bind_by_edge(
    context: BindContext, node: syntax.Expression, scope: Scope, *, is_condition: bool
) -> bound.Expression:
    """Return an expression over matches; one over the edges of a chain is a test of all, or an array."""
    elements = scope.elements
    assert elements is not None
    elements.by_edge = bool(elements.chains)
    try:
        value = expressions.bind_expression(context, node, scope)
    except QueryRefusedError:
        elements.by_edge = False
        value = expressions.bind_expression(context, node, scope)
    finally:
        elements.by_edge = False
    chains: dict[int, dict[str, bound.Expression]] = {}
    for name in references_of(value):
        asked, kind = elements.asked.get(name, (None, T.DYNAMIC))
        if isinstance(asked, EachOfChain):
            chains.setdefault(asked.variable, {})[name] = bound.ColumnReference(asked.column, kind)
    if not chains:
        return value
    if len(chains) > 1:
        raise chains_refusal(node.span)
    ((place, columns),) = chains.items()
    variable = next(name for name, found in elements.edges.items() if found == place)
    value = replace_references(value, columns)
    if reads_others(elements, value):
        return over_chain(elements, variable, ChainPart.EDGES, value, is_all=True if is_condition else None)
    if is_condition:
        return elements.test_of(variable, ChainPart.EDGES, value, is_all=True)
    return elements.list_of(variable, ChainPart.EDGES, value)


def _sort_in(conditions: GraphConditions, elements: GraphElements, value: bound.Expression) -> None:
    names = references_of(value)
    asked = [elements.asked[name] for name in names]
    match [one for one, _ in asked]:
        case [TestOfChain(is_all=True) as test] if isinstance(value, bound.ColumnReference):
            part = rows_of(test.part)
            found = elements.value_of(part, test.column, T.BOOL)
            places = conditions.on_inner_nodes if part is GraphPart.NODES else conditions.on_rows[part]
            places.setdefault(test.variable, []).append(found)
        case [OfNode() | OfEdge() as first, *rest] if all(
            type(one) is type(first) and getattr(one, "variable", None) == first.variable for one in rest
        ):
            part = GraphPart.NODES if isinstance(first, OfNode) else GraphPart.EDGES
            own = {
                name: elements.value_of(part, one.column, kind)
                for name, (one, kind) in ((name, elements.asked[name]) for name in names)
                if isinstance(one, OfNode | OfEdge)
            }
            conditions.on_rows[part].setdefault(first.variable, []).append(replace_references(value, own))
        case _:
            conditions.over_matches.append(value)
