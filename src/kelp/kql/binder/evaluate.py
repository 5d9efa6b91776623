"""`evaluate`: the plugins that can be written as other operators (rules PLUG-1 to PLUG-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.binder import pivot, rows_near, unpack
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, UNSUPPORTED, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.kql import bound, syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

_PLUGINS: dict[str, Callable[[BindContext, syntax.Evaluate, bound.Operator, NameScope], bound.Operator]] = {
    "bag_unpack": unpack.bind_bag_unpack,
    "narrow": unpack.bind_narrow,
    "pivot": pivot.bind_pivot,
    "rows_near": rows_near.bind_rows_near,
}


def bind_evaluate(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the table that a plugin makes of the input."""
    name = node.call.name.text
    if name == "preview":
        raise refusal(NOT_ALLOWED_HERE, "'preview' gives two tables, so it must stand last", node.span)
    plugin = _PLUGINS.get(name)
    if plugin is None:
        raise refusal(UNSUPPORTED, f"the plugin '{name}' is not supported by Kelp", node.span)
    return plugin(context, node, source, names)
