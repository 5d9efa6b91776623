"""Running operators for many groups of rows at once: each carries along which group a row is of.

Aggregations get it as a key, cuts are made a group each, orders begin with it. What has no such form is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.kql.bound import AggregateCall, ColumnReference, Output, SortKey
from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.text import NOWHERE
from kelp.plan import nodes
from kelp.plan.rewrite import iter_inputs
from kelp.plan.segment_operations import operation_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_CARRYING_JOINS = frozenset({
    nodes.JoinKind.INNER, nodes.JoinKind.LEFT, nodes.JoinKind.LEFT_SEMI, nodes.JoinKind.LEFT_ANTI
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Carried:
    """What is carried through the operators over `source`, in hidden columns.

    `row` tells the groups apart; `columns` have one value in all rows of a group. `operator` is KQL's name for it.
    """

    operator: str
    source: nodes.Plan
    row: ColumnReference
    columns: Mapping[str, ColumnReference]

    @property
    def references(self) -> tuple[ColumnReference, ...]:
        """All hidden columns."""
        return (self.row, *self.columns.values())

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What passes the hidden columns through."""
        return tuple(Output(reference.name, reference) for reference in self.references)


def carry(plan: nodes.Plan, carried: Carried) -> nodes.Plan:
    """Return the plan, which ends in the carried source, for all groups of it; raises `QueryRefusedError`."""
    if plan is carried.source:
        return plan
    match plan:
        case nodes.Filter() | nodes.Extend() | nodes.Unnest() | nodes.Extract():
            return replace(plan, input=carry(plan.input, carried))
        case nodes.Window() | nodes.StepScan():
            return replace(plan, input=carry(plan.input, carried), keys=(carried.row, *plan.keys))
        case nodes.Project():
            return replace(plan, input=carry(plan.input, carried), outputs=(*plan.outputs, *carried.outputs))
        case nodes.Sort():
            by_row = SortKey(carried.row, descending=False, nulls_first=True)
            return replace(plan, input=carry(plan.input, carried), keys=(by_row, *plan.keys))
        case nodes.Limit():
            return replace(plan, input=carry(plan.input, carried), keys=(carried.row, *plan.keys))
        case nodes.Aggregate():
            return _carry_aggregate(plan, carried)
        case nodes.Series():
            return _carry_series(plan, carried)
        case nodes.Join():
            return _carry_join(plan, carried)
        case nodes.UnionAll():
            raise _refused("union", carried)
        case nodes.Materialized():
            raise _refused("as", carried)
        case nodes.Segment():
            raise _refused(operation_name(plan.operation), carried)
        case nodes.Scan() | nodes.ScopedScan() | nodes.Values() | nodes.Counter():
            raise AssertionError("the body does not start with its input")
        case _:
            assert_never(plan)


def _carry_aggregate(plan: nodes.Aggregate, carried: Carried) -> nodes.Aggregate:
    """All rows of a group have the same values in the columns, so that any is the one."""
    same = tuple(
        Output(reference.name, AggregateCall("take_any", (reference,), reference.type))
        for reference in carried.columns.values()
    )
    row = Output(carried.row.name, carried.row)
    return nodes.Aggregate(carry(plan.input, carried), (row, *plan.keys), (*plan.aggregates, *same))


def _carry_series(plan: nodes.Series, carried: Carried) -> nodes.Series:
    """The bins have the hidden columns already, as an aggregation made them."""
    return replace(plan, input=carry(plan.input, carried), keys=(*carried.references, *plan.keys))


def _carry_join(plan: nodes.Join, carried: Carried) -> nodes.Join:
    if plan.kind not in _CARRYING_JOINS or _holds(plan.right, carried.source):
        raise _refused(f"{plan.kind} join", carried)
    passed = tuple(bound.JoinOutput(r.name, r.name, is_left=True) for r in carried.references)
    return replace(plan, left=carry(plan.left, carried), outputs=(*plan.outputs, *passed))


def _holds(plan: nodes.Plan, part: nodes.Plan) -> bool:
    return plan is part or any(_holds(source, part) for source in iter_inputs(plan))


def _refused(what: str, carried: Carried) -> Exception:
    message = f"'{what}' inside of '{carried.operator}' is not supported by Kelp"
    return refusal(UNSUPPORTED, message, NOWHERE)
