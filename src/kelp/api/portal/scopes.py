"""`/portal/api/scopes`: where somebody may look: workspaces they reach in whichever tenant, and what those lie in."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelp.api.management.call import Answer
from kelp.api.portal.person import Relation
from kelp.base.clock import from_ticks
from kelp.base.ids import ResourceId
from kelp.catalog.stored_tables import list_held_tables
from kelp.catalog.table_access import RoleAccess

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from kelp.api.portal.call import PortalCall, Work
    from kelp.api.portal.person import Membership, People
    from kelp.catalog.ledger import TableLedger
    from kelp.identity.directory import Directory
    from kelp.resources.access import Access
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

_REMEMBERED = 64
_PAGE_ITEMS = 50
_ORDER = {"workspace": 0, "resourceGroup": 1, "subscription": 2}


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace, resource group or subscription that somebody reaches, acting in the tenant `through`."""

    kind: str
    id: ResourceId
    name: str
    tenant_id: UUID
    tenant_name: str
    tenant_domain: str
    path: str
    relation: Relation
    through: UUID
    workspace: Resource[Workspace] | None = None

    @property
    def text(self) -> str:
        """What a search looks in."""
        workspace_id = self.workspace.properties.workspace_id if self.workspace is not None else ""
        return f"{self.name} {self.path} {self.tenant_domain} {workspace_id}".lower()


class Scopes:
    """Finds places. Answers from memory; safe for concurrent use; belongs on a worker thread."""

    def __init__(
        self, people: People, directory: Directory, store: ResourceStore, access: Access, ledger: TableLedger
    ) -> None:
        self._people = people
        self._directory = directory
        self._store = store
        self._access = access
        self._ledger = ledger
        self._lock = threading.Lock()
        self._known: OrderedDict[UUID, tuple[Hashable, tuple[tuple[str, Place], ...]]] = OrderedDict()

    def works(self) -> Mapping[tuple[str, str], Work]:
        """Return the functions by method and path."""
        return {("GET", "/scopes"): self.list_places}

    def list_places(self, call: PortalCall) -> Answer:
        """List what the caller reaches whose name, path or id holds all words of `search`, workspaces first."""
        words = call.query.get("search", "").lower().split()
        kind, tenant = call.query.get("kind", ""), call.query.get("tenant", "").lower()
        top, skip = call.number("top", _PAGE_ITEMS), call.number("skip", 0, 1_000_000)
        found = [
            place
            for text, place in self.find_all(call.home_id)
            if all(word in text for word in words)
            and kind in ("", place.kind)
            and tenant in ("", str(place.tenant_id), place.tenant_domain)
        ]
        if words:
            # Stable: what begins with the first word comes before what merely holds it.
            found.sort(key=lambda one: not one.name.lower().startswith(words[0]))
        page = [self._encode(one) for one in found[skip : skip + top]]
        return Answer(200, {"value": page, "total": len(found)})

    def find_all(self, home_id: UUID) -> tuple[tuple[str, Place], ...]:
        """Return all places that somebody reaches, by kind and name, each with the text to search in."""
        snapshot, memberships = self._store.snapshot, self._people.list_accounts(home_id)
        rights = [
            (one, RoleAccess(self._access, self._directory.principal_of(one.account))) for one in memberships
        ]
        key = (snapshot.version, tuple((one.tenant, held.key) for one, held in rights))
        with self._lock:
            known = self._known.get(home_id)
        if known is not None and known[0] == key:
            return known[1]
        places: dict[str, Place] = {}
        for membership, held in rights:
            for place in self._iter_places(snapshot, membership, held):
                places.setdefault(place.id.key, place)
        listed = sorted(places.values(), key=lambda one: (_ORDER[one.kind], one.name.lower(), one.path))
        found = tuple((one.text, one) for one in listed)
        with self._lock:
            self._known[home_id] = (key, found)
            self._known.move_to_end(home_id)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def find_last_record(self, workspace: Resource[Workspace]) -> datetime | None:
        """Return the time of the newest record of a workspace; None where it has none, or its times are not known."""
        held = list_held_tables(self._ledger, self._store.snapshot, workspace.properties.workspace_id)
        newest = max((one.size.last_ticks or 0 for one in held), default=0)
        return from_ticks(newest) if newest else None

    def _iter_places(self, snapshot: Snapshot, membership: Membership, rights: RoleAccess) -> Iterator[Place]:
        principal = self._directory.principal_of(membership.account)
        tenants = {principal.tenant_id} | self._access.list_delegating_tenants(principal)
        # What is given for a time may lie anywhere.
        reaches_all = bool(self._access.temporary_key(principal))
        seen: set[str] = set()
        for workspace in snapshot.workspaces.values():
            if not (reaches_all or workspace.tenant_id in tenants) or not rights.may_query(workspace):
                continue
            group = workspace.id.parent
            yield self._place(snapshot, membership, "workspace", workspace.id, workspace)
            if group is not None and group.key not in seen:
                seen.add(group.key)
                yield self._place(snapshot, membership, "resourceGroup", group)
                yield self._place(snapshot, membership, "subscription", group.parent or group)
        for subscription in snapshot.subscriptions_by_key.values():
            if subscription.tenant_id in tenants and self._access.reaches(principal, subscription.id):
                yield self._place(snapshot, membership, "subscription", subscription.id)

    def _place(
        self,
        snapshot: Snapshot,
        membership: Membership,
        kind: str,
        place: ResourceId,
        workspace: Resource[Workspace] | None = None,
    ) -> Place:
        subscription = snapshot.subscriptions_by_key.get(f"/subscriptions/{place.subscription_id}")
        shown = (
            subscription.properties.display_name if subscription is not None else place.subscription_id or ""
        )
        owner = snapshot.find_tenant_id(place)
        is_own = owner == membership.tenant.id
        tenant = membership.tenant if is_own else self._directory.find_tenant(str(owner))
        name = tenant.name if tenant is not None else str(owner)
        parts = [name, shown, place.resource_group or ""]
        above = {"subscription": 1, "resourceGroup": 2}.get(kind, 3)
        return Place(
            kind,
            place,
            shown if kind == "subscription" else place.name,
            owner or membership.tenant.id,
            name,
            tenant.domain if tenant is not None else "",
            " / ".join(parts[:above]),
            membership.relation if is_own else Relation.DELEGATED,
            membership.account.tenant_id,
            workspace,
        )

    def _encode(self, place: Place) -> dict[str, Any]:
        document: dict[str, Any] = {
            "kind": place.kind,
            "id": str(place.id),
            "name": place.name,
            "tenantId": str(place.tenant_id),
            "tenantName": place.tenant_name,
            "tenantDomain": place.tenant_domain,
            "path": place.path,
            "relation": place.relation.value,
            "through": str(place.through),
        }
        if place.workspace is not None:
            document["workspaceId"] = str(place.workspace.properties.workspace_id)
            document["location"] = place.workspace.properties.settings.location
            document["lastRecordAt"] = self.find_last_record(place.workspace)
        return document
