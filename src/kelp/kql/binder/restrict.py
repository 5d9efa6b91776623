"""`restrict access to`: what the rest of the text can name (rule LANG-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import syntax
from kelp.kql.binder import entities, statements
from kelp.kql.binder.scope import (
    FunctionBinding,
    GraphBinding,
    NameScope,
    PatternBinding,
    TabularBinding,
    Visible,
)
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, refusal
from kelp.kql.wildcards import matches

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Binding


def bind_restrict(context: BindContext, node: syntax.Restrict, names: NameScope) -> NameScope:
    """Return the names that are left. Scalars stay; of tables, functions that give one, and patterns, those listed.

    A star alone, or in a name that nothing stands before, stands for names of the text only; behind a database, for its
    tables and functions. A second statement takes away from what the first has left.
    """
    patterns: list[str] = []
    visible: list[Visible] = []
    for item in node.names:
        match item:
            case syntax.NameExpression(name=name):
                patterns.append(name)
                visible.append(Visible(None, name))
            case syntax.WildcardName(pattern=pattern):
                patterns.append(pattern)
            case syntax.Member(target=target, name=member) if entities.is_database_path(target, names):
                visible.append(Visible(entities.find_workspace(context, target, names), member.text))
            case _:
                message = "access is restricted to names of tables, views and patterns"
                raise refusal(NOT_ALLOWED_HERE, message, item.span)
    kept = {
        name: binding
        for name, binding in names.bindings.items()
        if not _gives_table(context, binding) or any(matches(name, pattern) for pattern in patterns)
    }
    return NameScope(kept, names.depth, (*names.restrictions, tuple(visible)))


def _gives_table(context: BindContext, binding: Binding) -> bool:
    if isinstance(binding, FunctionBinding):
        return statements.is_tabular_body(context, binding)
    return isinstance(binding, (TabularBinding, GraphBinding, PatternBinding))
