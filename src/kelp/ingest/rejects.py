"""What became of records that could not be taken as they came: rows in the workspace's `Operation` table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kelp.ingest.load_plan import LoadPlan
    from kelp.ingest.recipe import Recipe


class RejectReports(Protocol):
    """Takes note of what was not loaded, or not as it came, without making the load wait."""

    def report_lost_plan(self, plan: LoadPlan) -> None:
        """Note that none of a plan's records could be loaded."""
        ...

    def report_unfit_values(self, plan: LoadPlan, recipe: Recipe, records: tuple[bytes, ...]) -> None:
        """Note which values did not convert; they are null in the table."""
        ...
