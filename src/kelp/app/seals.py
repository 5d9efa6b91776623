"""Seals off the data of a cluster whose customer took the key away: the one place that knows all that holds it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kelp.resources.author import system_author
from kelp.resources.stores import readable_stores

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from kelp.app.installation import Installation
    from kelp.catalog.reconciler import Reconciler
    from kelp.ingest.ingestion import Ingestion
    from kelp.query.running_queries import RunningQueries
    from kelp.resources.cluster import Cluster
    from kelp.resources.resource import Resource


class ClusterSeals:
    """Fulfils `jobs.key_watch.Seals`. Belongs to one event loop."""

    def __init__(
        self,
        installation: Installation,
        reconciler: Reconciler,
        queries: RunningQueries,
        ingestion: Ingestion,
    ) -> None:
        self._keys = installation.keys
        self._store = installation.store
        self._reconciler = reconciler
        self._queries = queries
        self._ingestion = ingestion

    async def seal_off(self, cluster: Resource[Cluster], reason: str) -> None:
        cluster_id = str(cluster.properties.cluster_id)
        is_new = self._keys.find_cluster_seal(cluster_id) is None
        # From here on no key is lent: new queries, loads and bodies are refused. The rest ends what had one.
        self._keys.seal_off(cluster_id, reason)
        stores = await asyncio.to_thread(self._list_sealed)
        workspaces = frozenset(stores)
        if is_new or not self._are_closed(stores):
            await self._queries.stop_reading(workspaces)
            for workspace_id in workspaces:
                self._ingestion.forget_bodies(workspace_id)
            await self._reconciler.reconcile()
            # What was let through before and began to read since has lost its tables; its results go too.
            await self._queries.stop_reading(workspaces)
        if is_new:
            await asyncio.to_thread(self._record, cluster, "keyRevoked/action")

    async def lift(self, cluster: Resource[Cluster]) -> None:
        self._keys.lift_seal(str(cluster.properties.cluster_id))
        await self._reconciler.reconcile()
        self._ingestion.writer.retry_now()
        await asyncio.to_thread(self._record, cluster, "keyRestored/action")

    def _list_sealed(self) -> Mapping[UUID, Collection[UUID]]:
        """Return the workspaces with stores that are sealed off, and these."""
        snapshot = self._store.snapshot
        sealed: dict[UUID, Collection[UUID]] = {}
        for workspace_id, workspace in snapshot.workspaces.items():
            stores = [
                store_id
                for store_id in readable_stores(snapshot, workspace)
                if self._keys.find_seal(store_id) is not None
            ]
            if stores:
                sealed[workspace_id] = stores
        return sealed

    def _are_closed(self, sealed: Mapping[UUID, Collection[UUID]]) -> bool:
        return all(
            self._reconciler.is_detached(store_id) for stores in sealed.values() for store_id in stores
        )

    def _record(self, cluster: Resource[Cluster], verb: str) -> None:
        with self._store.write(system_author(cluster.tenant_id)) as transaction:
            transaction.record_action(cluster.id, verb)
