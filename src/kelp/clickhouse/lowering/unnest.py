"""`mv-expand`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.text import NOWHERE

if TYPE_CHECKING:
    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.plan.nodes import Unnest


def lower_unnest(context: LoweringContext, plan: Unnest, level: Level) -> Level:
    """Return the expanded rows."""
    del context, plan, level
    raise refusal(UNSUPPORTED, "the operator 'mv-expand' is not supported by Kelp", NOWHERE)
