"""`mv-apply` without correlation: number the rows, expand them, and run the body for all rows at once, apart by number.

Every operator of the body is made to carry along the number and the input's other columns under hidden names: groups
get the number as a key, cuts are made a number each, orders begin with it. What has no such form is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.kql.bound import AggregateCall, ColumnReference, Output, SortKey
from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.text import NOWHERE
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.rewrite import iter_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kelp.kql.types import Column

_CARRYING_JOINS = frozenset({
    nodes.JoinKind.INNER, nodes.JoinKind.LEFT, nodes.JoinKind.LEFT_SEMI, nodes.JoinKind.LEFT_ANTI
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Carried:
    """The hidden columns: the row's number, and the input's columns by the name they have in the input."""

    source: nodes.Plan
    row: ColumnReference
    columns: dict[str, ColumnReference]

    @property
    def references(self) -> tuple[ColumnReference, ...]:
        """All hidden columns."""
        return (self.row, *self.columns.values())

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What passes the hidden columns through."""
        return tuple(Output(reference.name, reference) for reference in self.references)


def build_mv_apply(
    operator: bound.MvApply,
    source: nodes.Plan,
    build_body: Callable[[bound.Operator, nodes.Plan], nodes.Plan],
    depth: int,
) -> nodes.Plan:
    """Return the plan of `mv-apply`.

    `build_body` gives that of the body over its input; `depth` tells nested ones apart.
    """
    prefix = f"$apply{depth}"
    row = ColumnReference(f"{prefix}.row", ScalarType.LONG)
    expanded = nodes.Unnest(
        source, operator.expansions, False, operator.item_index, operator.limit, row_number=row.name
    )
    made = {expansion.name for expansion in operator.expansions}
    outside = [column for column in operator.input.schema.columns if column.name not in made]
    hidden = {c.name: ColumnReference(f"{prefix}.{c.name}", c.type) for c in outside}
    copies = (Output(hidden[c.name].name, ColumnReference(c.name, c.type)) for c in outside)
    rows = nodes.Extend(expanded, tuple(copies))
    carried = _Carried(rows, row, hidden)
    body = _carry(build_body(operator.body, rows), carried)
    return nodes.Project(body, tuple(_results(operator, outside, hidden)))


def _results(
    operator: bound.MvApply, outside: Iterable[Column], hidden: dict[str, ColumnReference]
) -> Iterable[Output]:
    """Yield the columns of the result: the input's where the body gives none of that name, then the body's."""
    given = {column.name: column for column in operator.body.schema.columns}
    for column in outside:
        inner = given.pop(column.name, None)
        yield Output(
            column.name, hidden[column.name] if inner is None else ColumnReference(inner.name, inner.type)
        )
    for column in given.values():
        yield Output(column.name, ColumnReference(column.name, column.type))


def _carry(plan: nodes.Plan, carried: _Carried) -> nodes.Plan:
    if plan is carried.source:
        return plan
    match plan:
        case nodes.Filter() | nodes.Extend() | nodes.Unnest() | nodes.Extract():
            return replace(plan, input=_carry(plan.input, carried))
        case nodes.Window():
            return replace(plan, input=_carry(plan.input, carried), keys=(carried.row, *plan.keys))
        case nodes.Project():
            return replace(plan, input=_carry(plan.input, carried), outputs=(*plan.outputs, *carried.outputs))
        case nodes.Sort():
            by_row = SortKey(carried.row, descending=False, nulls_first=True)
            return replace(plan, input=_carry(plan.input, carried), keys=(by_row, *plan.keys))
        case nodes.Limit():
            return replace(plan, input=_carry(plan.input, carried), keys=(carried.row, *plan.keys))
        case nodes.Aggregate():
            return _carry_aggregate(plan, carried)
        case nodes.Join():
            return _carry_join(plan, carried)
        case nodes.UnionAll():
            raise _refused("union")
        case nodes.Materialized():
            raise _refused("as")
        case nodes.Scan() | nodes.ScopedScan() | nodes.Values() | nodes.Counter():
            raise AssertionError("the body of mv-apply does not start with its input")
        case _:
            assert_never(plan)


def _carry_aggregate(plan: nodes.Aggregate, carried: _Carried) -> nodes.Aggregate:
    """All rows of a group come from one input row, so any value of its columns is the one."""
    same = tuple(
        Output(reference.name, AggregateCall("take_any", (reference,), reference.type))
        for reference in carried.columns.values()
    )
    row = Output(carried.row.name, carried.row)
    return nodes.Aggregate(_carry(plan.input, carried), (row, *plan.keys), (*plan.aggregates, *same))


def _carry_join(plan: nodes.Join, carried: _Carried) -> nodes.Join:
    if plan.kind not in _CARRYING_JOINS or _holds(plan.right, carried.source):
        raise _refused(f"{plan.kind} join")
    passed = tuple(bound.JoinOutput(r.name, r.name, is_left=True) for r in carried.references)
    return replace(plan, left=_carry(plan.left, carried), outputs=(*plan.outputs, *passed))


def _holds(plan: nodes.Plan, part: nodes.Plan) -> bool:
    return plan is part or any(_holds(source, part) for source in iter_inputs(plan))


def _refused(what: str) -> Exception:
    return refusal(UNSUPPORTED, f"'{what}' inside of 'mv-apply' is not supported by Kelp", NOWHERE)
