"""A segment: its inputs as statements of their own, and its rows as a relation that later statements read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered
from kelp.clickhouse.lowering.arrow import from_arrow, to_arrow
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.sql import SqlColumn, SqlSharedSource
from kelp.plan.graph_operations import KeepRows

if TYPE_CHECKING:
    from kelp.clickhouse.lowering.statement import LoweredStatement
    from kelp.plan.nodes import Segment, SegmentInput
    from kelp.plan.segment_operations import SegmentColumn, SegmentOperation


@dataclass(frozen=True, slots=True)
class LoweredSegment:
    """A segment by the name that statements read it under; its inputs may read those made before it."""

    name: str
    inputs: tuple[LoweredStatement, ...]
    operation: SegmentOperation
    columns: tuple[SegmentColumn, ...]


def lower_segment(context: LoweringContext, plan: Segment) -> Level:
    """Return the level that reads the segment's rows; the segment itself is noted in the context."""
    name = _find_kept(context, plan)
    if name is None:
        inputs = tuple(_lower_input(context, part) for part in plan.inputs)
        name = f"$segment{len(context.segments)}"
        context.segments.append(LoweredSegment(name, inputs, plan.operation, plan.columns))
    context.reads_segments.add(name)
    alias = context.fresh_alias()
    columns = {column.name: from_arrow(SqlColumn(alias, column.name), column) for column in plan.columns}
    return Level(SqlSharedSource(name), alias, columns)


def _find_kept(context: LoweringContext, plan: Segment) -> str | None:
    """Return the segment that keeps these rows already."""
    if not isinstance(plan.operation, KeepRows):
        return None
    return next((known.name for known in context.segments if known.operation == plan.operation), None)


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
