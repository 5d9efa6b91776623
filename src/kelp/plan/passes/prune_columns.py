"""Drops the columns that nothing above reads, down to the scans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from kelp.kql.bound import Literal, Output
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.rewrite import referenced_columns
from kelp.plan.segment_operations import Calls, SegmentColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.types import Column
    from kelp.plan.passes.pipeline import PlanContext

_ROW = SegmentColumn("$row", ScalarType.LONG)

Needed = frozenset[str] | None
"""The columns that are read above a node; None for all of them."""


def prune_columns(plan: nodes.Plan, context: PlanContext) -> nodes.Plan:
    """Return the plan with every node giving only what is read."""
    del context
    return _prune(plan, None)


def keep_columns(plan: nodes.Plan, names: Iterable[str]) -> nodes.Plan:
    """Return the plan with every node giving only what these columns need."""
    return _prune(plan, frozenset(names))


def _with(needed: Needed, more: set[str]) -> Needed:
    return None if needed is None else needed | more


def _prune(plan: nodes.Plan, needed: Needed) -> nodes.Plan:
    match plan:
        case nodes.ScopedScan():
            return replace(plan, columns=tuple(c for c in plan.columns if needed is None or c.name in needed))
        case nodes.Filter():
            return replace(
                plan, input=_prune(plan.input, _with(needed, referenced_columns([plan.predicate])))
            )
        case nodes.Extend():
            return _prune_extend(plan, needed)
        case nodes.Project():
            outputs = tuple(o for o in plan.outputs if needed is None or o.name in needed)
            read = referenced_columns(output.value for output in outputs)
            return replace(plan, outputs=outputs, input=_prune(plan.input, frozenset(read)))
        case nodes.Aggregate():
            aggregates = tuple(o for o in plan.aggregates if needed is None or o.name in needed)
            read = referenced_columns(output.value for output in (*plan.keys, *aggregates))
            return replace(plan, aggregates=aggregates, input=_prune(plan.input, frozenset(read)))
        case nodes.Series():
            return _prune_series(plan, needed)
        case nodes.Sort():
            read = referenced_columns(key.value for key in plan.keys)
            return replace(plan, input=_prune(plan.input, _with(needed, read)))
        case nodes.Limit():
            return replace(plan, input=_prune(plan.input, _with(needed, referenced_columns(plan.keys))))
        case nodes.Window():
            return _prune_window(plan, needed)
        case nodes.StepScan():
            return replace(plan, input=_prune(plan.input, _needed_by_steps(plan, needed)))
        case nodes.Join():
            return _prune_join(plan, needed)
        case nodes.UnionAll():
            columns = tuple(c for c in plan.columns if needed is None or c.name in needed)
            return replace(plan, columns=columns, inputs=_prune_members(plan, columns))
        case nodes.Unnest():
            read = referenced_columns(expansion.value for expansion in plan.expansions)
            return replace(plan, input=_prune(plan.input, _with(needed, read)))
        case nodes.Extract():
            return _prune_extract(plan, needed)
        case nodes.Materialized():
            # The input is pruned when all uses are known.
            return replace(plan, columns=tuple(c for c in plan.columns if needed is None or c.name in needed))
        case nodes.Segment():
            return _prune_segment(plan, needed)
        case nodes.Scan() | nodes.Values() | nodes.Counter():
            return plan
        case _:
            assert_never(plan)


def _prune_members(plan: nodes.UnionAll, columns: tuple[Column, ...]) -> tuple[nodes.Plan, ...]:
    names = frozenset(column.name for column in columns)
    if not plan.renamed:
        return tuple(_prune(part, names) for part in plan.inputs)
    return tuple(
        _prune(part, frozenset(plan.input_name(index, name) for name in names))
        for index, part in enumerate(plan.inputs)
    )


def _prune_extend(plan: nodes.Extend, needed: Needed) -> nodes.Plan:
    outputs = tuple(o for o in plan.outputs if needed is None or o.name in needed)
    made = {output.name for output in outputs}
    read = referenced_columns(output.value for output in outputs)
    below = None if needed is None else frozenset((needed - made) | read)
    source = _prune(plan.input, below)
    return replace(plan, outputs=outputs, input=source) if outputs else source


def _prune_segment(plan: nodes.Segment, needed: Needed) -> nodes.Plan:
    """What only passes through a segment's calls need not be given to it; other operations look at whole rows."""
    operation = plan.operation
    if not isinstance(operation, Calls):
        inputs = tuple(
            nodes.SegmentInput(
                _prune(part.plan, frozenset(column.name for column in part.columns)), part.columns
            )
            for part in plan.inputs
        )
        return replace(plan, inputs=inputs)
    (source,) = plan.inputs
    calls = tuple(call for call in operation.calls if needed is None or call.output.name in needed)
    if not calls:
        return _prune(source.plan, needed)
    columns = tuple(column for column in plan.columns if needed is None or column.name in needed)
    read = {name for call in calls for name in call.arguments if isinstance(name, str)}
    read |= {column.name for column in columns} - {call.output.name for call in calls}
    given = tuple(column for column in source.columns if column.name in read)
    inner = source.plan
    if not given:
        # Rows without columns can't be told, nor counted.
        inner = nodes.Extend(inner, (Output(_ROW.name, Literal(_ROW.type, 0)),))
        given = (_ROW,)
    pruned = _prune(inner, frozenset(column.name for column in given))
    return nodes.Segment((nodes.SegmentInput(pruned, given),), Calls(calls), columns)


def _prune_series(plan: nodes.Series, needed: Needed) -> nodes.Series:
    values = tuple(v for v in plan.values if needed is None or v.name in needed)
    read = referenced_columns((*plan.keys, plan.place)) | {value.name for value in values}
    return replace(plan, values=values, input=_prune(plan.input, frozenset(read)))


def _prune_window(plan: nodes.Window, needed: Needed) -> nodes.Plan:
    outputs = tuple(o for o in plan.outputs if needed is None or o.name in needed)
    if not outputs:
        return _prune(plan.input, needed)
    made = {output.name for output in outputs}
    read = referenced_columns((*(output.value for output in outputs), *plan.keys))
    below = None if needed is None else frozenset((needed - made) | read)
    return replace(plan, outputs=outputs, input=_prune(plan.input, below))


def _needed_by_steps(plan: nodes.StepScan, needed: Needed) -> Needed:
    if needed is None:
        return None
    values = (
        value for step in plan.steps for value in (step.condition, *(o.value for o in step.assignments))
    )
    read = referenced_columns((plan.place, *plan.keys, *values)) | {r.column for r in plan.references}
    return frozenset((needed - {output.name for output in plan.declared}) | read)


def _prune_extract(plan: nodes.Extract, needed: Needed) -> nodes.Plan:
    """A text column that nobody reads is skipped text.

    Others decide on the match, or are greedy in a regular expression.
    """
    read = referenced_columns([plan.subject])
    if needed is None:
        return replace(plan, input=_prune(plan.input, None))
    made = {item.column for item in plan.items}
    source = _prune(plan.input, frozenset((needed - made) | read))
    items = tuple(
        replace(item, column=None) if item.column not in needed and item.type is ScalarType.STRING else item
        for item in plan.items
    )
    return replace(plan, items=plan.items if plan.mode == "regex" else items, input=source)


def _prune_join(plan: nodes.Join, needed: Needed) -> nodes.Join:
    outputs = tuple(o for o in plan.outputs if needed is None or o.name in needed)
    sides: list[frozenset[str]] = []
    for index, is_left in enumerate((True, False)):
        read = referenced_columns(pair[index] for pair in plan.pairs)
        sides.append(frozenset(read | {o.source for o in outputs if o.is_left == is_left}))
    return replace(
        plan, outputs=outputs, left=_prune(plan.left, sides[0]), right=_prune(plan.right, sides[1])
    )
