"""Charges of a period: the hours of the book, as the tiers, clusters and retention of today's resources price them.

A report covers full days that the book has; settings of a workspace or cluster are taken as they are now, for all days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from kelp.jobs.charge import ClusterDay, Line, WorkspaceDay, charge_days
from kelp.resources.table import interactive_days, total_days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from uuid import UUID

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.usage_book import DayOfUse, UsageBook
    from kelp.jobs.prices import Prices
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.workspace import Workspace

NODES_TABLE = "Heartbeat"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in UTC, the last one included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Yield the days in order."""
        day = self.first
        while day <= self.last:
            yield day
            day += _DAY


class UsageReport:
    """Makes reports. Blocks; for worker threads."""

    def __init__(self, book: UsageBook, prices: Prices) -> None:
        self._book = book
        self.prices = prices

    def charge(
        self,
        snapshot: Snapshot,
        period: Period,
        workspace_ids: Collection[WorkspaceId],
        cluster_ids: Collection[UUID],
        nodes: Mapping[tuple[UUID, date], int],
    ) -> list[Line]:
        """Return the lines of a period for these workspaces and clusters.

        A cluster that is not asked for is charged with all its workspaces all the same, so that their shares are right;
        only its own lines are left out. `nodes` says how many computers reported to a workspace on a day.
        """
        asked = {snapshot.workspaces[one].id.key for one in workspace_ids}
        asked |= {snapshot.clusters[one].id.key for one in cluster_ids}
        needed = set(workspace_ids) | _find_linked(snapshot, workspace_ids, cluster_ids)
        workspaces = [snapshot.workspaces[one] for one in sorted(needed)]
        days = list(self._iter_workspace_days(snapshot, period, workspaces, nodes))
        lines = charge_days(days, _iter_cluster_days(snapshot, period), self.prices)
        return [line for line in lines if line.resource_id.lower() in asked]

    def _iter_workspace_days(
        self,
        snapshot: Snapshot,
        period: Period,
        workspaces: Collection[Resource[Workspace]],
        nodes: Mapping[tuple[UUID, date], int],
    ) -> Iterator[WorkspaceDay]:
        ids = [one.properties.workspace_id for one in workspaces]
        until = datetime.combine(period.last + _DAY, time.min, UTC)
        by_workspace: defaultdict[UUID, list[DayOfUse]] = defaultdict(list)
        for use in self._book.iter_days(datetime.min.replace(tzinfo=UTC), until, ids):
            if use.is_billable:
                by_workspace[use.workspace_id].append(use)
        for workspace in workspaces:
            own = by_workspace[workspace.properties.workspace_id]
            received = _sum_by_day(own)
            for day in period.days():
                if day < workspace.created.at.date():
                    continue
                yield self._workspace_day(snapshot, workspace, day, received, own, nodes)

    def _workspace_day(
        self,
        snapshot: Snapshot,
        workspace: Resource[Workspace],
        day: date,
        received: Mapping[date, Mapping[str, int]],
        uses: Collection[DayOfUse],
        nodes: Mapping[tuple[UUID, date], int],
    ) -> WorkspaceDay:
        settings, workspace_id = workspace.properties.settings, workspace.properties.workspace_id
        kept_bytes, archived_bytes = self._sum_kept(snapshot, workspace, day, uses)
        return WorkspaceDay(
            day=day,
            resource_id=str(workspace.id),
            subscription_id=workspace.id.subscription_id or "",
            sku=settings.sku,
            reserved_gb=settings.capacity_reservation_level,
            cluster_id=find_cluster(workspace),
            billed_bytes=received.get(day, {}),
            nodes=nodes.get((workspace_id, day), 0),
            kept_bytes=kept_bytes,
            archived_bytes=archived_bytes,
        )

    def _sum_kept(
        self, snapshot: Snapshot, workspace: Resource[Workspace], day: date, uses: Collection[DayOfUse]
    ) -> tuple[int, int]:
        """Return the bytes that were readable beyond the free days on a day, and those in the archive."""
        kept = archived = 0
        limits: dict[str, tuple[int, int]] = {}
        for use in uses:
            age_days = (day - use.day).days
            if age_days < 0:
                continue
            if use.table not in limits:
                declared = snapshot.find_table(workspace, use.table)
                table = declared.properties if declared is not None else None
                settings = workspace.properties.settings
                limits[use.table] = (
                    interactive_days(settings, use.table, table),
                    total_days(settings, use.table, table),
                )
            interactive, total = limits[use.table]
            if age_days < interactive:
                kept += use.billed_bytes if age_days >= self.prices.free_retention_days else 0
            elif age_days < total:
                archived += use.billed_bytes
        return kept, archived


def find_cluster(workspace: Resource[Workspace]) -> str:
    """Return the resource id of the cluster that a workspace is linked to; empty for none."""
    link = workspace.properties.link
    return link.cluster if link is not None and link.linked_at is not None else ""


def _find_linked(
    snapshot: Snapshot, workspace_ids: Collection[WorkspaceId], cluster_ids: Collection[UUID]
) -> set[WorkspaceId]:
    """Return the workspaces that share a cluster with one of these, or are linked to one of the clusters."""
    clusters = {snapshot.clusters[one].id.key for one in cluster_ids}
    clusters |= {find_cluster(snapshot.workspaces[one]).lower() for one in workspace_ids}
    clusters.discard("")
    return {
        workspace_id
        for workspace_id, workspace in snapshot.workspaces.items()
        if find_cluster(workspace).lower() in clusters
    }


def _iter_cluster_days(snapshot: Snapshot, period: Period) -> Iterator[ClusterDay]:
    for cluster in snapshot.clusters.values():
        for day in period.days():
            if day >= cluster.created.at.date():
                yield ClusterDay(
                    day=day,
                    resource_id=str(cluster.id),
                    subscription_id=cluster.id.subscription_id or "",
                    reserved_gb=cluster.properties.capacity_gb,
                    billing_type=cluster.properties.billing_type,
                )


def _sum_by_day(uses: Collection[DayOfUse]) -> dict[date, dict[str, int]]:
    sums: dict[date, dict[str, int]] = {}
    for use in uses:
        of_day = sums.setdefault(use.day, {})
        of_day[use.customer_id] = of_day.get(use.customer_id, 0) + use.billed_bytes
    return sums
