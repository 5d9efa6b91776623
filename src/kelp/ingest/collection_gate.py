"""Whether a workspace, or a customer of it, takes records now: not from who is blocked, and not over a daily cap.

What is refused is refused whole and says why; Azure Monitor drops silently what comes over a cap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError
from kelp.resources.customer import Customer, CustomerState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.base.ids import WorkspaceId
    from kelp.resources.resource import Resource

DAY = timedelta(days=1)
_APPROACHING = 0.9


class CollectionStatus(StrEnum):
    """How near a daily cap is, in Azure's words."""

    RESPECT_QUOTA = "RespectQuota"
    APPROACHING_QUOTA = "ApproachingQuota"
    OVER_QUOTA = "OverQuota"


@dataclass(frozen=True, slots=True)
class DailyVolume:
    """What was billed of a workspace or customer since the last reset, and when it is counted from nothing again."""

    billed_bytes: float
    quota_bytes: float
    resets_at: datetime

    @property
    def status(self) -> CollectionStatus:
        """How near the cap is."""
        if self.billed_bytes >= self.quota_bytes:
            return CollectionStatus.OVER_QUOTA
        if self.billed_bytes >= self.quota_bytes * _APPROACHING:
            return CollectionStatus.APPROACHING_QUOTA
        return CollectionStatus.RESPECT_QUOTA


class CollectionGate:
    """What the doors of ingestion ask. Answers from memory; safe for use from any thread."""

    def __init__(self, clock: Clock, exempt_tables: Collection[str] = (), reset_hour: int = 0) -> None:
        """Records of `exempt_tables` are taken over any cap; days of caps begin at `reset_hour` (UTC)."""
        self._clock = clock
        self.exempt_tables = frozenset(exempt_tables)
        self._reset_hour = reset_hour
        self._volumes: Mapping[UUID, DailyVolume] = {}

    def replace_volumes(self, volumes: Mapping[UUID, DailyVolume]) -> None:
        """Take over what was measured, by the id of the workspace or customer that has a cap."""
        self._volumes = volumes

    def next_reset(self) -> datetime:
        """Return when daily caps are counted from nothing again."""
        now = self._clock.now().astimezone(UTC)
        reset = now.replace(hour=self._reset_hour, minute=0, second=0, microsecond=0)
        return reset if reset > now else reset + DAY

    def find_volume(self, owner_id: UUID) -> DailyVolume | None:
        """Return what is known of a workspace or customer since the last reset; None without a cap."""
        volume = self._volumes.get(owner_id)
        return volume if volume is not None and volume.resets_at > self._clock.now() else None

    def check(
        self, workspace_id: WorkspaceId, customer: Resource[Customer] | None, tables: Collection[str]
    ) -> None:
        """Raise `ServiceError` (forbidden) unless records for these tables are taken now."""
        if customer is not None:
            settings = customer.properties.settings
            if settings.state is CustomerState.BLOCKED:
                reason = f": {settings.block_reason}" if settings.block_reason else "."
                raise ServiceError(
                    Category.FORBIDDEN,
                    "CustomerBlocked",
                    f"No records are taken from the customer '{customer.id.name}'{reason}",
                )
        if not self._volumes or (tables and self.exempt_tables.issuperset(tables)):
            return
        if customer is not None:
            self._refuse_over_quota(customer.properties.customer_id, f"customer '{customer.id.name}'")
        self._refuse_over_quota(workspace_id, "workspace")

    def _refuse_over_quota(self, owner_id: UUID, name: str) -> None:
        volume = self.find_volume(owner_id)
        if volume is None or volume.status is not CollectionStatus.OVER_QUOTA:
            return
        raise ServiceError(
            Category.FORBIDDEN,
            "DailyCapReached",
            f"The daily cap of the {name}, {volume.quota_bytes / 1e9:g} GB, is reached. Records are taken again from "
            f"{volume.resets_at:%Y-%m-%dT%H:%M:%SZ}; send them again then, or raise the cap.",
        )
