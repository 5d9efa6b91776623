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
        return self._directory.create_managed_identity(tenant_id, resource_id, name).object_id

    def remove(self, resource_id: str) -> None:
        self._directory.remove_managed_identity(resource_id)
