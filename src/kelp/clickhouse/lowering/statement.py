"""One statement: its plan lowered, with the parts that are computed once in front."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kelp.clickhouse.lowering.nodes import lower_node
from kelp.plan.passes.prune_columns import keep_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.clickhouse.sql import SqlQuery, SqlSelect
    from kelp.clickhouse.types import EngineTable
    from kelp.plan.nodes import Plan


@dataclass(frozen=True, slots=True)
class LoweredStatement:
    """A SELECT, the stored tables it reads, and the segments, which are relations to it."""

    select: SqlSelect
    tables: frozenset[EngineTable]
    segments: frozenset[str]


def lower_statement(
    context: LoweringContext, plan: Plan, finish: Callable[[Level], Level]
) -> LoweredStatement:
    """Return the statement that gives the plan's rows as `finish` makes them of the last level."""
    level = finish(lower_node(context, plan))
    select = replace(level.to_select(), shared=_lower_materialized(context))
    return LoweredStatement(select, frozenset(context.tables), frozenset(context.reads_segments))


def _lower_materialized(context: LoweringContext) -> tuple[tuple[str, SqlQuery], ...]:
    """Return the parts that are computed once, each before those that use it.

    The later a part was named, the more parts it may use, so that the last one named is lowered first: by the turn of
    a part all that read it have said which columns they need.
    """
    lowered: dict[str, SqlQuery] = {}
    while waiting := [name for name in context.materialized if name not in lowered]:
        name = max(waiting, key=_number_of)
        part = context.materialized[name]
        level = lower_node(context, keep_columns(part.plan, part.columns))
        level.columns = {column: level.columns[column] for column in part.columns}
        lowered[name] = level.to_select()
    return tuple(reversed(lowered.items()))


def _number_of(name: str) -> int:
    return int(name.rpartition("_")[2])
