"""Linking workspaces to dedicated clusters and unlinking them: begun here, carried out and ended by a job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError
from kelp.resources.cluster import Cluster, ProvisioningState
from kelp.resources.cluster_link import ClusterLink, ClusterStore, LinkState, store_id_of
from kelp.resources.cluster_writing import list_linked_workspaces
from kelp.resources.errors import ResourceConflict
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from kelp.base.ids import ResourceId
    from kelp.resources.cluster import LinkRules
    from kelp.resources.operation import Operation
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.transaction import Transaction

_TYPE = "Microsoft.OperationalInsights/workspaces/linkedServices"


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """One of the things that must hold for a link; `problem` is what stands against it."""

    name: str
    problem: ServiceError | None


def find_link(snapshot: Snapshot, workspace: Resource[Workspace]) -> ClusterLink | None:
    """Return the workspace's link to a cluster that is there."""
    link = workspace.properties.link
    return link if link is not None and link.cluster_id in snapshot.clusters else None


def cluster_not_found(cluster_id: ResourceId | str) -> ServiceError:
    """Return what a client is told who names a cluster that is not there, or not for the client."""
    return _invalid(
        "ClusterNotFound",
        f"The cluster '{cluster_id}' was not found or is deleted. Name one that GET .../clusters lists, or recover "
        "it first.",
    )


def link_workspace(
    transaction: Transaction,
    workspace_id: ResourceId,
    cluster_id: ResourceId,
    rules: LinkRules,
    *,
    tags: dict[str, str],
) -> tuple[Resource[Workspace], Operation | None]:
    """Begin to link; without an operation when the workspace is linked to that cluster already.

    Raises `ResourceNotFound` (workspace), `ResourceConflict` (a link operation runs), `ServiceError` (invalid).
    """
    workspace = transaction.get(Workspace, workspace_id)
    cluster = transaction.find(Cluster, cluster_id)
    if cluster is None:
        _refuse_while_running(workspace, find_link(transaction.snapshot, workspace))
        raise cluster_not_found(cluster_id)
    present = find_link(transaction.snapshot, workspace)
    is_there = present is not None and present.cluster_id == cluster.properties.cluster_id
    for check in check_link(transaction.snapshot, workspace, cluster, rules, transaction.now):
        # A link that is there needs no room and no further link.
        if check.problem is not None and not (is_there and check.name in ("region", "times", "room")):
            raise check.problem
    if is_there:
        return workspace, None
    location = workspace.properties.settings.location
    operation = transaction.start_operation(workspace, location, f"{_TYPE}/write")
    link = ClusterLink(
        cluster=str(cluster.id),
        cluster_id=cluster.properties.cluster_id,
        state=LinkState.LINKING,
        operation_id=operation.id,
        due_at=transaction.now + rules.linking,
        tags=tags,
    )
    times = tuple(at for at in workspace.properties.link_times if transaction.now - at < rules.window)
    after = replace(workspace.properties, link=link, link_times=(*times, transaction.now))
    return transaction.put(workspace.id, after), operation


def unlink_workspace(
    transaction: Transaction, workspace_id: ResourceId, rules: LinkRules
) -> Operation | None:
    """Begin to unlink; None when the workspace is linked to nothing.

    Raises `ResourceNotFound` (workspace), `ResourceConflict` (a link operation runs).
    """
    workspace = transaction.get(Workspace, workspace_id)
    present = find_link(transaction.snapshot, workspace)
    if present is None:
        return None
    _refuse_while_running(workspace, present)
    location = workspace.properties.settings.location
    operation = transaction.start_operation(workspace, location, f"{_TYPE}/delete")
    link = replace(
        present,
        state=LinkState.UNLINKING,
        operation_id=operation.id,
        due_at=transaction.now + rules.linking,
    )
    transaction.put(workspace.id, replace(workspace.properties, link=link))
    return operation


def finish_link(transaction: Transaction, workspace: Resource[Workspace]) -> Resource[Workspace]:
    """Note that the link was made or undone: from now on new records go there. The caller ends the operation."""
    properties = workspace.properties
    link = properties.link
    assert link is not None
    if link.state is LinkState.UNLINKING:
        return transaction.put(workspace.id, replace(properties, link=None))
    store = ClusterStore(store_id_of(properties.workspace_id, link.cluster_id), link.cluster_id)
    stores = properties.stores if store in properties.stores else (*properties.stores, store)
    linked = replace(link, state=LinkState.LINKED, linked_at=transaction.now)
    return transaction.put(workspace.id, replace(properties, link=linked, stores=stores))


def give_up_link(transaction: Transaction, workspace: Resource[Workspace]) -> Resource[Workspace]:
    """Put the workspace back to where it was before the running operation. The caller ends the operation."""
    properties = workspace.properties
    link = properties.link
    assert link is not None
    if link.state is LinkState.LINKING:
        # What came to nothing does not count towards the links that a workspace may have.
        after = replace(properties, link=None, link_times=properties.link_times[:-1])
    else:
        after = replace(properties, link=replace(link, state=LinkState.LINKED))
    return transaction.put(workspace.id, after)


def forget_cluster(transaction: Transaction, cluster: Resource[Cluster]) -> None:
    """Strike a cluster that was destroyed out of the live workspaces that have a store in it, or a link to it."""
    cluster_id = cluster.properties.cluster_id
    for workspace in transaction.snapshot.workspaces.values():
        properties = workspace.properties
        stores = tuple(store for store in properties.stores if store.cluster_id != cluster_id)
        is_linked = properties.link is not None and properties.link.cluster_id == cluster_id
        if is_linked or stores != properties.stores:
            link = None if is_linked else properties.link
            transaction.put(workspace.id, replace(properties, link=link, stores=stores))


def check_link(
    snapshot: Snapshot,
    workspace: Resource[Workspace],
    cluster: Resource[Cluster],
    rules: LinkRules,
    now: datetime,
) -> list[LinkCheck]:
    """Return all that must hold for a link to begin, each with what stands against it."""
    link = find_link(snapshot, workspace)
    return [
        LinkCheck("running", _find_running(workspace, link)),
        LinkCheck("state", _find_unready(cluster)),
        LinkCheck("linked", _find_other_link(workspace, cluster, link)),
        LinkCheck("region", _find_other_region(workspace, cluster)),
        LinkCheck("times", _find_too_many_times(workspace, rules, now)),
        LinkCheck("room", _find_full(snapshot, cluster, rules)),
    ]


def _refuse_while_running(workspace: Resource[Workspace], link: ClusterLink | None) -> None:
    problem = _find_running(workspace, link)
    if problem is not None:
        raise problem


def _find_running(workspace: Resource[Workspace], link: ClusterLink | None) -> ServiceError | None:
    if link is None or not link.is_running:
        return None
    return ResourceConflict(
        "LinkOperationRunning",
        f"A link operation of the workspace '{workspace.id.name}' is running ({link.state}, operation "
        f"{link.operation_id}). Wait until it has ended and try again.",
    )


def _find_unready(cluster: Resource[Cluster]) -> ServiceError | None:
    state = cluster.properties.state
    if state is ProvisioningState.SUCCEEDED:
        return None
    return _invalid(
        "ClusterNotReady",
        f"The cluster '{cluster.id.name}' is in the state {state}; workspaces can be linked once it has Succeeded.",
    )


def _find_other_link(
    workspace: Resource[Workspace], cluster: Resource[Cluster], link: ClusterLink | None
) -> ServiceError | None:
    if link is None or link.cluster_id == cluster.properties.cluster_id:
        return None
    return _invalid(
        "WorkspaceLinkedToAnotherCluster",
        f"The workspace '{workspace.id.name}' is linked to the cluster '{link.cluster}', and can be linked "
        f"to one only. Unlink it before it is linked to '{cluster.id}'.",
    )


def _find_other_region(workspace: Resource[Workspace], cluster: Resource[Cluster]) -> ServiceError | None:
    location, wanted = workspace.properties.settings.location, cluster.properties.location
    if location == wanted:
        return None
    return _invalid(
        "DifferentRegions",
        f"The workspace '{workspace.id.name}' lies in region '{location}' and the cluster '{cluster.id.name}' in "
        f"'{wanted}'; both must lie in one region.",
    )


def _find_too_many_times(
    workspace: Resource[Workspace], rules: LinkRules, now: datetime
) -> ServiceError | None:
    times = [at for at in workspace.properties.link_times if now - at < rules.window]
    if len(times) < rules.links_per_window:
        return None
    free_at = times[-rules.links_per_window] + rules.window
    return _invalid(
        "TooManyLinkOperations",
        f"The workspace '{workspace.id.name}' was linked {len(times)} times in the last {rules.window.days} days; "
        f"allowed: {rules.links_per_window}. It can be linked again at {free_at:%Y-%m-%dT%H:%M:%SZ}.",
    )


def _find_full(snapshot: Snapshot, cluster: Resource[Cluster], rules: LinkRules) -> ServiceError | None:
    linked = len(list_linked_workspaces(snapshot, cluster))
    if linked < rules.workspaces_per_cluster:
        return None
    return _invalid(
        "TooManyLinkedWorkspaces",
        f"The cluster '{cluster.id.name}' has {linked} linked workspaces; allowed: {rules.workspaces_per_cluster}. "
        "Unlink one, or choose another cluster.",
    )


def _invalid(code: str, message: str) -> ServiceError:
    return ServiceError(Category.INVALID, code, message, target="properties.writeAccessResourceId")
