"""UNION ALL: every input brought to the same columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, null_of
from kelp.clickhouse.lowering.level import Level, LoweringContext, over
from kelp.clickhouse.sql import SqlUnion
from kelp.clickhouse.types import is_nullable

if TYPE_CHECKING:
    from kelp.kql.types import Column
    from kelp.plan.nodes import UnionAll


def lower_union(context: LoweringContext, plan: UnionAll, inputs: list[Level]) -> Level:
    """Return the rows of all inputs; a column that one lacks is null there."""
    nulls = {
        column.name: Lowered(null_of(column.type), column.type, is_nullable(column.type))
        for column in plan.columns
    }
    aligned = [_align(context, plan, nulls, index, level) for index, level in enumerate(inputs)]
    columns = {
        column.name: _united(column, [level.columns[column.name] for level in aligned])
        for column in plan.columns
    }
    return over(context, SqlUnion(tuple(level.to_select() for level in aligned)), columns)


def _united(column: Column, parts: list[Lowered]) -> Lowered:
    """Return what is known of a column of all inputs: filters reach every one of them, and so its index."""
    nullable = any(part.nullable for part in parts)
    indexed = all(part.term_indexed for part in parts)
    return Lowered(null_of(column.type), column.type, nullable, term_indexed=indexed)


def _align(
    context: LoweringContext, plan: UnionAll, nulls: dict[str, Lowered], index: int, level: Level
) -> Level:
    if level.is_cut or level.order_by:
        level = level.close(context)
    given = level.columns
    level.columns = {name: given.get(plan.input_name(index, name), null) for name, null in nulls.items()}
    return level
