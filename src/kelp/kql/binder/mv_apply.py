"""`mv-apply`: a query over the expanded rows of each input row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder import pipeline
from kelp.kql.binder.mv_expand import bind_expansion
from kelp.kql.types import RowSchema

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope


def bind_mv_apply(
    context: BindContext, node: syntax.MvApply, source: bound.Operator, names: NameScope
) -> bound.MvApply:
    """Return the applied body.

    Its result has the input's columns that were not expanded, then those the body gives (MV-5).
    """
    found = bind_expansion(context, node, source, names)
    body = pipeline.bind_operators(context, node.body, bound.ApplyInput(found.schema, is_ordered=True), names)
    expanded = {expansion.name for expansion in found.expansions}
    given = {column.name: column for column in body.schema.columns}
    front = tuple(
        given.pop(column.name, column) for column in source.schema.columns if column.name not in expanded
    )
    schema = RowSchema((*front, *given.values()))
    return bound.MvApply(source, found.expansions, found.item_index, found.limit, body, schema)
