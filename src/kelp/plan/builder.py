"""From the bound query to the plan: KQL's shorthand written out as relational nodes."""

from __future__ import annotations

from typing import assert_never

from kelp.kql import bound
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.mv_apply import build_mv_apply

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


def build_plan(operator: bound.Operator) -> nodes.Plan:
    """Return the plan of a bound operator; total, raises nothing."""
    match operator:
        case bound.TableScan():
            return nodes.Scan(operator.symbol)
        case bound.Rows():
            return nodes.Values(operator.schema.columns, operator.rows)
        case bound.RangeRows():
            return nodes.Counter(operator.schema.columns[0], operator.start, operator.stop, operator.step)
        case bound.Where():
            return nodes.Filter(build_plan(operator.input), operator.predicate)
        case bound.Extend():
            return nodes.Extend(build_plan(operator.input), operator.outputs)
        case bound.Project():
            return nodes.Project(build_plan(operator.input), operator.outputs)
        case bound.Summarize():
            return nodes.Aggregate(build_plan(operator.input), operator.keys, operator.aggregates)
        case bound.Sort():
            return nodes.Sort(build_plan(operator.input), operator.keys)
        case bound.Take():
            return nodes.Limit(build_plan(operator.input), operator.count)
        case bound.Join():
            return _build_join(operator)
        case bound.Union():
            return nodes.UnionAll(tuple(build_plan(part) for part in operator.inputs), operator.schema.columns)
        case bound.MvExpand():
            return nodes.Unnest(
                build_plan(operator.input), operator.expansions, operator.bag_as_array, operator.item_index, operator.limit
            )
        case bound.MvApply():
            return build_mv_apply(operator, build_plan(operator.input))
        case bound.Parse():
            source = build_plan(operator.input)
            return nodes.Extract(
                source, operator.subject, operator.mode, operator.flags, operator.items, operator.is_filter
            )
        case bound.Shared():
            return nodes.Shared(operator.name, build_plan(operator.input))
        case bound.ApplyInput():
            raise AssertionError("the input of mv-apply stands outside of its body")
        case _:
            assert_never(operator)


def _build_join(operator: bound.Join) -> nodes.Join:
    """`innerunique` keeps one left row a key (JOIN-1); a right-sided kind is the left-sided one with the sides swapped."""
    if operator.kind in _MIRRORED:
        pairs = tuple((right, left) for left, right in operator.conditions)
        outputs = tuple(bound.JoinOutput(o.name, o.source, not o.is_left) for o in operator.outputs)
        kind = _JOIN_KINDS[_MIRRORED[operator.kind]]
        return nodes.Join(kind, build_plan(operator.right), build_plan(operator.left), pairs, outputs)
    left = build_plan(operator.left)
    if operator.kind == "innerunique":
        one = Literal(ScalarType.LONG, 1)
        left = nodes.Limit(left, one, tuple(pair[0] for pair in operator.conditions))
    kind = _JOIN_KINDS[operator.kind]
    return nodes.Join(kind, left, build_plan(operator.right), operator.conditions, operator.outputs)
