"""Special forms that tell who asks: constants, since the query is compiled for one asker (rule ASK-1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.diagnostics import UNSUPPORTED, WRONG_ARGUMENTS, refusal
from kelp.kql.json_text import elements_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.asker import Asker
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope
    from kelp.kql.binder.special import SpecialForm


def special_forms() -> Mapping[str, SpecialForm]:
    """Return the forms by name."""
    return {
        "current_principal": _bind_principal,
        "current_principal_details": _bind_details,
        "current_principal_is_member_of": _bind_membership,
        "current_database": _bind_database,
    }


def _asker(context: BindContext, node: syntax.Call) -> Asker:
    if context.asker is None:
        message = f"the function '{node.name.text}' is not supported by Kelp here: nobody has signed in"
        raise refusal(UNSUPPORTED, message, node.span)
    return context.asker


def _no_arguments(node: syntax.Call) -> None:
    if node.arguments:
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' takes no arguments", node.span)


def _bind_principal(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    del scope
    _no_arguments(node)
    return bound.Literal(T.STRING, _asker(context, node).qualified_name, node.span)


def _bind_details(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    del scope
    _no_arguments(node)
    asker = _asker(context, node)
    details = {
        "UserPrincipalName": asker.name if asker.is_user else "",
        "IdentityProvider": "",
        "Authority": asker.tenant_id,
        "Mfa": "False",
        "Type": "AadUser" if asker.is_user else "AadApp",
        "DisplayName": f"{asker.name} (upn: {asker.name})" if asker.is_user else asker.name,
        "ObjectId": asker.object_id,
        "FQN": asker.qualified_name,
        "Notes": None,
    }
    return bound.Literal(T.DYNAMIC, json.dumps(details, ensure_ascii=False, separators=(",", ":")), node.span)


def _bind_membership(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`current_principal_is_member_of('aadgroup=...', ...)`, or arrays of such names."""
    asker = _asker(context, node)
    names: list[str] = []
    for argument in expressions.bind_arguments(context, node, scope):
        items: tuple[bound.Expression, ...] = (argument,)
        if isinstance(argument, bound.Literal) and argument.type is T.DYNAMIC:
            items = elements_of(argument) or (argument,)
        elif isinstance(argument, bound.Call) and argument.function == "pack_array":
            items = argument.arguments
        for item in items:
            if not isinstance(item, bound.Literal) or not isinstance(item.value, str):
                message = f"'{node.name.text}' takes constant names"
                raise refusal(WRONG_ARGUMENTS, message, item.span, "write 'aadgroup=id;tenant'")
            names.append(item.value)
    if not names:
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' takes names of accounts or groups", node.span)
    return bound.Literal(T.BOOL, any(map(asker.is_or_belongs_to, names)), node.span)


def _bind_database(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    del scope
    _no_arguments(node)
    return bound.Literal(T.STRING, _asker(context, node).workspace_id, node.span)
