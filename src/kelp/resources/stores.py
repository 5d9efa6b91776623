"""Which stores a workspace's records lie in, and which of them new ones go to (ADR 16). From memory.

A store is named by its id: at home by the workspace's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.resources.cluster import ProvisioningState
from kelp.resources.cluster_link import LinkState, store_id_of

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.resources.cluster import Cluster
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.workspace import Workspace


_NOT_OPEN = (ProvisioningState.PROVISIONING, ProvisioningState.FAILED)


def present_store(snapshot: Snapshot, workspace: Resource[Workspace]) -> UUID:
    """Return the store that new records go to."""
    properties = workspace.properties
    link = properties.link
    if link is None or link.state is LinkState.LINKING or link.cluster_id not in snapshot.clusters:
        return properties.workspace_id
    return store_id_of(properties.workspace_id, link.cluster_id)


def readable_stores(snapshot: Snapshot, workspace: Resource[Workspace]) -> tuple[UUID, ...]:
    """Return the stores that are read: the one at home, and those in clusters that are there.

    A cluster that is being recovered is not there yet: its databases have to be opened first.
    """
    properties = workspace.properties
    others = (store.store_id for store in properties.stores if _is_open(snapshot, store.cluster_id))
    return (properties.workspace_id, *others)


def all_stores(workspace: Resource[Workspace]) -> tuple[UUID, ...]:
    """Return all stores, also those in clusters that are deleted."""
    properties = workspace.properties
    return (properties.workspace_id, *(store.store_id for store in properties.stores))


def find_cluster(
    snapshot: Snapshot, workspace: Resource[Workspace], store_id: UUID
) -> Resource[Cluster] | None:
    """Return the cluster that a store lies in; None for the one at home, and where the cluster is deleted."""
    for cluster_id in _clusters_of(workspace):
        if store_id_of(workspace.properties.workspace_id, cluster_id) == store_id:
            return snapshot.clusters.get(cluster_id)
    return None


def find_owner(snapshot: Snapshot, store_id: UUID) -> Resource[Workspace] | None:
    """Return the live workspace that a store belongs to."""
    return snapshot.workspaces_by_store.get(store_id)


def _is_open(snapshot: Snapshot, cluster_id: UUID) -> bool:
    cluster = snapshot.clusters.get(cluster_id)
    return cluster is not None and cluster.properties.state not in _NOT_OPEN


def _clusters_of(workspace: Resource[Workspace]) -> tuple[UUID, ...]:
    """Those that it has stores in, and the one that it is being linked to."""
    properties = workspace.properties
    linked = () if properties.link is None else (properties.link.cluster_id,)
    return (*(store.cluster_id for store in properties.stores), *linked)
