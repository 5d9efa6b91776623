"""The customers that somebody serves, each in a row: tenants that delegated something, and customers of workspaces.

From memory and the book of usage: it asks no engine, so that ten thousand of them are one call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from kelp.api.portal.health import (
    Finding,
    find_cap,
    find_heartbeat,
    find_lag,
    find_newest,
    find_worst,
)
from kelp.base.clock import from_ticks, to_ticks
from kelp.catalog.stored_tables import list_held_tables
from kelp.resources.customer import CustomerState
from kelp.resources.stores import all_stores
from kelp.resources.subscription import SubscriptionState

if TYPE_CHECKING:
    from kelp.api.portal.home import Facts
    from kelp.base.ids import WorkspaceId
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.seals import FindSeal
    from kelp.catalog.usage_book import UsageBook
    from kelp.identity.principal import Principal
    from kelp.resources.customer import Customer
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.workspace import Workspace

DAYS = 7
HEARTBEAT = "Heartbeat"
_READ_WORKSPACE = "Microsoft.OperationalInsights/workspaces/read"
_READ_CUSTOMER = "Microsoft.OperationalInsights/workspaces/customers/read"
Volumes: TypeAlias = Mapping[tuple[UUID, str], Mapping[date, int]]


class Architecture(StrEnum):
    """Where a customer's records lie: in a workspace of their own tenant, or beside those of others."""

    DELEGATED = "delegated"
    CENTRAL = "central"


@dataclass(frozen=True, slots=True)
class Beats:
    """What the agents of a customer told in the last day."""

    last_at: datetime
    agents: int
    reporting: int


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer. `days` are the bytes of the last seven days, today last; times and caps are None where unknown."""

    id: str
    kind: Architecture
    name: str
    domain: str
    tenant_id: UUID
    workspaces: tuple[Resource[Workspace], ...]
    findings: tuple[Finding, ...]
    days: tuple[int, ...]
    customer: Resource[Customer] | None = None
    last_heartbeat_at: datetime | None = None
    last_record_at: datetime | None = None
    cap_bytes: float | None = None
    cap_used: float | None = None
    beats: Beats | None = None
    may_report: bool = False
    """Whether agents may have told something in the last day; how many did, a query tells."""
    health: Finding = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "health", find_worst(self.findings))


@dataclass(frozen=True, slots=True)
class _Look:
    """What is found of one workspace."""

    findings: tuple[Finding, ...]
    last_record: int
    last_heartbeat: int
    may_report: bool


class CustomerRows:
    """Finds customers. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, facts: Facts, ledger: TableLedger, book: UsageBook, find_seal: FindSeal) -> None:
        self._facts = facts
        self._ledger = ledger
        self._book = book
        self._find_seal = find_seal

    def list_central(self, principal: Principal) -> dict[WorkspaceId, list[Resource[Customer]]]:
        """Return the customers of workspaces that the caller may read, by workspace."""
        found: dict[WorkspaceId, list[Resource[Customer]]] = {}
        for workspace_id, customers in self._facts.store.snapshot.customers_of.items():
            seen = [one for one in customers if self._may(principal, _READ_CUSTOMER, one)]
            if seen:
                found[workspace_id] = seen
        return found

    def gather(self, principal: Principal, beats: Mapping[UUID, Mapping[str, Beats]]) -> list[CustomerRow]:
        """Return the customers that the caller may see; `beats` are of central ones, by workspace and customer."""
        snapshot, central = self._facts.store.snapshot, self.list_central(principal)
        delegated = self._list_delegated(snapshot, principal)
        ids = {one.properties.workspace_id for group in delegated.values() for one in group}
        volumes = self._book.sum_days(*self._week(), ids | central.keys())
        received_by = _sum_customers(volumes)
        rows = [
            self._delegated_row(snapshot, tenant, group, received_by) for tenant, group in delegated.items()
        ]
        for workspace_id, customers in central.items():
            workspace = snapshot.workspaces.get(workspace_id)
            for customer in customers if workspace is not None else ():
                assert workspace is not None
                of_one = beats.get(workspace_id, {}).get(str(customer.properties.customer_id))
                rows.append(self._central_row(workspace, customer, volumes, of_one))
        return rows

    def _list_delegated(
        self, snapshot: Snapshot, principal: Principal
    ) -> dict[UUID, list[Resource[Workspace]]]:
        tenants = self._facts.access.list_delegating_tenants(principal)
        found: dict[UUID, list[Resource[Workspace]]] = {tenant: [] for tenant in sorted(tenants)}
        for workspace in snapshot.workspaces.values() if tenants else ():
            if workspace.tenant_id in tenants and self._may(principal, _READ_WORKSPACE, workspace):
                found[workspace.tenant_id].append(workspace)
        return found

    def _delegated_row(
        self,
        snapshot: Snapshot,
        tenant_id: UUID,
        workspaces: list[Resource[Workspace]],
        received_by: Mapping[UUID, Mapping[date, int]],
    ) -> CustomerRow:
        workspaces.sort(key=lambda one: one.id.name.lower())
        tenant = self._facts.directory.find_tenant(str(tenant_id))
        looks = [self._look(snapshot, one) for one in workspaces]
        findings = [
            Finding(found.name, found.state, f"{one.id.name}: {found.reason}") if len(looks) > 1 else found
            for one, look in zip(workspaces, looks, strict=True)
            for found in look.findings
        ]
        nothing = Finding("records", "none", "Nothing delegated to you there holds a workspace.")
        sums: defaultdict[date, int] = defaultdict(int)
        own = {one.properties.workspace_id for one in workspaces}
        for workspace_id in own:
            for day, received in received_by.get(workspace_id, {}).items():
                sums[day] += received
        caps = [
            self._cap_of(one.properties.workspace_id, one.properties.settings.daily_quota_gb)
            for one in workspaces
        ]
        nearest = max(
            (one for one in caps if one[0] is not None), key=lambda one: one[1] or 0, default=(None, None)
        )
        return CustomerRow(
            id=str(tenant_id),
            kind=Architecture.DELEGATED,
            name=tenant.name if tenant is not None else str(tenant_id),
            domain=tenant.domain if tenant is not None else "",
            tenant_id=tenant_id,
            workspaces=tuple(workspaces),
            findings=tuple(findings) or (nothing,),
            days=self._days(sums),
            last_heartbeat_at=_moment(max((look.last_heartbeat for look in looks), default=0)),
            may_report=any(look.may_report for look in looks),
            last_record_at=_moment(max((look.last_record for look in looks), default=0)),
            cap_bytes=nearest[0],
            cap_used=nearest[1],
        )

    def _central_row(
        self,
        workspace: Resource[Workspace],
        customer: Resource[Customer],
        volumes: Volumes,
        beats: Beats | None,
    ) -> CustomerRow:
        facts, found = self._facts, customer.properties
        now, settings = facts.clock.now(), found.settings
        last_at = beats.last_at if beats is not None else None
        days = self._days(volumes.get((found.workspace_id, str(found.customer_id)), {}))
        received = (
            f"{sum(days) / 1e9:.2f} GB in the last {DAYS} days."
            if any(days)
            else "No record in the last week."
        )
        findings = [
            Finding("records", "ok" if any(days) else "none", received),
            find_lag(facts.find_oldest_waiting(found.workspace_id), now),
            find_heartbeat(to_ticks(last_at) if last_at is not None else None, now),
            find_cap(facts.gate.find_volume(found.customer_id), settings.daily_quota_gb),
        ]
        if settings.state is CustomerState.BLOCKED:
            why = f": {settings.block_reason}" if settings.block_reason else "."
            findings.insert(0, Finding("blocked", "danger", f"No records are taken{why}"))
        cap_bytes, cap_used = self._cap_of(found.customer_id, settings.daily_quota_gb)
        return CustomerRow(
            id=str(found.customer_id),
            kind=Architecture.CENTRAL,
            name=settings.display_name or customer.id.name,
            domain="",
            tenant_id=customer.tenant_id,
            workspaces=(workspace,),
            findings=tuple(findings),
            days=days,
            customer=customer,
            last_heartbeat_at=last_at,
            cap_bytes=cap_bytes,
            cap_used=cap_used,
            beats=beats,
        )

    def _look(self, snapshot: Snapshot, workspace: Resource[Workspace]) -> _Look:
        facts, workspace_id = self._facts, workspace.properties.workspace_id
        held = list_held_tables(self._ledger, snapshot, workspace_id)
        newest = max((one.size.last_ticks or 0 for one in held), default=0)
        beat = max((one.size.last_ticks or 0 for one in held if one.name == HEARTBEAT), default=0)
        now = facts.clock.now()
        return _Look(
            (
                *self._iter_obstacles(snapshot, workspace),
                find_newest(newest, now),
                find_lag(facts.find_oldest_waiting(workspace_id), now),
                find_heartbeat(beat, now),
                find_cap(facts.gate.find_volume(workspace_id), workspace.properties.settings.daily_quota_gb),
            ),
            newest,
            beat,
            any(
                one.name == HEARTBEAT
                and one.stored.holds_rows
                and (one.size.last_ticks is None or one.size.last_ticks > to_ticks(now - timedelta(days=1)))
                for one in held
            ),
        )

    def _iter_obstacles(self, snapshot: Snapshot, workspace: Resource[Workspace]) -> Iterator[Finding]:
        for store_id in all_stores(workspace):
            reason = self._find_seal(store_id)
            if reason is not None:
                yield Finding("key", "danger", f"Its data is sealed off: {reason}.")
                break
        subscription = snapshot.subscriptions_by_key.get(f"/subscriptions/{workspace.id.subscription_id}")
        if subscription is not None and subscription.properties.state is SubscriptionState.DISABLED:
            yield Finding("subscription", "warning", "Its subscription is disabled.")

    def _cap_of(self, owner_id: UUID, quota_gb: float | None) -> tuple[float | None, float | None]:
        if quota_gb is None:
            return None, None
        volume = self._facts.gate.find_volume(owner_id)
        used = volume.billed_bytes / volume.quota_bytes if volume is not None and volume.quota_bytes else 0.0
        return quota_gb * 1e9, used

    def _week(self) -> tuple[datetime, datetime]:
        today = datetime.combine(self._facts.clock.now().astimezone(UTC).date(), time.min, UTC)
        return today - timedelta(days=DAYS - 1), today + timedelta(days=1)

    def _days(self, sums: Mapping[date, int]) -> tuple[int, ...]:
        first = self._week()[0].date()
        return tuple(sums.get(first + timedelta(days=number), 0) for number in range(DAYS))

    def _may(
        self, principal: Principal, action: str, resource: Resource[Workspace] | Resource[Customer]
    ) -> bool:
        return self._facts.access.decide(principal, action, resource.id).allowed


def _sum_customers(volumes: Volumes) -> dict[UUID, defaultdict[date, int]]:
    """Return what each workspace received by day, from whomever."""
    sums: dict[UUID, defaultdict[date, int]] = {}
    for (workspace_id, _), days in volumes.items():
        of_workspace = sums.setdefault(workspace_id, defaultdict(int))
        for day, received in days.items():
            of_workspace[day] += received
    return sums


def _moment(ticks: int) -> datetime | None:
    return from_ticks(ticks) if ticks else None
