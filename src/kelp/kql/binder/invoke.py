"""`invoke`: a user function with the input as its first argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import sources
from kelp.kql.diagnostics import UNSUPPORTED, refusal

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope


def bind_invoke(
    context: BindContext, node: syntax.Invoke, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the table that the function makes of the input."""
    if not isinstance(node.call, syntax.Call):
        raise refusal(UNSUPPORTED, "a function of another database is not supported by Kelp", node.span)
    return sources.invoke_function(context, node.call, source, names)
