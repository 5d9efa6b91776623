"""`serialize`: declares the order of the rows as meant, and may add columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.binder.naming import output_names
from kelp.kql.binder.project import extend_columns
from kelp.kql.binder.scope import NameScope, Scope

if TYPE_CHECKING:
    from kelp.kql import bound, syntax
    from kelp.kql.binder.context import BindContext


def bind_serialize(
    context: BindContext, node: syntax.Serialize, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the rows in the order they have, which every operator here keeps anyway, with the columns added."""
    if not node.columns:
        return source
    scope = Scope(names, source.schema, is_serialized=True)
    return extend_columns(source, output_names(context, node.columns, scope))
