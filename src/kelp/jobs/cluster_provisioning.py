"""Ends what the management API began with clusters and links, when its time has come by the clock.

Whatever it could not finish it takes up again at its next run.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog

from kelp.base.errors import ServiceError
from kelp.resources.author import system_author
from kelp.resources.cluster import Cluster, KeyVaultProperties
from kelp.resources.cluster_link import LinkState
from kelp.resources.cluster_writing import fail_cluster, finish_cluster
from kelp.resources.linking import cluster_not_found, finish_link, forget_cluster, give_up_link
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.base.clock import Clock
    from kelp.resources.cluster import ManagedIdentities
    from kelp.resources.cluster_link import ClusterLink
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

INTERVAL = timedelta(0)
"""Looking at what is in memory costs nothing, and clients wait."""
_POSTPONED = "LoadPlansOpen"
"""A link waits for loads that wait for something themselves, a key perhaps."""


class Storage(Protocol):
    """What clusters are made of; see `jobs.cluster_storage.ClusterStorage`."""

    async def make(self, cluster: Resource[Cluster]) -> None: ...

    async def link(
        self, workspace: Resource[Workspace], cluster: Resource[Cluster], note: Callable[[], None]
    ) -> None: ...

    async def unlink(self, workspace: Resource[Workspace], note: Callable[[], None]) -> None: ...

    async def destroy(self, cluster: Resource[Cluster]) -> None: ...


class BringKey(Protocol):
    """Puts a cluster's key under a customer's; `vault` offers it and `app` passes it in. Blocks."""

    def __call__(self, cluster: Resource[Cluster], key: KeyVaultProperties) -> None:
        """Wrap the cluster's key with the customer's. Raises `ServiceError`; then nothing has changed."""
        ...


class ClusterProvisioning:
    """Belongs to one event loop; one run at a time."""

    def __init__(
        self,
        store: ResourceStore,
        clock: Clock,
        identities: ManagedIdentities,
        storage: Storage,
        bring_key: BringKey,
    ) -> None:
        self._store = store
        self._clock = clock
        self._identities = identities
        self._storage = storage
        self._bring_key = bring_key
        self._closed: tuple[int, tuple[Resource[Cluster], ...]] = (-1, ())
        self._log = structlog.get_logger("kelp.clusters")

    async def run_once(self) -> None:
        """Finish every operation that is due, and destroy clusters whose recovery period is over.

        Raises the first `ServiceError` or `OSError` at the end: one that fails does not concern the others.
        """
        now, failures = self._clock.now(), list[ServiceError | OSError]()
        work = [partial(self._finish_cluster, cluster) for cluster in self._due_clusters()]
        work += [partial(self._finish_link, workspace) for workspace in self._due_workspaces()]
        for cluster in await self._list_closed():
            if cluster.purge_at is not None and cluster.purge_at <= now:
                work.append(partial(self._destroy, cluster))
        for step in work:
            try:
                await step()
            except (ServiceError, OSError) as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    def _due_clusters(self) -> list[Resource[Cluster]]:
        now = self._clock.now()
        clusters = self._store.snapshot.clusters.values()
        return [
            cluster
            for cluster in clusters
            if (due_at := cluster.properties.due_at) is not None and due_at <= now
        ]

    def _due_workspaces(self) -> list[Resource[Workspace]]:
        now = self._clock.now()
        workspaces = self._store.snapshot.workspaces.values()
        return [
            workspace
            for workspace in workspaces
            if (link := workspace.properties.link) is not None and link.is_running and link.due_at <= now
        ]

    async def _list_closed(self) -> tuple[Resource[Cluster], ...]:
        version = self._store.snapshot.version
        if self._closed[0] != version:
            self._closed = (version, await asyncio.to_thread(self._store.list_closed, Cluster))
        return self._closed[1]

    async def _finish_cluster(self, cluster: Resource[Cluster]) -> None:
        try:
            await self._storage.make(cluster)
            known = await asyncio.to_thread(self._ensure_identity, cluster)
            if known.properties.pending_key is not None:
                await asyncio.to_thread(self._bring_key, known, known.properties.pending_key)
        except ServiceError as error:
            await asyncio.to_thread(self._end_cluster, cluster, error)
            raise
        await asyncio.to_thread(self._end_cluster, known, None)
        self._log.info("cluster_ready", cluster=str(cluster.properties.cluster_id))

    def _ensure_identity(self, cluster: Resource[Cluster]) -> Resource[Cluster]:
        principal_id = self._identities.create(cluster.tenant_id, str(cluster.id), cluster.id.name)
        return replace(cluster, properties=replace(cluster.properties, principal_id=principal_id))

    def _end_cluster(self, cluster: Resource[Cluster], error: ServiceError | None) -> None:
        operation_id = cluster.properties.operation_id
        with self._store.write(system_author(cluster.tenant_id)) as transaction:
            present = transaction.find(Cluster, cluster.id)
            if operation_id is None or present is None or present.properties.operation_id != operation_id:
                return
            if error is None:
                finish_cluster(transaction, cluster)
                transaction.succeed_operation(operation_id)
            else:
                fail_cluster(transaction, present)
                transaction.fail_operation(operation_id, error)

    async def _finish_link(self, workspace: Resource[Workspace]) -> None:
        link = workspace.properties.link
        assert link is not None
        try:
            if link.state is LinkState.UNLINKING:
                await self._storage.unlink(workspace, lambda: self._end_link(workspace, link, None))
            else:
                cluster = self._store.snapshot.clusters.get(link.cluster_id)
                if cluster is None:
                    raise cluster_not_found(link.cluster)
                await self._storage.link(workspace, cluster, lambda: self._end_link(workspace, link, None))
        except ServiceError as error:
            if error.code == _POSTPONED:
                return
            await asyncio.to_thread(self._end_link, workspace, link, error)
            raise
        self._log.info("link_ended", workspace_id=str(workspace.properties.workspace_id), state=link.state)

    def _end_link(
        self, workspace: Resource[Workspace], link: ClusterLink, error: ServiceError | None
    ) -> None:
        with self._store.write(system_author(workspace.tenant_id)) as transaction:
            present = transaction.find(Workspace, workspace.id)
            if present is None or present.properties.link != link:
                return
            if error is None:
                finish_link(transaction, present)
                transaction.succeed_operation(link.operation_id)
            else:
                give_up_link(transaction, present)
                transaction.fail_operation(link.operation_id, error)

    async def _destroy(self, cluster: Resource[Cluster]) -> None:
        """Destroy what a deleted cluster holds, then forget it."""
        await self._storage.destroy(cluster)
        await asyncio.to_thread(self._identities.remove, str(cluster.id))
        await asyncio.to_thread(self._forget, cluster)
        self._log.info("cluster_destroyed", cluster=str(cluster.properties.cluster_id))

    def _forget(self, cluster: Resource[Cluster]) -> None:
        with self._store.write(system_author(cluster.tenant_id)) as transaction:
            forget_cluster(transaction, cluster)
            transaction.purge(cluster)
