"""`partition` and `__partitionby`: a query over the rows of each value of a column (rules PART-1 to PART-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline, sources
from kelp.kql.binder.scope import NameScope, ScalarBinding, Scope
from kelp.kql.diagnostics import UNSUPPORTED, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext


def bind_partition(
    context: BindContext,
    node: syntax.Partition | syntax.PartitionBy,
    source: bound.Operator,
    names: NameScope,
) -> bound.Partition:
    """Return the rows that the body gives for each partition; hints change nothing."""
    key = expressions.bind_expression(context, node.by, Scope(names, source.schema))
    if key.type is ScalarType.DYNAMIC:
        hint = "extend a column with tostring() of it before"
        raise refusal(
            WRONG_TYPE, "rows are partitioned by a scalar, not by a dynamic value", node.by.span, hint
        )
    hidden = bound.ColumnReference(context.unique_name("partition"), key.type)
    if isinstance(node, syntax.Partition) and node.values is not None:
        hint = "filter with where before partition"
        raise refusal(
            UNSUPPORTED, "'in' after the column of 'partition' is not supported by Kelp", node.span, hint
        )
    inner = None
    if isinstance(node, syntax.Partition) and node.source is not None:
        inner, body = _bind_query(context, node.by, node.source, hidden, names)
    else:
        body = pipeline.bind_operators(context, node.body, bound.ApplyInput(source.schema), names)
    schema = RowSchema(tuple(column for column in body.schema.columns if column.name != hidden.name))
    return bound.Partition(source, key, hidden, inner, body, schema)


def _bind_query(
    context: BindContext,
    by: syntax.Expression,
    query: syntax.Pipeline,
    hidden: bound.ColumnReference,
    names: NameScope,
) -> tuple[bound.Operator, bound.Operator]:
    """Return where a query of its own starts, and its operators, in which the column's name means the key."""
    inner = sources.bind_source(context, query.source, names)
    if isinstance(by, syntax.NameExpression):
        names = names.define(by.name, ScalarBinding(hidden))
    rows = bound.ApplyInput(RowSchema((*inner.schema.columns, Column(hidden.name, hidden.type))))
    return inner, pipeline.bind_operators(context, query.operators, rows, names)
