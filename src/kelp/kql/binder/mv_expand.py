"""`mv-expand`, and the expansion it shares with `mv-apply`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.naming import name_of, unique
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext

_BAG_OPTIONS = frozenset({"kind", "bagexpansion"})


@dataclass(frozen=True, slots=True)
class BoundExpansion:
    """What to expand and how; `schema` is that of the expanded rows."""

    expansions: tuple[bound.Expansion, ...]
    bag_as_array: bool
    item_index: str | None
    limit: bound.Expression | None
    schema: RowSchema


def bind_mv_expand(
    context: BindContext, node: syntax.MvExpand, source: bound.Operator, names: NameScope
) -> bound.MvExpand:
    """Return the expanded rows: the input's columns, each expanded one in its place or, if it is new, at the end."""
    found = bind_expansion(context, node, source, names)
    return bound.MvExpand(
        source, found.expansions, found.bag_as_array, found.item_index, found.limit, found.schema
    )


def bind_expansion(
    context: BindContext, node: syntax.MvExpand | syntax.MvApply, source: bound.Operator, names: NameScope
) -> BoundExpansion:
    """Return what `mv-expand` and `mv-apply` do first (rules MV-1 to MV-4)."""
    scope = Scope(names, source.schema)
    bag_as_array, item_index = _bind_options(node)
    expansions: list[bound.Expansion] = []
    for column in node.columns:
        expansions.append(_bind_column(context, column, scope, {made.name for made in expansions}))
    limit = None
    if node.limit is not None:
        limit = expressions.bind_as(
            context, node.limit, Scope(names), ScalarType.LONG, "the number of rows after 'limit'"
        )
    made = {expansion.name: Column(expansion.name, expansion.type) for expansion in expansions}
    if item_index is not None:
        made[item_index] = Column(item_index, ScalarType.LONG)
    kept = tuple(made.pop(column.name, column) for column in source.schema.columns)
    return BoundExpansion(
        tuple(expansions), bag_as_array, item_index, limit, RowSchema((*kept, *made.values()))
    )


def _bind_options(node: syntax.MvExpand | syntax.MvApply) -> tuple[bool, str | None]:
    bag_as_array, item_index = False, None
    for option in node.options:
        value = option.value.name if isinstance(option.value, syntax.NameExpression) else ""
        if option.name.lower() in _BAG_OPTIONS:
            if value.lower() not in ("bag", "array"):
                raise refusal(WRONG_ARGUMENTS, "bags expand as 'bag' or as 'array'", option.span)
            bag_as_array = value.lower() == "array"
        elif option.name.lower() == "with_itemindex":
            if not value:
                raise refusal(WRONG_ARGUMENTS, "'with_itemindex' takes the name of a column", option.span)
            item_index = value
    return bag_as_array, item_index


def _bind_column(
    context: BindContext, node: syntax.MvExpandColumn, scope: Scope, taken: set[str]
) -> bound.Expansion:
    value = expressions.bind_expression(context, node.value.value, scope)
    if value.type is not ScalarType.DYNAMIC:
        hint = "parse it first, with parse_json()" if value.type is ScalarType.STRING else None
        raise refusal(WRONG_TYPE, f"only dynamic values expand, not {value.type}", node.value.span, hint)
    if node.value.names:
        name = node.value.names[0].text
    else:
        name = unique(name_of(node.value.value) or "Column1", taken)
    if node.to_type is None:
        return bound.Expansion(name, value, ScalarType.DYNAMIC)
    columns = node.to_type.columns
    if len(columns) != 1 or columns[0].name:
        raise refusal(WRONG_ARGUMENTS, "the type is written to typeof(long)", node.to_type.span)
    return bound.Expansion(name, value, columns[0].type)
