"""A summary rule: a query that runs over each bin of time of a workspace, and the custom table that takes its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from kelp.resources.errors import Problem
from kelp.resources.plain import Plain
from kelp.resources.table import is_custom_table_name

if TYPE_CHECKING:
    from typing import Self

    from kelp.base.ids import ResourceId
    from kelp.resources.transaction import Transaction

BIN_SIZES_MINUTES = (20, 30, 60, 120, 180, 360, 720, 1440)
LONGEST_DELAY_MINUTES = 1440
DEFAULT_DELAY_MINUTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRule(Plain):
    """`bin_delay_minutes` is how long after its end a bin still waits for late records.

    Bins are counted from `bin_start_at`, else from midnight; None of them ends before `active_since`, which is when the
    rule was made or started. `version_at` is when its definition last changed.
    """

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/summaryLogs"

    query: str
    bin_size_minutes: int
    destination_table: str
    bin_delay_minutes: int = DEFAULT_DELAY_MINUTES
    bin_start_at: datetime | None = None
    display_name: str = ""
    description: str = ""
    is_active: bool = True
    active_since: datetime | None = None
    version_at: datetime | None = None

    @property
    def bin_size(self) -> timedelta:
        """How long a bin is."""
        return timedelta(minutes=self.bin_size_minutes)

    @property
    def bin_delay(self) -> timedelta:
        """How long after its end a bin is run."""
        return timedelta(minutes=self.bin_delay_minutes)

    def check(self, name: str) -> list[Problem]:
        """Check the definition; what the query names is for whoever knows tables."""
        place = "properties.ruleDefinition"
        problems = []
        if not self.query.strip():
            problems.append(Problem(f"{place}.query", "A summary rule needs a query."))
        if self.bin_size_minutes not in BIN_SIZES_MINUTES:
            sizes = ", ".join(map(str, BIN_SIZES_MINUTES))
            problems.append(
                Problem(f"{place}.binSize", f"A bin has {sizes} minutes, not {self.bin_size_minutes}.")
            )
        if not 0 <= self.bin_delay_minutes <= LONGEST_DELAY_MINUTES:
            problems.append(
                Problem(
                    f"{place}.binDelay",
                    f"The delay is 0 to {LONGEST_DELAY_MINUTES} minutes, not {self.bin_delay_minutes}.",
                )
            )
        if not is_custom_table_name(self.destination_table):
            problems.append(
                Problem(
                    f"{place}.destinationTable",
                    f"'{self.destination_table}' is no name of a custom table: letters, digits and '_', ending in _CL.",
                )
            )
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Note since when the rule is active, and since when it is what it is."""
        if before is None:
            return replace(self, active_since=transaction.now, version_at=transaction.now)
        same = replace(before, version_at=None, is_active=True, active_since=None)
        version_at = (
            before.version_at
            if same == replace(self, version_at=None, is_active=True, active_since=None)
            else transaction.now
        )
        return replace(
            self, is_active=before.is_active, active_since=before.active_since, version_at=version_at
        )
