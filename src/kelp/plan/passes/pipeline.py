"""The order of the passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.plan.passes.apply_scope import apply_scope
from kelp.plan.passes.delay_segments import delay_segments
from kelp.plan.passes.hoist_segments import hoist_segments
from kelp.plan.passes.prune_columns import prune_columns

if TYPE_CHECKING:
    from kelp.plan.nodes import Plan
    from kelp.plan.scope import QueryScope


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What the passes know beside the plan.

    `time_range` is the request's timespan in ticks since 1970, half-open, None where not given.
    """

    scope: QueryScope
    time_range: tuple[int, int] | None = None


PASSES = (
    # The scope comes first: no later pass sees a table that was not let through.
    apply_scope,
    hoist_segments,
    delay_segments,
    # After them, since the scope's predicates and the segments' arguments need columns too.
    prune_columns,
)


def run_passes(plan: Plan, context: PlanContext) -> Plan:
    """Return the plan as it will be lowered."""
    for rewrite in PASSES:
        plan = rewrite(plan, context)
    return plan
