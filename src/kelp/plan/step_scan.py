"""`scan` prepared: what does not look back at earlier matches is computed for all rows at once, beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.kql.bound import ColumnReference, Literal, Output, step_column
from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.functions.table import function_table
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.rewrite import referenced_columns
from kelp.plan.windows import lift_windows

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACE = ColumnReference("$scan.place", ScalarType.LONG)


def build_step_scan(operator: bound.StepScan, source: nodes.Plan) -> nodes.Project:
    """Return the plan of `scan` over the rows of `source`, which are in order."""
    defaults = {output.name: output.value for output in operator.declared}
    references = _references(operator)
    hoisting = _Hoisting(defaults, {step_column(r.step, r.column): r for r in references})
    steps = tuple(
        replace(
            step,
            condition=hoisting.lift(step.condition),
            assignments=tuple(Output(o.name, hoisting.lift(o.value)) for o in step.assignments),
        )
        for step in operator.steps
    )
    keys = tuple(hoisting.column(key) for key in operator.keys)
    candidates = _candidates(operator, hoisting)
    may_match = None if candidates is None else hoisting.column(candidates)
    extended: nodes.Plan = nodes.Extend(*lift_windows(source, tuple(hoisting.outputs())))
    if may_match is not None:
        # A filter of its own, since the conditions may look at neighbouring rows.
        extended = nodes.Filter(extended, may_match)
    number = Output(_PLACE.name, bound.WindowCall("row_number", (), _PLACE.type))
    numbered = nodes.Window(extended, (number,), keys)
    scan = nodes.StepScan(
        numbered, _PLACE, keys, operator.declared, references, steps, operator.match_id, operator.step_name
    )
    columns = operator.schema.columns
    return nodes.Project(scan, tuple(Output(c.name, ColumnReference(c.name, c.type)) for c in columns))


def _candidates(operator: bound.StepScan, hoisting: _Hoisting) -> bound.Expression | None:
    """Return the condition without which a row can match no step; None where there is none."""
    found: list[bound.Expression] = []
    for step in operator.steps:
        own = hoisting.own_condition(step.condition)
        if own is None or isinstance(own, Literal):
            return None
        found.append(own)
    return found[0] if len(found) == 1 else bound.Call("or", tuple(found), ScalarType.BOOL)


def _references(operator: bound.StepScan) -> tuple[nodes.StepReference, ...]:
    """Return what the steps look back at, in the order of the steps."""
    values = [value for step in operator.steps for value in _expressions(step)]
    read = referenced_columns(values)
    return tuple(
        nodes.StepReference(step.name, column.name, column.type)
        for step in operator.steps
        for column in operator.schema.columns
        if step_column(step.name, column.name) in read
    )


def _expressions(step: bound.MatchStep) -> tuple[bound.Expression, ...]:
    return (step.condition, *(output.value for output in step.assignments))


@dataclass(slots=True)
class _Hoisting:
    """The expressions that became columns; equal ones are one column."""

    defaults: Mapping[str, bound.Expression]
    looked_back_at: Mapping[str, nodes.StepReference]
    columns: dict[bound.Expression, ColumnReference] = field(default_factory=dict)

    def outputs(self) -> list[Output]:
        """Return the columns to be computed beforehand."""
        return [Output(reference.name, value) for value, reference in self.columns.items()]

    def column(self, value: bound.Expression) -> ColumnReference:
        """Return the column of an expression that looks at its own row only."""
        if isinstance(value, ColumnReference):
            return value
        name = f"$scan.{len(self.columns)}"
        return self.columns.setdefault(value, ColumnReference(name, value.type, value.span))

    def lift(self, value: bound.Expression) -> bound.Expression:
        """Return the expression with all that looks at its own row only in columns; declared columns are defaults."""
        value = self._with_defaults(value)
        return self._lift(value)

    def _lift(self, value: bound.Expression) -> bound.Expression:
        if isinstance(value, (Literal, ColumnReference)):
            return value
        if not self.looks_back(value):
            return self.column(value)
        if isinstance(value, bound.Call) and value.function not in function_table().segments:
            return replace(value, arguments=tuple(self._lift(part) for part in self._joined(value)))
        what = "in" if isinstance(value, (bound.InQuery, bound.ScalarQuery)) else value.function
        message = f"'{what}' over what a step of 'scan' matched before is not supported by Kelp"
        raise refusal(UNSUPPORTED, message, value.span)

    def _joined(self, value: bound.Call) -> tuple[bound.Expression, ...]:
        """Return the arguments, those of a condition that look at their own row only as one."""
        if value.function not in ("and", "or"):
            return value.arguments
        own = tuple(part for part in value.arguments if not self.looks_back(part))
        if len(own) < 2:
            return value.arguments
        others = tuple(part for part in value.arguments if self.looks_back(part))
        return (replace(value, arguments=own), *others)

    def looks_back(self, value: bound.Expression) -> bool:
        """Tell whether the expression reads what a step matched before."""
        return any(name in self.looked_back_at for name in referenced_columns([value]))

    def own_condition(self, value: bound.Expression) -> bound.Expression | None:
        """Return the part of a condition that a row can be told by alone; None where there is none."""
        value = self._with_defaults(value)
        if not self.looks_back(value):
            return value
        if not isinstance(value, bound.Call) or value.function != "and":
            return None
        parts = [found for part in value.arguments if (found := self.own_condition(part)) is not None]
        return None if not parts else parts[0] if len(parts) == 1 else replace(value, arguments=tuple(parts))

    def _with_defaults(self, value: bound.Expression) -> bound.Expression:
        match value:
            case ColumnReference():
                return self.defaults.get(value.name, value)
            case bound.Call() | bound.AggregateCall() | bound.WindowCall():
                return replace(value, arguments=tuple(self._with_defaults(part) for part in value.arguments))
            case bound.InQuery():
                return replace(value, subject=self._with_defaults(value.subject))
            case Literal() | bound.ScalarQuery():
                return value
            case _:
                assert_never(value)
