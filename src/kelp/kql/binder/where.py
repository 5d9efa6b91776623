"""`where`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder import expressions
from kelp.kql.binder.windows import row_scope
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope


def bind_where(
    context: BindContext, node: syntax.Where, source: bound.Operator, names: NameScope
) -> bound.Where:
    """Return the filtered rows; the predicate must be a truth value (or dynamic)."""
    scope = row_scope(names, source)
    predicate = expressions.bind_as(
        context, node.predicate, scope, ScalarType.BOOL, "the predicate of 'where'"
    )
    return bound.Where(source, predicate)
