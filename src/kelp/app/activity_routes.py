"""Which workspaces hear of an action on a resource: those that its subscription chose, else its tenant's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.base.ids import InvalidResourceId, ResourceId

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.identity.directory import Directory
    from kelp.resources.audit import AuditRecord
    from kelp.resources.bootstrap import Installation as Names
    from kelp.resources.store import ResourceStore


class ActivityRoutes:
    """First the diagnostic settings of the subscription, then the workspace that its tenant chose for its own logs; for
    the tenant of the installation, else the workspace that came with it. What lies in no subscription
    is its tenant's.
    """

    def __init__(self, store: ResourceStore, directory: Directory, names: Names | None) -> None:
        self._store = store
        self._directory = directory
        self._names = names

    def __call__(self, record: AuditRecord) -> frozenset[UUID]:
        """Return the ids of the workspaces that get a row of this record."""
        try:
            subscription_id = ResourceId.parse(record.resource_id).subscription_id
        except InvalidResourceId:
            subscription_id = None
        snapshot = self._store.snapshot
        tenant_id = record.tenant_id
        if subscription_id is not None:
            subscription = snapshot.subscriptions_by_key.get(f"/subscriptions/{subscription_id}")
            if subscription is None:
                return frozenset()
            tenant_id = subscription.tenant_id
        chosen = self._find_of_tenant(tenant_id)
        return frozenset((chosen,)) if chosen is not None and chosen in snapshot.workspaces else frozenset()

    def _find_of_tenant(self, tenant_id: UUID) -> UUID | None:
        tenant = self._directory.find_tenant(str(tenant_id))
        if tenant is not None and tenant.log_workspace_id is not None:
            return tenant.log_workspace_id
        if self._names is not None and self._names.tenant_id == tenant_id:
            return self._names.workspace_id
        return None
