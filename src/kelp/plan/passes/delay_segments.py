"""Moves what drops rows in front of segments whose calls don't matter to it: the engine drops them sooner and for less.

Only calls are passed by: a row of theirs depends on no other row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kelp.kql import bound
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.rewrite import all_of, iter_conditions, map_inputs, referenced_columns, replace_parts
from kelp.plan.segment_operations import Calls

if TYPE_CHECKING:
    from kelp.plan.passes.pipeline import PlanContext

_RowByRow: TypeAlias = nodes.Extend | nodes.Project | nodes.Filter | nodes.Segment
"""Nodes that look at each row by itself."""


def delay_segments(plan: nodes.Plan, context: PlanContext) -> nodes.Plan:
    """Return the plan with filters and cuts as early as segments allow."""
    del context
    return _delay(plan)


def cut_early(plan: nodes.Plan, rows: int) -> nodes.Plan:
    """Return the plan, whose first `rows` are wanted, with the cut before segments where there are any."""
    if not _leads_to_segment(plan):
        return plan
    return _cut(plan, bound.Literal(ScalarType.LONG, rows))


def _delay(plan: nodes.Plan) -> nodes.Plan:
    plan = map_inputs(plan, _delay)
    match plan:
        case nodes.Filter() if _leads_to_segment(plan.input):
            return _keep(plan.input, list(iter_conditions(plan.predicate)))
        case nodes.Limit(keys=()) if _leads_to_segment(_below_sort(plan.input)):
            return _cut(plan.input, plan.count)
        case _:
            return plan


def _leads_to_segment(plan: nodes.Plan) -> bool:
    while isinstance(plan, nodes.Extend | nodes.Project | nodes.Filter):
        plan = plan.input
    return isinstance(plan, nodes.Segment) and isinstance(plan.operation, Calls)


def _below_sort(plan: nodes.Plan) -> nodes.Plan:
    return plan.input if isinstance(plan, nodes.Sort) else plan


# --- filters ---------------------------------------------------------------------------------------------------------


def _keep(plan: nodes.Plan, conditions: list[bound.Expression]) -> nodes.Plan:
    """Return the rows that meet the conditions, each of which is asked as early as it can be."""
    if not conditions:
        return plan
    if not isinstance(plan, _RowByRow) or not _leads_to_segment(plan):
        return _filter(plan, conditions)
    early: list[bound.Expression] = []
    late: list[bound.Expression] = []
    for condition in conditions:
        moved = _before(plan, condition)
        if moved is None:
            late.append(condition)
        else:
            early.append(moved)
    return _filter(map_inputs(plan, lambda source: _keep(source, early)), late)


def _before(plan: _RowByRow, condition: bound.Expression) -> bound.Expression | None:
    """Return what asks the same of the node's input; None where the node makes what it asks for."""
    read = referenced_columns([condition])
    match plan:
        case nodes.Filter():
            return condition
        case nodes.Segment():
            assert isinstance(plan.operation, Calls)
            made = {call.output.name for call in plan.operation.calls}
            return None if read & made else condition
        case nodes.Extend():
            return None if read & {output.name for output in plan.outputs} else condition
        case nodes.Project():
            passed: dict[bound.Expression, bound.Expression] = {
                bound.ColumnReference(output.name, output.value.type): output.value
                for output in plan.outputs
                if isinstance(output.value, bound.ColumnReference)
            }
            names = {
                output.name for output in plan.outputs if isinstance(output.value, bound.ColumnReference)
            }
            return replace_parts(condition, passed) if read <= names else None


def _filter(plan: nodes.Plan, conditions: list[bound.Expression]) -> nodes.Plan:
    return nodes.Filter(plan, all_of(conditions)) if conditions else plan


# --- cuts ------------------------------------------------------------------------------------------------------------


def _cut(plan: nodes.Plan, count: bound.Expression) -> nodes.Plan:
    """Return the first rows. They keep their order, so that those of the input are the same."""
    match plan:
        case nodes.Sort() if _leads_to_segment(plan.input):
            sorted_early = _sort(plan.input, plan.keys)
            return nodes.Limit(plan, count) if sorted_early is None else _cut(sorted_early, count)
        case nodes.Extend() | nodes.Project() if _leads_to_segment(plan):
            return replace(plan, input=_cut(plan.input, count))
        case nodes.Segment(operation=Calls()):
            return map_inputs(plan, lambda source: _cut(source, count))
        case _:
            return nodes.Limit(plan, count)


def _sort(plan: nodes.Plan, keys: tuple[bound.SortKey, ...]) -> nodes.Plan | None:
    """Return the rows in order, brought into it before a segment; None where the order needs what segments make."""
    if not isinstance(plan, _RowByRow) or not _leads_to_segment(plan):
        return nodes.Sort(plan, keys)
    moved = [_before(plan, key.value) for key in keys]
    found = tuple(
        replace(key, value=value) for key, value in zip(keys, moved, strict=True) if value is not None
    )
    if len(found) < len(keys):
        return None
    early = _sort(_input_of(plan), found)
    return None if early is None else map_inputs(plan, lambda _: early)


def _input_of(plan: _RowByRow) -> nodes.Plan:
    return plan.inputs[0].plan if isinstance(plan, nodes.Segment) else plan.input
