"""Replaces every named table by the stored tables behind it.

Each has its mandatory predicate, and the request's time range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.bound import Call, ColumnReference, Expression, Literal
from kelp.kql.diagnostics import UNKNOWN_NAME, refusal
from kelp.kql.text import NOWHERE
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.rewrite import map_inputs

if TYPE_CHECKING:
    from kelp.plan.passes.pipeline import PlanContext
    from kelp.plan.scope import ScopedTable

TIME_COLUMN = "TimeGenerated"


def apply_scope(plan: nodes.Plan, context: PlanContext) -> nodes.Plan:
    """Return the plan without a `Scan`; a table outside of the scope is refused (the binder should have known)."""
    if not isinstance(plan, nodes.Scan):
        return map_inputs(plan, lambda part: apply_scope(part, context))
    stored = context.scope.tables.get(plan.symbol.reference)
    if stored is None:
        raise refusal(
            UNKNOWN_NAME, f"the table '{plan.symbol.reference.name}' is outside of the query's scope", NOWHERE
        )
    columns = plan.symbol.schema.columns
    scans = tuple(nodes.ScopedScan(table, columns, _filters(table, context)) for table in stored)
    return scans[0] if len(scans) == 1 else nodes.UnionAll(scans, columns)


def _filters(table: ScopedTable, context: PlanContext) -> tuple[Expression, ...]:
    filters = () if table.predicate is None else (table.predicate,)
    if context.time_range is None or TIME_COLUMN not in table.stored_columns:
        return filters
    time = ColumnReference(TIME_COLUMN, ScalarType.DATETIME)
    start, stop = (Literal(ScalarType.DATETIME, ticks) for ticks in context.time_range)
    return (
        *filters,
        Call(">=", (time, start), ScalarType.BOOL),
        Call("<", (time, stop), ScalarType.BOOL),
    )
