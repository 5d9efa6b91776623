"""Joins. What has no partner comes out as null, and as the empty text where KQL has no null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, call
from kelp.clickhouse.lowering.expressions import lower_expression
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.sql import SqlColumn, SqlJoin
from kelp.clickhouse.types import is_nullable
from kelp.plan.nodes import Join, JoinKind

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql import bound

_MAY_LACK_LEFT = frozenset({JoinKind.RIGHT, JoinKind.FULL})
_MAY_LACK_RIGHT = frozenset({JoinKind.LEFT, JoinKind.FULL})


def lower_join(context: LoweringContext, plan: Join, left: Level, right: Level) -> Level:
    """Return the join of two finished levels, whose key expressions become columns of their own side."""
    left_keys = _with_keys(context, left, [pair[0] for pair in plan.pairs])
    right_keys = _with_keys(context, right, [pair[1] for pair in plan.pairs])
    left, right = left_keys[0], right_keys[0]
    left_alias, right_alias = context.fresh_alias(), context.fresh_alias()
    pairs: list[tuple[SqlExpression, SqlExpression]] = [
        (SqlColumn(left_alias, first), SqlColumn(right_alias, second))
        for first, second in zip(left_keys[1], right_keys[1], strict=True)
    ]
    source = SqlJoin(
        plan.kind.upper(), left.to_select(), left_alias, right.to_select(), right_alias, tuple(pairs)
    )
    level = Level(source, left_alias, {})
    for output in plan.outputs:
        side, alias = (left, left_alias) if output.is_left else (right, right_alias)
        may_lack = plan.kind in (_MAY_LACK_LEFT if output.is_left else _MAY_LACK_RIGHT)
        level.columns[output.name] = _output(
            side.columns[output.source], SqlColumn(alias, output.source), may_lack=may_lack
        )
    return level


def _with_keys(
    context: LoweringContext, level: Level, keys: list[bound.Expression]
) -> tuple[Level, list[str]]:
    if level.is_aggregate or level.is_cut or level.order_by:
        level = level.close(context)
    names: list[str] = []
    for key in keys:
        name = context.fresh_alias() + "_key"
        level.columns[name] = lower_expression(context, key, level)
        names.append(name)
    return level, names


def _output(column: Lowered, reference: SqlColumn, *, may_lack: bool) -> Lowered:
    if not may_lack:
        return Lowered(reference, column.type, column.nullable, column.term_indexed)
    if is_nullable(column.type):
        return Lowered(reference, column.type, nullable=True)
    return Lowered(call("ifNull", reference, ""), column.type, nullable=False)
