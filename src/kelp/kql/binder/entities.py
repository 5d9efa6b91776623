"""What stands before a table's name: `workspace("w")`, `database("d")`, or the alias that `macro-expand` gives one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.scope import EntityBinding, NameScope, Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, UNKNOWN_NAME, UNSUPPORTED, WRONG_ARGUMENTS, refusal

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext

_WORKSPACE_CALLS = frozenset({"workspace", "database", "app", "resource"})
_DATABASE_CALLS = _WORKSPACE_CALLS | {"cluster", "adx", "arg"}


def is_database_path(node: syntax.Expression, names: NameScope) -> bool:
    """Tell whether the expression names a database: `workspace("w")`, `cluster("c").database("d")`, an alias of one."""
    match node:
        case syntax.NameExpression(name=name):
            return isinstance(names.find(name), EntityBinding)
        case syntax.Call(name=called):
            return called.text in _DATABASE_CALLS
        case syntax.QualifiedCall(call=call):
            return call.name.text in _DATABASE_CALLS
        case _:
            return False


def find_workspace(context: BindContext, node: syntax.Expression, names: NameScope) -> str | None:
    """Return the workspace that a path stands for, as the text calls it; None for the query's own scope.

    Raises `QueryRefusedError` for one that is not known, or that is no workspace. A cluster before a database says
    nothing here: there is but this one.
    """
    if isinstance(node, syntax.NameExpression):
        binding = names.find(node.name)
        assert isinstance(binding, EntityBinding)
        return binding.workspace
    call = node.call if isinstance(node, syntax.QualifiedCall) else node
    if not isinstance(call, syntax.Call):
        raise refusal(NOT_ALLOWED_HERE, "a workspace is expected here", node.span)
    if call.name.text not in _WORKSPACE_CALLS:
        raise refusal(
            UNSUPPORTED, f"'{call.name.text}(...)' is not supported by Kelp", call.span, "use workspace()"
        )
    if call.name.text == "database" and not call.arguments:
        return None
    workspace = constant_text(context, call, names)
    if not context.provider.has_workspace(workspace):
        message = f"there is no workspace '{workspace}' that you may query"
        raise refusal(UNKNOWN_NAME, message, call.span, "give its name, its id or its resource id")
    return workspace


def constant_text(context: BindContext, call: syntax.Call, names: NameScope) -> str:
    """Return the first argument of a call, which is a constant string."""
    if call.arguments:
        value = expressions.bind_expression(context, call.arguments[0].value, Scope(names))
        if isinstance(value, bound.Literal) and isinstance(value.value, str):
            return value.value
    raise refusal(WRONG_ARGUMENTS, f"'{call.name.text}' takes a constant string", call.span)
