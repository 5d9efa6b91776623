"""`mv-apply` without correlation: number the rows, expand them, and run the body for all rows at once, apart by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.diagnostics import UNSUPPORTED, refusal
from kelp.kql.text import NOWHERE

if TYPE_CHECKING:
    from kelp.kql import bound
    from kelp.plan import nodes


def build_mv_apply(operator: bound.MvApply, source: nodes.Plan) -> nodes.Plan:
    """Return the plan of `mv-apply`."""
    del operator, source
    raise refusal(UNSUPPORTED, "the operator 'mv-apply' is not supported by Kelp", NOWHERE)
