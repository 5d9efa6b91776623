"""The accounts of resources, for those who may not know the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.identity.directory import Directory


class DirectoryIdentities:
    """Fulfils `resources.cluster.ManagedIdentities`. Blocks."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def create(self, tenant_id: UUID, resource_id: str, name: str) -> UUID:
        del name
        known = self._directory.find_application_by_name(tenant_id, resource_id)
        return (known or self._directory.create_application(tenant_id, resource_id)).object_id

    def remove(self, resource_id: str) -> None:
        for tenant in self._directory.tenants:
            account = self._directory.find_application_by_name(tenant.id, resource_id)
            if account is not None:
                self._directory.set_enabled(account.object_id, is_enabled=False)
