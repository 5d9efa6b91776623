"""`macro-expand`: a query for each entity of a group, and all results together (rule LANG-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import syntax
from kelp.kql.binder import entities, pipeline, statements, union
from kelp.kql.binder.scope import EntityBinding, EntityGroupBinding, NameScope, TabularBinding
from kelp.kql.diagnostics import (
    NOT_ALLOWED_HERE,
    UNKNOWN_NAME,
    UNSUPPORTED,
    Diagnostic,
    QueryRefusedError,
    Severity,
    refusal,
)

if TYPE_CHECKING:
    from kelp.kql import bound
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Binding


def bind_macro_expand(context: BindContext, node: syntax.MacroExpand, names: NameScope) -> bound.Operator:
    """Return the union of what the query gives for each entity.

    With `isfuzzy=true` entities that are not known are left out with a warning, as long as one is left.
    """
    options = {option.name.lower(): option.value for option in node.options}
    is_fuzzy = union.is_true(options.get("isfuzzy")) or union.is_true(context.options.get("best_effort"))
    group = _find_group(node.group, names)
    found: list[bound.Operator] = []
    refused: list[QueryRefusedError] = []
    for member in group.members:
        try:
            entity = _bind_entity(context, member, group.names)
            found.append(
                statements.bind_tabular_block(context, node.body, names.define(node.alias.text, entity))
            )
        except QueryRefusedError as error:
            if not is_fuzzy or error.diagnostics[0].code != UNKNOWN_NAME:
                raise
            refused.append(error)
            message = f"an entity of 'macro-expand' was left out: {error.diagnostics[0].message}"
            context.warnings.append(Diagnostic(UNKNOWN_NAME, Severity.WARNING, message, member.span))
    if not found:
        raise (
            refused[0] if refused else refusal(NOT_ALLOWED_HERE, "the entity group is empty", node.group.span)
        )
    return union.unite(found, is_inner=union.is_name(options.get("kind"), "inner"))


def _find_group(node: syntax.Expression, names: NameScope) -> EntityGroupBinding:
    match node:
        case syntax.DeclareEntityGroup():
            return EntityGroupBinding(node.members, names)
        case syntax.NameExpression(name=name) if isinstance(found := names.find(name), EntityGroupBinding):
            return found
        case syntax.NameExpression(name=name):
            raise refusal(UNKNOWN_NAME, f"there is no entity group named '{name}'", node.span)
        case syntax.Call(name=called) if called.text == "entity_group":
            message = "stored entity groups are not supported by Kelp"
            raise refusal(UNSUPPORTED, message, node.span, "list the entities: entity_group [workspace('a')]")
        case _:
            raise refusal(NOT_ALLOWED_HERE, "an entity group is expected here", node.span)


def _bind_entity(context: BindContext, node: syntax.Expression, names: NameScope) -> Binding:
    if entities.is_database_path(node, names):
        return EntityBinding(entities.find_workspace(context, node, names))
    return TabularBinding(pipeline.bind_tabular(context, node, names))
