"""GROUP BY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, as_text, call
from kelp.clickhouse.lowering.expressions import lower_expression
from kelp.clickhouse.sql import SqlLiteral
from kelp.clickhouse.types import TICKS_PER_SECOND
from kelp.kql import bound
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.plan.nodes import Aggregate

ORDER_SENSITIVE = frozenset({
    "make_list", "make_list_if", "make_list_with_nulls", "makelist", "make_set", "make_set_if", "makeset",
    "make_bag", "make_bag_if", "make_dictionary", "take_any", "take_anyif", "$first",
})  # fmt: skip
"""Aggregations that see the rows in the order of a sort before them (AGG-10)."""

_BINS = ("bin", "floor", "bin_at")
_CALENDAR = ("startofday", "startofweek", "startofmonth", "startofyear")
_MINUTE = 60 * TICKS_PER_SECOND


def lower_aggregate(context: LoweringContext, plan: Aggregate, level: Level) -> Level:
    """Return the groups. A sort before it is kept only for aggregations that collect rows in order."""
    if level.is_aggregate or level.is_cut or (level.order_by and _keeps_order(plan)):
        level = level.close(context)
    level.order_by.clear()
    level.has_few_groups = _has_few_groups(plan)
    keys = {key.name: _one_null(lower_expression(context, key.value, level)) for key in plan.keys}
    values = {output.name: lower_expression(context, output.value, level) for output in plan.aggregates}
    level.group_by = [key.sql for key in keys.values() if not isinstance(key.sql, SqlLiteral)]
    level.is_aggregate = True
    if keys and not level.group_by:
        # Constant keys alone: without rows there must be no group, which GROUP BY over a constant gives.
        level.group_by = [SqlLiteral("")]
    level.columns = {**keys, **values}
    return level


def _has_few_groups(plan: Aggregate) -> bool:
    """Whether the keys have some hundred thousand values at most: none, or a datetime cut to a minute or longer."""
    values = [key.value for key in plan.keys if not isinstance(key.value, bound.Literal)]
    return not values or (len(values) == 1 and _is_coarse(values[0]))


def _is_coarse(value: bound.Expression) -> bool:
    if not isinstance(value, bound.Call) or value.type is not ScalarType.DATETIME:
        return False
    if value.function in _CALENDAR:
        return True
    step = value.arguments[1] if value.function in _BINS else None
    return isinstance(step, bound.Literal) and isinstance(step.value, int) and step.value >= _MINUTE


def _one_null(key: Lowered) -> Lowered:
    """Return a key whose nulls are one group: a dynamic null is an empty text or the text `null`."""
    if key.type is not ScalarType.DYNAMIC or isinstance(key.sql, SqlLiteral):
        return key
    return as_text(call("if", call("equals", key.sql, "null"), "", key.sql), key.type)


def _keeps_order(plan: Aggregate) -> bool:
    return any(_is_order_sensitive(output.value) for output in plan.aggregates)


def _is_order_sensitive(value: bound.Expression) -> bool:
    arguments = getattr(value, "arguments", ())
    return getattr(value, "function", "") in ORDER_SENSITIVE or any(
        _is_order_sensitive(part) for part in arguments
    )
