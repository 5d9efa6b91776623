"""`parse`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.text import NOWHERE

if TYPE_CHECKING:
    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.plan.nodes import Extract


def lower_extract(context: LoweringContext, plan: Extract, level: Level) -> Level:
    """Return the rows with the parsed columns."""
    del context, plan, level
    raise refusal(UNSUPPORTED, "the operator 'parse' is not supported by Kelp", NOWHERE)
