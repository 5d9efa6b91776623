"""`serialize`: declares the order of the rows as meant, and may add columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.naming import output_names
from kelp.kql.binder.project import extend_columns
from kelp.kql.binder.windows import row_scope

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope


def bind_serialize(
    context: BindContext, node: syntax.Serialize, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the rows in the order they have, which every operator here keeps anyway, with the columns added."""
    ordered = bound.Serialize(source)
    if not node.columns:
        return ordered
    return extend_columns(ordered, output_names(context, node.columns, row_scope(names, ordered)))
