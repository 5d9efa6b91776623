"""Which columns a plan gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql.types import Column, ScalarType
from kelp.plan import nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.bound import Output


def columns_of(plan: nodes.Plan) -> tuple[Column, ...]:
    """Return the columns of the plan's rows, each name once."""
    match plan:
        case nodes.Scan():
            return plan.symbol.schema.columns
        case nodes.ScopedScan() | nodes.Values() | nodes.UnionAll() | nodes.Materialized():
            return plan.columns
        case nodes.Counter():
            return (plan.column,)
        case nodes.Filter() | nodes.Sort() | nodes.Limit():
            return columns_of(plan.input)
        case nodes.Extend() | nodes.Window():
            return _with(columns_of(plan.input), _made(plan.outputs))
        case nodes.Project():
            return tuple(_made(plan.outputs))
        case nodes.Aggregate():
            return tuple(_made((*plan.keys, *plan.aggregates)))
        case nodes.Series():
            keys = (Column(key.name, key.type) for key in plan.keys)
            values = (Column(value.name, ScalarType.DYNAMIC) for value in plan.values)
            return (*keys, *values, Column(plan.axis.name, ScalarType.DYNAMIC))
        case nodes.Join():
            return _columns_of_join(plan)
        case nodes.StepScan():
            return _columns_of_steps(plan)
        case nodes.Unnest():
            return _columns_of_unnest(plan)
        case nodes.Extract():
            made = (Column(item.column, item.type) for item in plan.items if item.column is not None)
            return _with(columns_of(plan.input), made)
        case nodes.Segment():
            return tuple(Column(column.name, column.type) for column in plan.columns)
        case _:
            assert_never(plan)


def _made(outputs: Iterable[Output]) -> Iterable[Column]:
    return (Column(output.name, output.value.type) for output in outputs)


def _with(columns: Iterable[Column], more: Iterable[Column]) -> tuple[Column, ...]:
    return tuple({column.name: column for column in (*columns, *more)}.values())


def _columns_of_steps(plan: nodes.StepScan) -> tuple[Column, ...]:
    more = list(_made(plan.declared))
    if plan.match_id is not None:
        more.append(Column(plan.match_id, ScalarType.LONG))
    if plan.step_name is not None:
        more.append(Column(plan.step_name, ScalarType.STRING))
    return _with(columns_of(plan.input), more)


def _columns_of_join(plan: nodes.Join) -> tuple[Column, ...]:
    sides = [{column.name: column.type for column in columns_of(side)} for side in (plan.right, plan.left)]
    return tuple(Column(output.name, sides[output.is_left][output.source]) for output in plan.outputs)


def _columns_of_unnest(plan: nodes.Unnest) -> tuple[Column, ...]:
    made = [Column(expansion.name, expansion.type) for expansion in plan.expansions]
    made += [Column(name, ScalarType.LONG) for name in (plan.item_index, plan.row_number) if name is not None]
    return _with(columns_of(plan.input), made)
