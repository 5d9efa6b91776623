"""Graphs as tables: keys and degrees of nodes, `graph-to-table`, `graph-mark-components`, `graph-where-*`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.graph_elements import DEGREE_IN, DEGREE_OUT
from kelp.kql.binder.project import extend_columns, project_columns, reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.bound import ColumnReference, JoinOutput, Literal, Output
from kelp.kql.diagnostics import DUPLICATE_NAME, SYNTAX, UNSUPPORTED, WRONG_TYPE, refusal
from kelp.kql.graph_pattern import GraphKeys
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext

_KEYS = GraphKeys("$key", "$source_key", "$target_key")


def key_of(graph: bound.Graph, column: ColumnReference) -> bound.Expression:
    """Return what tells a node apart by its id, in the nodes or at an edge's end: the partition counts too."""
    if graph.partition is None:
        return column
    return bound.Call("pack_array", (graph.partition, column), T.DYNAMIC)


def with_keys(graph: bound.Graph) -> tuple[bound.Operator, bound.Operator, GraphKeys]:
    """Return nodes and edges with columns that tell nodes apart, and these."""
    nodes = extend_columns(graph.nodes, (Output(_KEYS.node, key_of(graph, graph.id)),))
    ends = (
        Output(_KEYS.source, key_of(graph, graph.source)),
        Output(_KEYS.target, key_of(graph, graph.target)),
    )
    return nodes, extend_columns(graph.edges, ends), _KEYS


def with_degrees(graph: bound.Graph) -> bound.Graph:
    """Return the graph with the number of edges that lead to each node, and from it."""
    nodes = graph.nodes
    for end, name in ((graph.target, DEGREE_IN), (graph.source, DEGREE_OUT)):
        nodes = _with_count(graph, nodes, end, name)
    return replace(graph, nodes=nodes)


def _with_count(graph: bound.Graph, nodes: bound.Operator, end: ColumnReference, name: str) -> bound.Operator:
    key = ColumnReference("$counted", key_of(graph, end).type)
    count = Output(name, bound.AggregateCall("count", (), T.LONG))
    schema = RowSchema((Column(key.name, key.type), Column(name, T.LONG)))
    counts = bound.Summarize(graph.edges, (Output(key.name, key_of(graph, end)),), (count,), schema)
    passed = tuple(JoinOutput(column.name, column.name, is_left=True) for column in nodes.schema.columns)
    joined = bound.Join(
        "leftouter",
        nodes,
        counts,
        ((key_of(graph, graph.id), key),),
        (*passed, JoinOutput(name, name, is_left=False)),
        RowSchema((*nodes.schema.columns, Column(name, T.LONG))),
    )
    found = ColumnReference(name, T.LONG)
    is_none = bound.Call("isnull", (found,), T.BOOL)
    return extend_columns(
        joined, (Output(name, bound.Call("iff", (is_none, Literal(T.LONG, 0), found), T.LONG)),)
    )


# --- graph-to-table --------------------------------------------------------------------------------------------------


def bind_graph_to_table(
    context: BindContext, node: syntax.GraphToTable, graph: bound.Graph
) -> tuple[tuple[syntax.Name | None, bound.Operator], ...]:
    """Return the tables asked for, each with the name that the text gives it."""
    if len(node.outputs) > 1 and any(name is None for _, name, _ in node.outputs):
        hint = "write: graph-to-table nodes as N, edges as E"
        raise refusal(SYNTAX, "of several tables of a graph each needs a name", node.span, hint)
    return tuple((name, _bind_table(context, graph, part, options)) for part, name, options in node.outputs)


def _bind_table(
    context: BindContext, graph: bound.Graph, part: str, options: tuple[syntax.Option, ...]
) -> bound.Operator:
    source, properties = (
        (graph.nodes, graph.node_properties) if part == "nodes" else (graph.edges, graph.edge_properties)
    )
    ids = (
        {"with_node_id": graph.id}
        if part == "nodes"
        else {"with_source_id": graph.source, "with_target_id": graph.target}
    )
    outputs: list[Output] = []
    for option in options:
        if option.name not in ids or not isinstance(option.value, syntax.NameExpression):
            raise refusal(UNSUPPORTED, f"'{option.name}' is no option of {part}", option.span)
        value = call_function(context, "hash", (ids[option.name],), option.span)
        outputs.append(Output(option.value.name, convert(value, T.LONG)))
        if properties.find_column(option.value.name) is not None:
            message = f"{part} have a property '{option.value.name}' already"
            raise refusal(DUPLICATE_NAME, message, option.span)
    outputs += [reference(column) for column in properties.columns]
    if graph.partition is not None:
        outputs.append(Output(graph.partition.name, graph.partition))
    return project_columns(source, tuple(outputs))


# --- graphs from graphs ----------------------------------------------------------------------------------------------


def bind_mark_components(node: syntax.GraphMarkComponents, graph: bound.Graph) -> bound.Graph:
    """Return the graph with the number of its component as a property of each node."""
    name, kind = "ComponentId", "weak"
    for option in node.options:
        word = option.value.name if isinstance(option.value, syntax.NameExpression) else ""
        if option.name == "with_component_id" and word:
            name = word
        elif option.name == "kind" and word in ("weak", "strong"):
            kind = word
        else:
            message = "expected kind=weak, kind=strong or with_component_id=Name"
            raise refusal(SYNTAX, message, option.span)
    nodes, edges, keys = with_keys(graph)
    ends = [column for column in edges.schema.columns if column.name in (keys.source, keys.target)]
    marked = bound.GraphComponents(
        nodes,
        project_columns(edges, tuple(map(reference, ends))),
        keys,
        name,
        kind == "strong",
        _with_column(nodes.schema, Column(name, T.LONG)),
    )
    properties = _with_column(graph.node_properties, Column(name, T.LONG))
    return replace(graph, nodes=marked, node_properties=properties)


def _with_column(schema: RowSchema, column: Column) -> RowSchema:
    return RowSchema((*(found for found in schema.columns if found.name != column.name), column))


def bind_graph_where(
    context: BindContext, node: syntax.GraphWhere, graph: bound.Graph, names: NameScope
) -> bound.Graph:
    """Return the graph with the nodes, or edges, that fit; an edge goes with either of its nodes."""
    is_of_nodes = node.part == "nodes"
    source, properties = (
        (graph.nodes, graph.node_properties) if is_of_nodes else (graph.edges, graph.edge_properties)
    )
    predicate = expressions.bind_expression(context, node.predicate, Scope(names, properties))
    if predicate.type not in (T.BOOL, T.DYNAMIC):
        raise refusal(WRONG_TYPE, f"a condition is expected, not a {predicate.type}", node.predicate.span)
    kept = bound.Where(source, convert(predicate, T.BOOL))
    if not is_of_nodes:
        return replace(graph, edges=kept)
    keys = project_columns(kept, (Output(_KEYS.node, key_of(graph, graph.id)),))
    edges = graph.edges
    for end in (graph.source, graph.target):
        edges = bound.Where(
            edges, bound.InQuery(key_of(graph, end), keys, negated=False, ignore_case=False, span=node.span)
        )
    return replace(graph, nodes=kept, edges=edges)
