"""Graph operators as segments: see docs/adr/0015-graphs.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.plan import nodes
from kelp.plan.graph_operations import KeepRows, MarkComponents, MatchGraph
from kelp.plan.segment_operations import SegmentColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.kql.types import RowSchema


_GraphOperator = bound.KeptRows | bound.GraphMatch | bound.GraphComponents


def build_graph(operator: _GraphOperator, build: Callable[[bound.Operator], nodes.Plan]) -> nodes.Segment:
    """Return the segment that searches the operator's nodes and edges, or keeps its rows."""
    parts = (operator.input,) if isinstance(operator, bound.KeptRows) else (operator.nodes, operator.edges)
    inputs = tuple(nodes.SegmentInput(build(part), _columns(part.schema)) for part in parts)
    return nodes.Segment(inputs, _operation(operator), _columns(operator.schema))


def _operation(operator: _GraphOperator) -> KeepRows | MatchGraph | MarkComponents:
    match operator:
        case bound.KeptRows():
            return KeepRows(operator.name)
        case bound.GraphMatch():
            return MatchGraph(operator.keys, operator.pattern, operator.outputs, operator.row_column)
        case bound.GraphComponents():
            return MarkComponents(operator.keys, operator.column, operator.is_strong)
        case _:
            assert_never(operator)


def _columns(schema: RowSchema) -> tuple[SegmentColumn, ...]:
    return tuple(SegmentColumn(column.name, column.type) for column in schema.columns)
