"""Ends what the management API began with clusters and links, when its time has come by the clock.

Whatever it could not finish it takes up again at its next run.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from kelp.resources.author import system_author
from kelp.resources.cluster import Cluster
from kelp.resources.cluster_writing import finish_cluster
from kelp.resources.linking import finish_link
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.resources.cluster import ManagedIdentities
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

INTERVAL = timedelta(0)
"""Looking at what is in memory costs nothing, and clients wait."""


class ClusterProvisioning:
    """Belongs to one event loop; one run at a time."""

    def __init__(self, store: ResourceStore, clock: Clock, identities: ManagedIdentities) -> None:
        self._store = store
        self._clock = clock
        self._identities = identities
        self._log = structlog.get_logger("kelp.clusters")

    async def run_once(self) -> None:
        """Finish every operation that is due. Raises `ServiceError`; what was not reached is due still."""
        now, snapshot = self._clock.now(), self._store.snapshot
        for cluster in snapshot.clusters.values():
            due_at = cluster.properties.due_at
            if due_at is not None and due_at <= now:
                await asyncio.to_thread(self._finish_cluster, cluster)
        for workspace in snapshot.workspaces.values():
            link = workspace.properties.link
            if link is not None and link.is_running and link.due_at <= now:
                await asyncio.to_thread(self._finish_link, workspace)

    def _finish_cluster(self, cluster: Resource[Cluster]) -> None:
        principal_id = self._identities.create(cluster.tenant_id, str(cluster.id), cluster.id.name)
        with self._store.write(system_author(cluster.tenant_id)) as transaction:
            present = transaction.find(Cluster, cluster.id)
            if present is None or present.properties.operation_id != cluster.properties.operation_id:
                return
            known = replace(present, properties=replace(present.properties, principal_id=principal_id))
            finish_cluster(transaction, known)
            if (operation_id := cluster.properties.operation_id) is not None:
                transaction.succeed_operation(operation_id)
        self._log.info("cluster_ready", cluster=str(cluster.properties.cluster_id))

    def _finish_link(self, workspace: Resource[Workspace]) -> None:
        link = workspace.properties.link
        with self._store.write(system_author(workspace.tenant_id)) as transaction:
            present = transaction.find(Workspace, workspace.id)
            if link is None or present is None or present.properties.link != link:
                return
            finish_link(transaction, present)
            transaction.succeed_operation(link.operation_id)
        self._log.info("link_done", workspace_id=str(workspace.properties.workspace_id), state=link.state)
