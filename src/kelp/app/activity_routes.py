"""Which workspaces hear of an action on a resource: those that its subscription chose, else its tenant's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.base.ids import InvalidResourceId, ResourceId, WorkspaceId
from kelp.jobs.activity_rows import CATEGORY
from kelp.resources.diagnostic_setting import MAXIMUM_SETTINGS, DiagnosticSetting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from kelp.identity.directory import Directory
    from kelp.resources.audit import AuditRecord
    from kelp.resources.bootstrap import Installation as Names
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.subscription import Subscription

_GROUPS = frozenset(("alllogs", "audit"))


class ActivityRoutes:
    """First the diagnostic settings of the subscription, then the workspace that its tenant chose for its own logs; for
    the tenant of the installation, else the workspace that came with it. What lies in no subscription is its tenant's.
    """

    def __init__(self, store: ResourceStore, directory: Directory, names: Names | None) -> None:
        self._store = store
        self._directory = directory
        self._names = names
        self._chosen: tuple[int, dict[str, frozenset[UUID]]] = (-1, {})

    def __call__(self, record: AuditRecord) -> frozenset[UUID]:
        """Return the ids of the workspaces that get a row of this record."""
        try:
            subscription_id = ResourceId.parse(record.resource_id).subscription_id
        except InvalidResourceId:
            subscription_id = None
        if subscription_id is None:
            return self._of_tenant(record.tenant_id)
        key = f"/subscriptions/{subscription_id}"
        version, known = self._chosen
        snapshot = self._store.snapshot
        if version != snapshot.version:
            self._chosen = (snapshot.version, known := {})
        if key not in known:
            subscription = snapshot.subscriptions_by_key.get(key)
            known[key] = frozenset() if subscription is None else self._of_subscription(subscription)
        return known[key]

    def _of_subscription(self, subscription: Resource[Subscription]) -> frozenset[UUID]:
        settings = self._store.page(
            DiagnosticSetting, subscription.id, tenant_id=subscription.tenant_id, limit=10 * MAXIMUM_SETTINGS
        )
        chosen = frozenset(
            workspace_id
            for setting in settings.items
            if setting.id.parent == subscription.id
            for workspace_id in self._iter_chosen(setting)
        )
        return chosen or self._of_tenant(subscription.tenant_id)

    def _iter_chosen(self, setting: Resource[DiagnosticSetting]) -> Iterator[UUID]:
        """Yield the workspace of a setting that is on for what is done to resources."""
        document = setting.properties.document
        names = {
            str(log.get("category") or log.get("categoryGroup")).lower()
            for log in document.get("logs", ())
            if log.get("enabled")
        }
        path = document.get("workspaceId")
        if path and names & {CATEGORY.lower(), *_GROUPS}:
            workspace = self._store.snapshot.workspaces_by_key.get(str(path).lower())
            if workspace is not None:
                yield workspace.properties.workspace_id

    def _of_tenant(self, tenant_id: UUID) -> frozenset[UUID]:
        tenant = self._directory.find_tenant(str(tenant_id))
        chosen = tenant.log_workspace_id if tenant is not None else None
        if chosen is None and self._names is not None and self._names.tenant_id == tenant_id:
            chosen = self._names.workspace_id
        known = self._store.snapshot.workspaces
        return frozenset((chosen,)) if chosen is not None and WorkspaceId(chosen) in known else frozenset()
