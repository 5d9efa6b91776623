"""A data pull: brings records of a table of another workspace, perhaps another tenant's, into this one, by schedule.

It reads with the rights that whoever put it has at each run: a customer that takes the rights back ends it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem
from kelp.resources.plain import Plain

if TYPE_CHECKING:
    from typing import Self

    from kelp.resources.transaction import Transaction

_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_WORKSPACE = "microsoft.operationalinsights/workspaces"
DEFAULT_INTERVAL_MINUTES = 5
SHORTEST_INTERVAL_MINUTES, LONGEST_INTERVAL_MINUTES = 1, 1440


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose rights a pull has: an account. Its groups, and whether it may act, are for the directory to say."""

    tenant_id: UUID
    object_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPull(Plain):
    """`operators` are what follows the source table and a `|`; empty for all of its records.

    `customer` names the customer of this workspace whose records these are; empty for none.
    """

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/dataPulls"

    source_workspace: str
    source_table: str
    destination_table: str
    reader: Reader
    operators: str = ""
    interval_minutes: int = DEFAULT_INTERVAL_MINUTES
    customer: str = ""
    since: datetime | None = None

    def check(self, name: str) -> list[Problem]:
        """Check what the document alone can tell."""
        problems = []
        for member, table in (
            ("sourceTable", self.source_table),
            ("destinationTable", self.destination_table),
        ):
            if not _TABLE.fullmatch(table):
                problems.append(Problem(f"properties.{member}", f"'{table}' is no name of a table."))
        if not SHORTEST_INTERVAL_MINUTES <= self.interval_minutes <= LONGEST_INTERVAL_MINUTES:
            problems.append(
                Problem(
                    "properties.intervalInMinutes",
                    f"The interval is {SHORTEST_INTERVAL_MINUTES} to {LONGEST_INTERVAL_MINUTES} minutes, not "
                    f"{self.interval_minutes}.",
                )
            )
        try:
            kind = ResourceId.parse(self.source_workspace).type.lower()
        except ServiceError:
            kind = ""
        if kind != _WORKSPACE:
            problems.append(
                Problem(
                    "properties.sourceWorkspaceResourceId",
                    f"'{self.source_workspace}' is no resource id of a workspace.",
                )
            )
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Begin with the records of now, unless a time is given; where it has begun, go on."""
        since = self.since or (before.since if before is not None else transaction.now)
        return replace(self, since=since)
