"""Keeps the doors of ingestion told of daily caps: what workspaces and customers with a cap received since the reset.

Collection stops a few seconds after a cap is reached, and goes on at the reset hour or when the cap is raised; the
workspace's `Operation` table says both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import structlog

from kelp.base.errors import ServiceError
from kelp.catalog.stored_tables import list_held_tables
from kelp.ingest.collection_gate import DAY, CollectionStatus, DailyVolume
from kelp.ingest.operation_log import CATEGORY, TABLE, operation_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.base.ids import WorkspaceId
    from kelp.catalog.ledger import TableLedger
    from kelp.ingest.collection_gate import CollectionGate
    from kelp.ingest.internal_rows import InternalRows
    from kelp.jobs.usage import Usage
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

INTERVAL = timedelta(seconds=3)
_BYTES_OF_A_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Capped:
    """A workspace or a customer of it that has a cap; `customer_id` is empty for the workspace."""

    owner_id: UUID
    customer_id: str
    label: str
    quota_bytes: float


@dataclass(frozen=True, slots=True)
class _Look:
    """What was loaded of a workspace when it was measured, by customer since the reset."""

    loaded_bytes: int
    resets_at: datetime
    billed_bytes: dict[str, float]


class DailyCaps:
    """The job. Belongs to one event loop."""

    def __init__(
        self,
        store: ResourceStore,
        ledger: TableLedger,
        usage: Usage,
        gate: CollectionGate,
        rows: InternalRows,
        clock: Clock,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._usage = usage
        self._gate = gate
        self._rows = rows
        self._clock = clock
        self._looks: dict[UUID, _Look] = {}
        self._told: dict[UUID, tuple[CollectionStatus, datetime]] = {}
        self._log = structlog.get_logger("kelp.usage")

    async def run(self) -> None:
        """Measure every workspace that has a cap, or whose customers have; only where something was loaded since."""
        volumes: dict[UUID, DailyVolume] = {}
        changes: list[tuple[UUID, _Capped, DailyVolume]] = []
        for workspace in list(self._store.snapshot.workspaces.values()):
            capped = list(self._iter_capped(workspace))
            if not capped:
                continue
            workspace_id = workspace.properties.workspace_id
            try:
                look = await self._look(workspace_id)
            except ServiceError as error:
                self._log.warning("cap not measured", workspace_id=str(workspace_id), error=str(error))
                continue
            for one in capped:
                volumes[one.owner_id] = DailyVolume(_find_billed(look, one), one.quota_bytes, look.resets_at)
                changes.append((workspace_id, one, volumes[one.owner_id]))
        self._gate.replace_volumes(volumes)
        for owner, one, volume in changes:
            try:
                await self._tell(owner, one, volume)
            except ServiceError as error:
                self._log.warning("cap not told yet", workspace_id=str(owner), error=str(error))

    async def measure_today(self, workspace_id: WorkspaceId) -> float:
        """Return the bytes that count towards the workspace's cap since the reset. Raises `ServiceError`."""
        look = await self._look(workspace_id)
        return sum(look.billed_bytes.values())

    def _iter_capped(self, workspace: Resource[Workspace]) -> Iterator[_Capped]:
        workspace_id = workspace.properties.workspace_id
        quota = workspace.properties.settings.daily_quota_gb
        if quota is not None:
            yield _Capped(workspace_id, "", "workspace", quota * _BYTES_OF_A_GB)
        for customer in self._store.snapshot.customers_of.get(workspace_id, ()):
            quota = customer.properties.settings.daily_quota_gb
            if quota is not None:
                own_id = customer.properties.customer_id
                label = f"customer '{customer.id.name}'"
                yield _Capped(own_id, str(own_id), label, quota * _BYTES_OF_A_GB)

    async def _look(self, workspace_id: WorkspaceId) -> _Look:
        held = list_held_tables(self._ledger, self._store.snapshot, workspace_id)
        loaded_bytes = sum(one.size.bytes for one in held)
        resets_at = self._gate.next_reset()
        known = self._looks.get(workspace_id)
        if known is not None and (known.loaded_bytes, known.resets_at) == (loaded_bytes, resets_at):
            return known
        billed: dict[str, float] = {}
        for one in await self._usage.measure_since(workspace_id, resets_at - DAY):
            if one.is_billable and one.table not in self._gate.exempt_tables:
                billed[one.customer_id] = billed.get(one.customer_id, 0.0) + one.billed_bytes
        look = self._looks[workspace_id] = _Look(loaded_bytes, resets_at, billed)
        return look

    async def _tell(self, workspace_id: UUID, one: _Capped, volume: DailyVolume) -> None:
        """Write into `Operation` when collection stops, and when it goes on."""
        before, reset_before = self._told.get(
            one.owner_id, (CollectionStatus.RESPECT_QUOTA, volume.resets_at)
        )
        is_over = volume.status is CollectionStatus.OVER_QUOTA
        if is_over == (before is CollectionStatus.OVER_QUOTA):
            self._told[one.owner_id] = (volume.status, volume.resets_at)
            return
        gigabytes = volume.quota_bytes / _BYTES_OF_A_GB
        reset = volume.resets_at if is_over else reset_before
        detail = (
            f"The data collection stopped for the {one.label}: the daily cap of {gigabytes:g} GB is reached. "
            f"Ingestion status = OverQuota until {volume.resets_at:%Y-%m-%dT%H:%M:%SZ}."
            if is_over
            else f"The data collection resumed for the {one.label}. Ingestion status = {volume.status}."
        )
        status = "Warning" if is_over else "Succeeded"
        key = "Data collection stopped" if is_over else "Data collection resumed"
        row = operation_row(self._clock.now(), status, CATEGORY, key, detail) | {
            "_CustomerId": one.customer_id
        }
        # Named by cap and day, so that a server that starts again does not say it twice.
        once = f"cap/{one.owner_id}/{reset.isoformat()}/{volume.status}/{volume.quota_bytes:.0f}"
        await self._rows.send(workspace_id, TABLE, msgspec.json.encode([row]), once=once)
        self._told[one.owner_id] = (volume.status, volume.resets_at)


def _find_billed(look: _Look, one: _Capped) -> float:
    return look.billed_bytes.get(one.customer_id, 0.0) if one.customer_id else sum(look.billed_bytes.values())
