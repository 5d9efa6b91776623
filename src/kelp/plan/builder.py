"""From the bound query to the plan: KQL's shorthand written out as relational nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.row_order import is_serialized
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, ScalarType
from kelp.plan import nodes
from kelp.plan.external_data import ReadExternalData
from kelp.plan.graph import build_graph
from kelp.plan.mining_operations import operation_of
from kelp.plan.mv_apply import build_mv_apply
from kelp.plan.partition import build_partition
from kelp.plan.segment_operations import SegmentColumn
from kelp.plan.step_scan import build_step_scan
from kelp.plan.windows import build_filter, lift_windows

if TYPE_CHECKING:
    from collections.abc import Callable

_JOIN_KINDS = {
    "innerunique": nodes.JoinKind.INNER,
    "inner": nodes.JoinKind.INNER,
    "leftouter": nodes.JoinKind.LEFT,
    "rightouter": nodes.JoinKind.RIGHT,
    "fullouter": nodes.JoinKind.FULL,
    "leftsemi": nodes.JoinKind.LEFT_SEMI,
    "leftanti": nodes.JoinKind.LEFT_ANTI,
}
_MIRRORED = {"rightsemi": "leftsemi", "rightanti": "leftanti"}


def build_plan(operator: bound.Operator, applied: tuple[nodes.Plan, ...] = ()) -> nodes.Plan:
    """Return the plan of a bound operator.

    `applied` are the rows that the bodies of `mv-apply` around the operator work on, innermost last. Raises
    `QueryRefusedError` for what such a body cannot hold, and nothing else.
    """

    def build(part: bound.Operator) -> nodes.Plan:
        return build_plan(part, applied)

    match operator:
        case bound.TableScan():
            return nodes.Scan(operator.symbol)
        case bound.Rows():
            return nodes.Values(operator.schema.columns, operator.rows)
        case bound.ExternalData():
            return _build_external(operator)
        case bound.RangeRows():
            return nodes.Counter(operator.schema.columns[0], operator.start, operator.stop, operator.step)
        case bound.Where():
            return build_filter(build(operator.input), operator.predicate)
        case bound.Extend():
            return nodes.Extend(*lift_windows(build(operator.input), operator.outputs))
        case bound.Project():
            return nodes.Project(*lift_windows(build(operator.input), operator.outputs))
        case bound.Summarize():
            return nodes.Aggregate(build(operator.input), operator.keys, operator.aggregates)
        case bound.MakeSeries():
            return _build_series(operator, build(operator.input))
        case bound.Sort():
            return nodes.Sort(build(operator.input), operator.keys)
        case bound.Serialize():
            # The engine keeps the rows as they come, up to where they are numbered.
            return build(operator.input)
        case bound.Take():
            return nodes.Limit(build(operator.input), operator.count, operator.keys)
        case bound.Join():
            return _build_join(operator, build)
        case bound.Union():
            parts = tuple(build(part) for part in operator.inputs)
            return nodes.UnionAll(parts, operator.schema.columns, operator.renamed)
        case bound.MvExpand():
            return _build_unnest(operator, build(operator.input))
        case bound.MvApply() | bound.Partition():
            return _build_groupwise(operator, build, applied)
        case bound.StepScan():
            return build_step_scan(operator, build(operator.input))
        case bound.Parse():
            return _build_extract(operator, build(operator.input))
        case bound.Shared():
            source = build(operator.input)
            if not operator.is_materialized:
                return source
            return _build_materialized(operator, source)
        case bound.KeptRows() | bound.GraphMatch() | bound.GraphComponents() | bound.Mine():
            return _build_segment(operator, build)
        case bound.ApplyInput():
            return _find_applied(applied)
        case _:
            assert_never(operator)


def _build_external(operator: bound.ExternalData) -> nodes.Segment:
    names = tuple(column.name for column in operator.schema.columns)
    read = ReadExternalData(
        operator.places, operator.format, names, operator.raw_columns, operator.ignores_first_record
    )
    return nodes.Segment((), read, tuple(SegmentColumn(name, ScalarType.STRING) for name in names))


def _find_applied(applied: tuple[nodes.Plan, ...]) -> nodes.Plan:
    if applied:
        return applied[-1]
    message = "a query of its own over the rows of one group is not supported by Kelp"
    raise refusal(UNSUPPORTED, message, NOWHERE)


def _build_groupwise(
    operator: bound.MvApply | bound.Partition,
    build: Callable[[bound.Operator], nodes.Plan],
    applied: tuple[nodes.Plan, ...],
) -> nodes.Plan:
    def build_body(body: bound.Operator, rows: nodes.Plan) -> nodes.Plan:
        return build_plan(body, (*applied, rows))

    source = build(operator.input)
    if isinstance(operator, bound.Partition):
        return build_partition(operator, source, build, build_body)
    return build_mv_apply(operator, source, build_body, len(applied))


def _build_materialized(operator: bound.Shared, source: nodes.Plan) -> nodes.Plan:
    """What is kept apart is read in any order, so rows that have one are numbered (WIN-8)."""
    columns = operator.schema.columns
    if not is_serialized(operator.input):
        return nodes.Materialized(operator.name, source, columns)
    place = bound.ColumnReference("$place", ScalarType.LONG)
    number = bound.Output(place.name, bound.WindowCall("row_number", (), place.type))
    placed = nodes.Materialized(
        operator.name, nodes.Window(source, (number,)), (*columns, Column(place.name, place.type))
    )
    return nodes.Sort(placed, (bound.SortKey(place, descending=False, nulls_first=False),))


def _build_unnest(operator: bound.MvExpand, source: nodes.Plan) -> nodes.Unnest:
    return nodes.Unnest(
        source, operator.expansions, operator.bag_as_array, operator.item_index, operator.limit
    )


def _build_series(operator: bound.MakeSeries, source: nodes.Plan) -> nodes.Series:
    return nodes.Series(
        source,
        operator.keys,
        operator.values,
        operator.axis,
        operator.place,
        operator.start,
        operator.stop,
        operator.step,
        operator.is_nonempty,
    )


def _build_extract(operator: bound.Parse, source: nodes.Plan) -> nodes.Extract:
    return nodes.Extract(
        source, operator.subject, operator.mode, operator.flags, operator.items, operator.is_filter
    )


def _build_segment(
    operator: bound.KeptRows | bound.GraphMatch | bound.GraphComponents | bound.Mine,
    build: Callable[[bound.Operator], nodes.Plan],
) -> nodes.Plan:
    if not isinstance(operator, bound.Mine):
        return build_graph(operator, build)
    given, made = (
        tuple(SegmentColumn(column.name, column.type) for column in schema.columns)
        for schema in (operator.input.schema, operator.schema)
    )
    return nodes.Segment(
        (nodes.SegmentInput(build(operator.input), given),), operation_of(operator.method), made
    )


def _build_join(operator: bound.Join, build: Callable[[bound.Operator], nodes.Plan]) -> nodes.Join:
    """Spell out what the kinds imply.

    `innerunique` keeps one left row a key (JOIN-1); a right-sided kind is the left-sided one with the sides swapped.
    """
    if operator.kind in _MIRRORED:
        pairs = tuple((right, left) for left, right in operator.conditions)
        outputs = tuple(bound.JoinOutput(o.name, o.source, not o.is_left) for o in operator.outputs)
        kind = _JOIN_KINDS[_MIRRORED[operator.kind]]
        return nodes.Join(kind, build(operator.right), build(operator.left), pairs, outputs)
    left = build(operator.left)
    if operator.kind == "innerunique":
        one = Literal(ScalarType.LONG, 1)
        left = nodes.Limit(left, one, tuple(pair[0] for pair in operator.conditions))
    kind = _JOIN_KINDS[operator.kind]
    return nodes.Join(kind, left, build(operator.right), operator.conditions, operator.outputs)
