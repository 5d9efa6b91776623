"""`make-graph`: nodes and edges as two tabular values (rules GRAPH-1 to GRAPH-3 and GRAPH-11).

A node is what its id is. Node tables are merged by it, and the ids that only edges name are nodes too.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.keeping import keep_rows
from kelp.kql.binder.project import extend_columns, project_columns, reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.bound import ColumnReference, Literal, Output
from kelp.kql.diagnostics import UNKNOWN_NAME, WRONG_TYPE, refusal
from kelp.kql.functions.signature import widen
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext

_ID, _SOURCE, _TARGET, _PARTITION = "$id", "$source", "$target", "$partition"


def bind_make_graph(
    context: BindContext, node: syntax.MakeGraph, edges: bound.Operator, names: NameScope
) -> bound.Graph | bound.Operator:
    """Return the graph; with `partitioned-by`, the table that the operators in brackets make of its partitions."""
    source, target = (_bind_id(context, part, edges, names) for part in (node.source, node.target))
    tables = [(pipeline.bind_pipeline(context, table, names), on) for table, on in node.nodes]
    ids = [_bind_id(context, on, table, names) for table, on in tables]
    kind = reduce(_common_type, (value.type for value in (source, target, *ids)))
    partition = None
    if node.partitioned_by is not None:
        value = _bind_id(context, node.partitioned_by, edges, names)
        partition = ColumnReference(_PARTITION, value.type)
    hidden = [Output(_SOURCE, convert(source, kind)), Output(_TARGET, convert(target, kind))]
    hidden += _partition_of(context, node, edges, names, partition)
    linked = keep_rows(context, extend_columns(edges, tuple(hidden)))
    id_column = ColumnReference(_ID, kind)
    named = _named_nodes(linked, id_column, partition)
    if tables:
        given = [
            (table, convert(value, kind), _partition_of(context, node, table, names, partition))
            for (table, _), value in zip(tables, ids, strict=True)
        ]
        nodes, properties = _merge_nodes(context, given, named, [value.name for value in ids], id_column)
    else:
        nodes, properties = named, ()
        if node.node_id is not None:
            nodes = extend_columns(named, (Output(node.node_id.text, id_column),))
            properties = (Column(node.node_id.text, kind),)
    graph = bound.Graph(
        nodes,
        linked,
        RowSchema(tuple(properties)),
        edges.schema,
        id_column,
        ColumnReference(_SOURCE, kind),
        ColumnReference(_TARGET, kind),
        partition,
    )
    if node.partitioned_by is None:
        return graph
    return _bind_partitions(context, node, graph, names)


def _bind_partitions(
    context: BindContext, node: syntax.MakeGraph, graph: bound.Graph, names: NameScope
) -> bound.Operator:
    """Return what the body makes of each partition (GRAPH-3).

    The table of a graph operator has the partition in a hidden column, by which what follows is done for each.
    """
    makers = (syntax.GraphMatch, syntax.GraphToTable)
    last = next((index for index, part in enumerate(node.body) if isinstance(part, makers)), len(node.body))
    relation = pipeline.bind_chain(context, node.body[: last + 1], graph, names)
    table = pipeline.require_table(relation, node.span)
    shown = RowSchema(tuple(column for column in table.schema.columns if column.name != _PARTITION))
    rest = node.body[last + 1 :]
    if not rest or graph.partition is None:
        return project_columns(table, tuple(map(reference, shown.columns)))
    hidden = ColumnReference(context.unique_name("partition"), graph.partition.type)
    body = pipeline.bind_operators(context, rest, bound.ApplyInput(shown), names)
    return bound.Partition(table, graph.partition, hidden, None, body, body.schema)


def _bind_id(
    context: BindContext, node: syntax.Expression, table: bound.Operator, names: NameScope
) -> ColumnReference:
    value = expressions.bind_expression(context, node, Scope(names, table.schema))
    if value.type is ScalarType.DYNAMIC:
        message = "a node is told by a scalar, not by a dynamic value"
        raise refusal(WRONG_TYPE, message, node.span, "extend a column with tostring() of it before")
    if not isinstance(value, ColumnReference):
        raise refusal(UNKNOWN_NAME, "'make-graph' takes columns", node.span)
    return value


def _common_type(left: ScalarType, right: ScalarType) -> ScalarType:
    """Ids of different types are compared as numbers, or else as texts."""
    if left is right:
        return left
    return widen(left, right) if left.is_numeric and right.is_numeric else ScalarType.STRING


def _partition_of(
    context: BindContext,
    node: syntax.MakeGraph,
    table: bound.Operator,
    names: NameScope,
    partition: ColumnReference | None,
) -> tuple[Output, ...]:
    if partition is None or node.partitioned_by is None:
        return ()
    value = _bind_id(context, node.partitioned_by, table, names)
    return (Output(partition.name, convert(value, partition.type)),)


def _keys(id_column: ColumnReference, partition: ColumnReference | None) -> tuple[ColumnReference, ...]:
    return (id_column,) if partition is None else (id_column, partition)


def _named_nodes(
    edges: bound.Operator, id_column: ColumnReference, partition: ColumnReference | None
) -> bound.Operator:
    """Return the ids that edges name, each once."""
    rest = [Output(key.name, key) for key in _keys(id_column, partition)[1:]]
    ends = tuple(
        project_columns(edges, (Output(_ID, ColumnReference(name, id_column.type)), *rest))
        for name in (_SOURCE, _TARGET)
    )
    schema = ends[0].schema
    keys = tuple(reference(column) for column in schema.columns)
    return bound.Summarize(bound.Union(ends, schema), keys, (), schema)


# --- node tables -----------------------------------------------------------------------------------------------------


def _merge_nodes(
    context: BindContext,
    tables: list[tuple[bound.Operator, bound.Expression, tuple[Output, ...]]],
    named: bound.Operator,
    id_names: list[str],
    id_column: ColumnReference,
) -> tuple[bound.Operator, Iterable[Column]]:
    """Return a row for each id with a value of each property, where any table has one, and the properties.

    A column with the ids of a table has them for its nodes, and for those that no table has.
    """
    properties = {column.name: column for table, _, _ in tables for column in table.schema.columns}
    marks = [f"$in{index}" for index in range(len(tables))]
    parts = [
        project_columns(table, (*_as_properties(table, properties), Output(_ID, value), _mark(mark), *rest))
        for (table, value, rest), mark in zip(tables, marks, strict=True)
    ]
    keys = tuple(reference(column) for column in named.schema.columns)
    made = (*properties.values(), *(Column(mark, ScalarType.LONG) for mark in marks))
    union = bound.Union((*parts, named), RowSchema((*named.schema.columns, *made)))
    taken = tuple(_any_value(context, column) for column in made)
    schema = RowSchema((*named.schema.columns, *made))
    merged = bound.Summarize(union, keys, taken, schema)
    outputs = tuple(
        Output(name, _id_property(name, id_names, marks, convert(id_column, properties[name].type)))
        for name in dict.fromkeys(id_names)
    )
    return extend_columns(merged, outputs), properties.values()


def _as_properties(table: bound.Operator, properties: dict[str, Column]) -> Iterable[Output]:
    for column in table.schema.columns:
        value = ColumnReference(column.name, column.type)
        yield Output(column.name, convert(value, properties[column.name].type))


def _mark(name: str) -> Output:
    return Output(name, Literal(ScalarType.LONG, 1))


def _any_value(context: BindContext, column: Column) -> Output:
    """Return any value that is there; texts and dynamic values are empty where a table has none."""
    value = ColumnReference(column.name, column.type)
    if column.type in (ScalarType.STRING, ScalarType.DYNAMIC):
        is_there = call_function(context, "isnotempty", (value,), NOWHERE)
        return Output(column.name, bound.AggregateCall("take_anyif", (value, is_there), column.type))
    return Output(column.name, bound.AggregateCall("take_any", (value,), column.type))


def _id_property(
    name: str, id_names: list[str], marks: list[str], value: bound.Expression
) -> bound.Expression:
    own = [mark for mark, id_name in zip(marks, id_names, strict=True) if id_name == name]
    others = [mark for mark in marks if mark not in own]
    if not others:
        return value
    is_own, is_other = (_any_of(part) for part in (own, others))
    is_lacking = bound.Call("and", (bound.Call("not", (is_own,), ScalarType.BOOL), is_other), ScalarType.BOOL)
    return bound.Call("iff", (is_lacking, Literal(value.type, None), value), value.type)


def _any_of(marks: list[str]) -> bound.Expression:
    there = tuple(
        bound.Call("isnotnull", (ColumnReference(mark, ScalarType.LONG),), ScalarType.BOOL) for mark in marks
    )
    return there[0] if len(there) == 1 else bound.Call("or", there, ScalarType.BOOL)
