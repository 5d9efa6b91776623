"""What each payer would have paid at other tiers for its last full days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from kelp.jobs.charge import MICRO, Meter
from kelp.jobs.usage_outlook import COMPARED_DAYS, list_levels, offer_tiers
from kelp.jobs.usage_report import find_cluster
from kelp.resources.workspace import Sku

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from uuid import UUID

    from kelp.catalog.usage_book import UsageBook
    from kelp.jobs.charge import Line
    from kelp.jobs.prices import Prices
    from kelp.resources.cluster import Cluster
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.workspace import Workspace

_KEEPING = frozenset((Meter.RETENTION, Meter.ARCHIVE))
"""What is kept costs the same at every tier."""


@dataclass(frozen=True, slots=True)
class _Payer:
    """A cluster with all that is linked to it, or a workspace by itself. `reserved_gb` may be None."""

    resource_id: str
    name: str
    kind: str
    sku: str
    reserved_gb: int | None
    created_on: date
    workspace_ids: frozenset[UUID]
    resource_keys: frozenset[str]


def iter_tiers(
    book: UsageBook,
    snapshot: Snapshot,
    workspaces: Iterable[Resource[Workspace]],
    clusters: Iterable[Resource[Cluster]],
    lines: Collection[Line],
    prices: Prices,
    today: date,
) -> Iterator[dict[str, Any]]:
    """Yield the comparison of each workspace that pays for itself and of each cluster, for at most 31 full days.

    `lines` hold the charges of these days.
    """
    payers = [*_iter_alone(workspaces), *(_payer_of(snapshot, one) for one in clusters)]
    everyone = {workspace_id for one in payers for workspace_id in one.workspace_ids}
    first = today - timedelta(days=COMPARED_DAYS)
    received = book.sum_days(_begin(first), _begin(today), everyone)
    for payer in payers:
        begin = max(first, payer.created_on)
        days = [begin + timedelta(days=number) for number in range((today - begin).days)]
        if not days:
            continue
        own = [
            by_day for (workspace_id, _), by_day in received.items() if workspace_id in payer.workspace_ids
        ]
        daily_bytes = [sum(by_day.get(day, 0) for by_day in own) for day in days]
        offers = offer_tiers(
            daily_bytes, prices, list_levels(prices, needs_reservation=payer.kind == "cluster")
        )
        paid = sum(
            line.amount
            for line in lines
            if begin <= line.day < today
            and line.meter not in _KEEPING
            and line.resource_id.lower() in payer.resource_keys
        )
        yield {
            "resourceId": payer.resource_id,
            "name": payer.name,
            "kind": payer.kind,
            "sku": payer.sku,
            "reservedGb": payer.reserved_gb,
            "amount": paid / MICRO,
            "days": len(days),
            "dailyBytes": sum(daily_bytes) / len(days),
            "offers": [{"reservedGb": one.reserved_gb, "amount": one.amount / MICRO} for one in offers],
        }


def _iter_alone(workspaces: Iterable[Resource[Workspace]]) -> Iterator[_Payer]:
    for workspace in workspaces:
        settings = workspace.properties.settings
        if not find_cluster(workspace) and settings.sku is not Sku.FREE:
            yield _Payer(
                str(workspace.id),
                workspace.id.name,
                "workspace",
                settings.sku,
                settings.capacity_reservation_level if settings.sku is Sku.CAPACITY_RESERVATION else None,
                workspace.created.at.date(),
                frozenset((workspace.properties.workspace_id,)),
                frozenset((workspace.id.key,)),
            )


def _payer_of(snapshot: Snapshot, cluster: Resource[Cluster]) -> _Payer:
    linked = [one for one in snapshot.workspaces.values() if find_cluster(one).lower() == cluster.id.key]
    return _Payer(
        str(cluster.id),
        cluster.id.name,
        "cluster",
        Sku.CAPACITY_RESERVATION,
        cluster.properties.capacity_gb,
        cluster.created.at.date(),
        frozenset(one.properties.workspace_id for one in linked),
        # Linked workspaces pay a part of the reservation where the cluster is billed so.
        frozenset((cluster.id.key, *(one.id.key for one in linked))),
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
