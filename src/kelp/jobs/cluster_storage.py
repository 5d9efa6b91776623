"""What a dedicated cluster is made of: a folder, a key, and the stores of the workspaces that were linked to it."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

from kelp.base.durable_file import make_directory_durably, sync_directory
from kelp.resources.cluster_link import store_id_of
from kelp.resources.workspace import Workspace
from kelp.vault.key_hierarchy import DEFAULT_CLUSTER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from kelp.catalog.engine_tables import EngineTables
    from kelp.catalog.reconciler import Reconciler
    from kelp.ingest.store_move import StoreMove
    from kelp.resources.cluster import Cluster
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.vault.key_hierarchy import KeyHierarchy


class ClusterStorage:
    """Belongs to one event loop. Everything may be repeated: what a crash left half-done is done again."""

    def __init__(
        self,
        folder: Path,
        store: ResourceStore,
        keys: KeyHierarchy,
        tables: EngineTables,
        moves: StoreMove,
        reconciler: Reconciler,
    ) -> None:
        """`folder` holds one for each cluster."""
        self._folder = folder
        self._store = store
        self._keys = keys
        self._tables = tables
        self._moves = moves
        self._reconciler = reconciler

    async def make(self, cluster: Resource[Cluster]) -> None:
        """Make the cluster's folder and key; open the stores in one that is being recovered.

        Raises `ServiceError`, `OSError`.
        """
        await asyncio.to_thread(self._make, cluster.properties)
        for workspace in tuple(self._store.snapshot.workspaces.values()):
            for store in workspace.properties.stores:
                if store.cluster_id == cluster.properties.cluster_id:
                    await self._tables.open_store(workspace.properties.workspace_id, store.store_id)

    def _make(self, cluster: Cluster) -> None:
        make_directory_durably(self._folder / str(cluster.cluster_id))
        if not self._keys.has_cluster_key(str(cluster.cluster_id)):
            self._keys.create_cluster_key(str(cluster.cluster_id))

    async def link(
        self, workspace: Resource[Workspace], cluster: Resource[Cluster], note: Callable[[], None]
    ) -> None:
        """Have what comes from now on go to the workspace's store in the cluster; `note` says so in the resource store.

        Raises as `StoreMove.move` does.
        """
        workspace_id, wanted = workspace.properties.workspace_id, cluster.properties
        store_id, cluster_id = store_id_of(workspace_id, wanted.cluster_id), str(wanted.cluster_id)
        await asyncio.to_thread(self._keys.create_store_key, store_id, workspace_id, cluster_id)
        await self._tables.open_store(workspace_id, store_id)

        def flip() -> None:
            self._keys.begin_data_key(workspace_id, cluster_id, double_encryption=wanted.double_encryption)
            note()

        await self._moves.move(workspace_id, flip)

    async def unlink(self, workspace: Resource[Workspace], note: Callable[[], None]) -> None:
        """Have what comes from now on go home; what is in the cluster stays there. Raises as `StoreMove.move` does."""
        workspace_id = workspace.properties.workspace_id

        def flip() -> None:
            self._keys.begin_data_key(workspace_id, DEFAULT_CLUSTER, double_encryption=False)
            note()

        await self._moves.move(workspace_id, flip)

    async def destroy(self, cluster: Resource[Cluster]) -> None:
        """Destroy the stores in a cluster, its folder and its keys. Raises `ServiceError`, `OSError`."""
        cluster_id = cluster.properties.cluster_id
        closed = await asyncio.to_thread(self._store.list_closed, Workspace)
        for workspace in (*self._store.snapshot.workspaces.values(), *closed):
            for store in workspace.properties.stores:
                if store.cluster_id == cluster_id:
                    await self._reconciler.destroy_store(store.store_id)
        await asyncio.to_thread(self._destroy, cluster_id)

    def _destroy(self, cluster_id: UUID) -> None:
        self._keys.destroy_cluster(str(cluster_id))
        folder = self._folder / str(cluster_id)
        if folder.exists():
            shutil.rmtree(folder)
            sync_directory(self._folder)
