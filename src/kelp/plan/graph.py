"""Graph operators as segments: see docs/adr/0015-graphs.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.plan import nodes
from kelp.plan.graph_operations import MarkComponents, MatchGraph
from kelp.plan.segment_operations import SegmentColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.kql.types import RowSchema


def build_graph(
    operator: bound.GraphMatch | bound.GraphComponents, build: Callable[[bound.Operator], nodes.Plan]
) -> nodes.Segment:
    """Return the segment that searches the operator's nodes and edges."""
    inputs = tuple(
        nodes.SegmentInput(build(part), _columns(part.schema)) for part in (operator.nodes, operator.edges)
    )
    return nodes.Segment(inputs, _operation(operator), _columns(operator.schema))


def _operation(operator: bound.GraphMatch | bound.GraphComponents) -> MatchGraph | MarkComponents:
    match operator:
        case bound.GraphMatch():
            return MatchGraph(operator.keys, operator.pattern, operator.outputs, operator.row_column)
        case bound.GraphComponents():
            return MarkComponents(operator.keys, operator.column, operator.is_strong)
        case _:
            assert_never(operator)


def _columns(schema: RowSchema) -> tuple[SegmentColumn, ...]:
    return tuple(SegmentColumn(column.name, column.type) for column in schema.columns)
