"""Walking a plan: rebuilding a node over new inputs, and finding the queries that expressions hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from kelp.kql import bound
from kelp.kql.types import ScalarType
from kelp.plan import nodes


def map_inputs(plan: nodes.Plan, rewrite: Callable[[nodes.Plan], nodes.Plan]) -> nodes.Plan:
    """Return the node with `rewrite` applied to each of its inputs."""
    match plan:
        case nodes.Scan() | nodes.ScopedScan() | nodes.Values() | nodes.Counter():
            return plan
        case nodes.Join():
            return replace(plan, left=rewrite(plan.left), right=rewrite(plan.right))
        case nodes.UnionAll():
            return replace(plan, inputs=tuple(rewrite(part) for part in plan.inputs))
        case nodes.Segment():
            inputs = (nodes.SegmentInput(rewrite(part.plan), part.columns) for part in plan.inputs)
            return replace(plan, inputs=tuple(inputs))
        case (
            nodes.Filter()
            | nodes.Extend()
            | nodes.Project()
            | nodes.Aggregate()
            | nodes.Series()
            | nodes.Sort()
            | nodes.Window()
            | nodes.StepScan()
            | nodes.Limit()
            | nodes.Unnest()
            | nodes.Extract()
            | nodes.Materialized()
        ):
            return replace(plan, input=rewrite(plan.input))
        case _:
            assert_never(plan)


def iter_inputs(plan: nodes.Plan) -> tuple[nodes.Plan, ...]:
    """Return the inputs of a node, left to right."""
    match plan:
        case nodes.Scan() | nodes.ScopedScan() | nodes.Values() | nodes.Counter():
            return ()
        case nodes.Join():
            return (plan.left, plan.right)
        case nodes.UnionAll():
            return plan.inputs
        case nodes.Segment():
            return tuple(part.plan for part in plan.inputs)
        case (
            nodes.Filter()
            | nodes.Extend()
            | nodes.Project()
            | nodes.Aggregate()
            | nodes.Series()
            | nodes.Sort()
            | nodes.Window()
            | nodes.StepScan()
            | nodes.Limit()
            | nodes.Unnest()
            | nodes.Extract()
            | nodes.Materialized()
        ):
            return (plan.input,)
        case _:
            assert_never(plan)


def holds_segment(plan: nodes.Plan) -> bool:
    """Tell whether the engine can't compute all of the plan."""
    return isinstance(plan, nodes.Segment) or any(map(holds_segment, iter_inputs(plan)))


def holds_window(expression: bound.Expression) -> bool:
    """Tell whether the expression looks at neighbouring rows."""
    match expression:
        case bound.WindowCall():
            return True
        case bound.Call() | bound.AggregateCall():
            return any(holds_window(argument) for argument in expression.arguments)
        case bound.InQuery():
            return holds_window(expression.subject)
        case bound.Literal() | bound.ColumnReference() | bound.ScalarQuery():
            return False
        case _:
            assert_never(expression)


def referenced_columns(expressions: Iterable[bound.Expression]) -> set[str]:
    """Return the names of the input's columns that the expressions read."""
    found: set[str] = set()
    for expression in expressions:
        _collect(expression, found)
    return found


def _collect(expression: bound.Expression, found: set[str]) -> None:
    match expression:
        case bound.ColumnReference():
            found.add(expression.name)
        case bound.Call() | bound.AggregateCall() | bound.WindowCall():
            for argument in expression.arguments:
                _collect(argument, found)
        case bound.InQuery():
            _collect(expression.subject, found)
        case bound.Literal() | bound.ScalarQuery():
            pass
        case _:
            assert_never(expression)


def replace_parts(
    expression: bound.Expression, parts: Mapping[bound.Expression, bound.Expression]
) -> bound.Expression:
    """Return the expression with others in the place of those parts."""
    found = parts.get(expression)
    if found is not None:
        return found
    match expression:
        case bound.Call() | bound.AggregateCall() | bound.WindowCall():
            return replace(
                expression, arguments=tuple(replace_parts(part, parts) for part in expression.arguments)
            )
        case bound.InQuery():
            return replace(expression, subject=replace_parts(expression.subject, parts))
        case bound.Literal() | bound.ColumnReference() | bound.ScalarQuery():
            return expression
        case _:
            assert_never(expression)


def iter_conditions(predicate: bound.Expression) -> Iterator[bound.Expression]:
    """Yield the conditions that must all hold for the predicate to hold."""
    if isinstance(predicate, bound.Call) and predicate.function == "and":
        for part in predicate.arguments:
            yield from iter_conditions(part)
    else:
        yield predicate


def all_of(conditions: Sequence[bound.Expression]) -> bound.Expression:
    """Return the predicate that holds where all of the conditions do; there is at least one."""
    if len(conditions) == 1:
        return conditions[0]
    return bound.Call("and", tuple(conditions), ScalarType.BOOL)
