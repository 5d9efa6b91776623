"""Special forms over text: they need a type written in their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.diagnostics import WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope
    from kelp.kql.binder.special import SpecialForm


def special_forms() -> Mapping[str, SpecialForm]:
    """Return the forms by name."""
    return {"extract": _bind_extract}


def _bind_extract(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`extract(regex, group, text [, typeof(type)])`: with a type, what was found is converted to it."""
    *plain, last = node.arguments or (None,)
    if last is None or len(node.arguments) not in (3, 4):
        given = len(node.arguments)
        raise refusal(WRONG_ARGUMENTS, f"'extract' takes 3 or 4 arguments, not {given}", node.span)
    written = plain if len(node.arguments) == 4 else (*plain, last)
    arguments = tuple(expressions.bind_expression(context, part.value, scope) for part in written if part)
    found = call_function(context, "extract", arguments, node.span)
    if len(node.arguments) == 3:
        return found
    return convert(found, _type_of(last.value))


def _type_of(node: syntax.Expression) -> ScalarType:
    if isinstance(node, syntax.TypeLiteral) and len(node.columns) == 1 and not node.columns[0].name:
        return node.columns[0].type
    raise refusal(WRONG_TYPE, "a type is expected here, such as typeof(long)", node.span)
