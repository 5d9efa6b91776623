"""The plugin `rows_near`: rows for which a condition holds, and those before and after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder import expressions
from kelp.kql.binder.plugin_arguments import arguments_of, constant_of
from kelp.kql.binder.project import extend_columns, project_columns, reference
from kelp.kql.binder.windows import row_scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, WRONG_ARGUMENTS, refusal
from kelp.kql.row_order import is_serialized
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

_MAX_ROWS = 100


def bind_rows_near(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the rows near those for which the condition is true, in order (PLUG-4)."""
    given = arguments_of(node.call, ("Condition", "NumRows", "RowsAfter"), required=2)
    if not is_serialized(source):
        message = "'rows_near' looks at neighbouring rows, and here they are not in order"
        raise refusal(NOT_ALLOWED_HERE, message, node.span, "put serialize, or sort by, before it")
    condition = expressions.bind_as(
        context, given["Condition"], row_scope(names, source), T.BOOL, "the condition"
    )
    before = constant_of(context, given["NumRows"], T.LONG, names)
    after = constant_of(context, given["RowsAfter"], T.LONG, names) if "RowsAfter" in given else before
    if (
        not isinstance(before, int)
        or not isinstance(after, int)
        or not 0 <= min(before, after) <= max(before, after) <= _MAX_ROWS
    ):
        raise refusal(WRONG_ARGUMENTS, f"'rows_near' takes from 0 to {_MAX_ROWS} rows", node.span)
    flag = bound.ColumnReference(context.unique_name("near"), T.BOOL)
    flagged = extend_columns(source, (bound.Output(flag.name, condition),))
    neighbours = (
        *(_neighbour("next", flag, distance) for distance in range(1, before + 1)),
        *(_neighbour("prev", flag, distance) for distance in range(1, after + 1)),
    )
    near = bound.Where(flagged, bound.Call("or", (flag, *neighbours), T.BOOL) if neighbours else flag)
    return project_columns(near, tuple(reference(column) for column in source.schema.columns))


def _neighbour(function: str, flag: bound.ColumnReference, distance: int) -> bound.WindowCall:
    offset, outside = bound.Literal(T.LONG, distance), bound.Literal(T.BOOL, value=False)
    return bound.WindowCall(function, (flag, offset, outside), T.BOOL)
