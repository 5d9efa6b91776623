"""A segment: its inputs as statements of their own, and its rows as a relation that later statements read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered
from kelp.clickhouse.lowering.arrow import from_arrow, to_arrow
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.sql import SqlColumn, SqlSharedSource
from kelp.plan.graph_operations import KeepRows
from kelp.plan.nodes import Segment, SegmentInput
from kelp.plan.passes.prune_columns import keep_columns
from kelp.plan.segment_operations import Keep, SegmentColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.lowering.statement import LoweredStatement
    from kelp.plan.nodes import Materialized
    from kelp.plan.segment_operations import SegmentOperation


@dataclass(frozen=True, slots=True)
class LoweredSegment:
    """A segment by the name that statements read it under; its inputs may read those made before it."""

    name: str
    inputs: tuple[LoweredStatement, ...]
    operation: SegmentOperation
    columns: tuple[SegmentColumn, ...]


def lower_segment(context: LoweringContext, plan: Segment) -> Level:
    """Return the level that reads the segment's rows; the segment itself is noted in the context."""
    return _read(context, _add_segment(context, plan), plan.columns)


def lower_staged(context: LoweringContext, part: Materialized) -> Level:
    """Return the level that reads a part which several statements of the query read."""
    columns = tuple(SegmentColumn(column.name, column.type) for column in context.staged[part.name])
    if part.name not in context.stages:
        source = SegmentInput(keep_columns(part.input, [column.name for column in columns]), columns)
        context.stages[part.name] = _add_segment(context, Segment((source,), Keep(), columns))
    wanted = {column.name for column in part.columns}
    return _read(context, context.stages[part.name], [column for column in columns if column.name in wanted])


def _add_segment(context: LoweringContext, plan: Segment) -> str:
    """Note a segment behind those that its inputs read, and return its name; of equal ones that of the first."""
    kept = _find_kept(context, plan)
    if kept is not None:
        return kept
    inputs = tuple(_lower_input(context, part) for part in plan.inputs)
    name = f"$segment{len(context.segments)}"
    context.segments.append(LoweredSegment(name, inputs, plan.operation, plan.columns))
    context.plans[name] = plan
    return name


def _read(context: LoweringContext, name: str, columns: Iterable[SegmentColumn]) -> Level:
    context.reads_segments.add(name)
    alias = context.fresh_alias()
    values = {column.name: from_arrow(SqlColumn(alias, column.name), column) for column in columns}
    return Level(SqlSharedSource(name), alias, values)


def _find_kept(context: LoweringContext, plan: Segment) -> str | None:
    """Return the segment that gives these rows already."""
    if isinstance(plan.operation, KeepRows):
        return next((known.name for known in context.segments if known.operation == plan.operation), None)
    return next((name for name, known in context.plans.items() if known == plan), None)


def _lower_input(context: LoweringContext, part: SegmentInput) -> LoweredStatement:
    from kelp.clickhouse.lowering.statement import lower_statement  # noqa: PLC0415 - statements hold nodes

    own = context.for_statement()

    def give(level: Level) -> Level:
        level.columns = {
            column.name: Lowered(
                to_arrow(level.columns[column.name], column.form), column.type, nullable=True
            )
            for column in part.columns
        }
        return level

    return lower_statement(own, part.plan, give)
