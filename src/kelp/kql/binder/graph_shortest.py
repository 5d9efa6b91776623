"""The shortest of matches that were found whatever their length: what is left where conditions look at whole paths."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.graph_elements import GraphElements, GraphPart
from kelp.kql.binder.project import extend_columns
from kelp.kql.bound import ColumnReference, JoinOutput, Literal, Output
from kelp.kql.graph_pattern import ChainPart, ListOfChain, OfNode, Shortest
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext

_LENGTH, _LEAST = "$length", "$least"


def ask_length(elements: GraphElements, edge_count: int) -> bound.Expression:
    """Return how many edges a match has; `edge_count` is the number of edge variables."""
    column = elements.compute(GraphPart.EDGES, bound.Call("pack_array", (Literal(T.LONG, 1),), T.DYNAMIC))
    chains = [
        elements.ask(ListOfChain(place, ChainPart.EDGES, column), T.DYNAMIC) for place in elements.chains
    ]
    single: bound.Expression = Literal(T.LONG, edge_count - len(chains))
    lengths = (bound.Call("array_length", (chain,), T.LONG) for chain in chains)
    return reduce(lambda left, right: bound.Call("+", (left, right), T.LONG), lengths, single)


def ask_ends(elements: GraphElements, variables: Iterable[int]) -> tuple[ColumnReference, ...]:
    """Return columns that tell apart the nodes of these variables, none of them null."""
    graph = elements.graph
    keys = (graph.id,) if graph.partition is None else (graph.partition, graph.id)
    column = elements.compute(GraphPart.NODES, bound.Call("pack_array", keys, T.DYNAMIC))
    return tuple(elements.ask(OfNode(variable, column), T.DYNAMIC) for variable in dict.fromkeys(variables))


def choose_shortest(
    context: BindContext,
    rows: bound.Operator,
    length: bound.Expression,
    ends: tuple[ColumnReference, ...],
    shortest: Shortest,
) -> bound.Operator:
    """Return, for each of the ends, one of the shortest matches, or all of them."""
    found = ColumnReference(_LENGTH, T.LONG)
    measured: bound.Operator = extend_columns(rows, (Output(_LENGTH, length),))
    if shortest is Shortest.ANY:
        by_length = bound.SortKey(found, descending=False, nulls_first=False)
        return bound.Take(bound.Sort(measured, (by_length,)), Literal(T.LONG, 1), ends)
    measured = bound.Shared(context.unique_name("materialized_"), measured, is_materialized=True)
    keys = tuple(Output(end.name, end) for end in ends)
    least = Output(_LEAST, bound.AggregateCall("min", (found,), T.LONG))
    schema = RowSchema((*(Column(end.name, end.type) for end in ends), Column(_LEAST, T.LONG)))
    grouped = bound.Summarize(measured, keys, (least,), schema)
    passed = tuple(JoinOutput(column.name, column.name, is_left=True) for column in measured.schema.columns)
    pairs = ((found, ColumnReference(_LEAST, T.LONG)), *((end, end) for end in ends))
    return bound.Join("inner", measured, grouped, pairs, passed, measured.schema)
