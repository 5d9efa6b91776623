"""The rows that a search gets of nodes and edges, and expressions over chains beside other variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.graph_elements import GraphElements, GraphPart, as_outputs, rows_of
from kelp.kql.binder.graph_tables import with_degrees, with_keys
from kelp.kql.binder.project import extend_columns, project_columns, reference
from kelp.kql.binder.references import replace_references
from kelp.kql.bound import ColumnReference, Literal, Output
from kelp.kql.graph_pattern import ListOfChain, OfEdge, OfNode, TestOfChain
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.graph_elements import OverChain
    from kelp.kql.graph_pattern import GraphKeys, GraphPattern, Taken

_BAGS, _ITEM, _FOUND = "$bags", "$item", "$found"


def make_rows(
    elements: GraphElements, pattern: GraphPattern, taken: Iterable[Taken]
) -> tuple[bound.Operator, bound.Operator, GraphKeys]:
    """Return nodes and edges with the columns that the pattern and what is taken of it need, and the keys.

    Rows that no variable may stand for are left out.
    """
    graph = with_degrees(elements.graph) if elements.reads_degrees else elements.graph
    nodes, edges, keys = with_keys(graph)
    wanted = _wanted(pattern, taken)
    inner = [edge.inner_flag for edge in pattern.edges if edge.hops is not None and edge.hops[1] > 1]
    node_rows = _rows(
        elements, GraphPart.NODES, nodes, wanted, [*(node.flag for node in pattern.nodes), *inner]
    )
    edge_rows = _rows(elements, GraphPart.EDGES, edges, wanted, [edge.flag for edge in pattern.edges])
    return (
        _keep(node_rows, {keys.node, *wanted[GraphPart.NODES]}),
        _keep(edge_rows, {keys.source, keys.target, *wanted[GraphPart.EDGES]}),
        keys,
    )


def _wanted(pattern: GraphPattern, taken: Iterable[Taken]) -> dict[GraphPart, set[str]]:
    found: dict[GraphPart, set[str | None]] = {
        GraphPart.NODES: {node.flag for node in pattern.nodes} | {edge.inner_flag for edge in pattern.edges},
        GraphPart.EDGES: {edge.flag for edge in pattern.edges},
    }
    for one in taken:
        match one:
            case OfNode():
                found[GraphPart.NODES].add(one.column)
            case OfEdge():
                found[GraphPart.EDGES].add(one.column)
            case ListOfChain() | TestOfChain():
                found[rows_of(one.part)].add(one.column)
    return {part: {name for name in names if name is not None} for part, names in found.items()}


def _rows(
    elements: GraphElements,
    part: GraphPart,
    rows: bound.Operator,
    wanted: dict[GraphPart, set[str]],
    flags: list[str | None],
) -> bound.Operator:
    computed = {name: value for name, value in elements.computed[part].items() if name in wanted[part]}
    if computed:
        rows = extend_columns(rows, as_outputs(computed))
    named = [name for name in flags if name is not None]
    if not named or len(named) < len(flags):
        return rows
    fits = tuple(ColumnReference(name, T.BOOL) for name in dict.fromkeys(named))
    return bound.Where(rows, fits[0] if len(fits) == 1 else bound.Call("or", fits, T.BOOL))


def _keep(rows: bound.Operator, names: set[str]) -> bound.Operator:
    return project_columns(
        rows, tuple(reference(column) for column in rows.schema.columns if column.name in names)
    )


# --- chains beside other variables -----------------------------------------------------------------------------------


def apply_over_chain(rows: bound.Operator, name: str, over: OverChain) -> bound.Operator:
    """Return the matches with a column for an expression over a chain's rows, expanded beside the match.

    A chain without rows expands to one null, which nothing counts.
    """
    bags = ColumnReference(over.bags, T.DYNAMIC)
    is_empty = bound.Call("==", (bags, Literal(T.DYNAMIC, "[]")), T.BOOL)
    padded = bound.Call("iff", (is_empty, Literal(T.DYNAMIC, "[null]"), bags), T.DYNAMIC)
    rows = extend_columns(rows, (Output(_BAGS, padded),))
    item = ColumnReference(_ITEM, T.DYNAMIC)
    expanded = RowSchema((*rows.schema.columns, Column(_ITEM, T.DYNAMIC)))
    own = {
        column.name: convert(
            bound.Call("dynamic_member", (item, Literal(T.STRING, column.name)), T.DYNAMIC), column.type
        )
        for column in over.own
    }
    value = replace_references(over.value, own)
    found, result = _gathered(over, value, item, is_empty)
    schema = RowSchema((Column(_FOUND, found.type),))
    body = bound.Summarize(bound.ApplyInput(expanded), (), (Output(_FOUND, found),), schema)
    whole = RowSchema((*rows.schema.columns, *schema.columns))
    applied = bound.MvApply(
        rows, (bound.Expansion(_ITEM, ColumnReference(_BAGS, T.DYNAMIC), T.DYNAMIC),), None, None, body, whole
    )
    kept = tuple(reference(column) for column in rows.schema.columns if column.name != _BAGS)
    return project_columns(applied, (*kept, Output(name, result)))


def _gathered(
    over: OverChain, value: bound.Expression, item: ColumnReference, is_empty: bound.Expression
) -> tuple[bound.AggregateCall, bound.Expression]:
    """Return what is gathered of the rows, and the value that it makes."""
    if over.is_all is None:
        gathered = bound.AggregateCall("make_list_with_nulls", (value,), T.DYNAMIC)
        found = ColumnReference(_FOUND, T.DYNAMIC)
        return gathered, bound.Call("iff", (is_empty, Literal(T.DYNAMIC, "[]"), found), T.DYNAMIC)
    is_row = bound.Call("isnotnull", (item,), T.BOOL)
    truth = convert(value, T.BOOL)
    yes, no = Literal(T.BOOL, value=not over.is_all), Literal(T.BOOL, value=over.is_all)
    counted = bound.Call("and", (is_row, bound.Call("iff", (truth, yes, no), T.BOOL)), T.BOOL)
    gathered = bound.AggregateCall("countif", (counted,), T.LONG)
    zero = Literal(T.LONG, 0)
    found = ColumnReference(_FOUND, T.LONG)
    if over.is_all:
        return gathered, bound.Call("==", (found, zero), T.BOOL)
    return gathered, bound.Call(">", (found, zero), T.BOOL)
