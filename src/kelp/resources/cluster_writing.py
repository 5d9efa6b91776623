"""Making, changing and deleting dedicated clusters. What takes time is begun here and ended by a job."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from kelp.base.errors import Category, ServiceError
from kelp.resources.cluster import (
    Cluster,
    ClusterDraft,
    ClusterRules,
    KeyVaultProperties,
    ProvisioningState,
    check_cluster,
)
from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.naming import normalize_location

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.base.ids import ResourceId
    from kelp.resources.operation import Operation
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.transaction import Transaction
    from kelp.resources.workspace import Workspace

_TYPE = "Microsoft.OperationalInsights/clusters"


def put_cluster(
    transaction: Transaction,
    resource_id: ResourceId,
    draft: ClusterDraft,
    rules: ClusterRules,
    *,
    if_match: str | None = None,
) -> tuple[Resource[Cluster], Operation | None]:
    """Create a cluster, change one, or recover one that was deleted lately; with the operation that was begun.

    A customer's key must have been validated before. Raises `InvalidDocument`, `ResourceConflict`,
    `PreconditionFailed`, `ResourceNotFound` (no such group), `ServiceError` (invalid: an operation runs, a limit).
    """
    draft = replace(draft, location=normalize_location(draft.location))
    existing = transaction.find(Cluster, resource_id)
    deleted = transaction.find_deleted(Cluster, resource_id) if existing is None else None
    known = existing or deleted
    if existing is not None:
        _refuse_while_running(existing)
    refuse_if_any(check_cluster(resource_id.name, draft, rules, is_new=known is None))
    if deleted is not None:
        _refuse_other_cluster(deleted, draft)
        _refuse_beyond_limits(transaction, resource_id, draft.location, rules)
        transaction.recover(deleted)
    if known is None:
        _refuse_beyond_limits(transaction, resource_id, draft.location, rules)
        return _create(transaction, resource_id, draft, rules, if_match=if_match)
    return _update(transaction, known, draft, rules, if_match=if_match)


def delete_cluster(
    transaction: Transaction, resource_id: ResourceId, rules: ClusterRules
) -> Operation | None:
    """Delete a cluster without workspaces: its name stays reserved and its data recoverable; then all is destroyed.

    Return None if there is none. Raises `ServiceError`: conflict while it is being made, invalid while workspaces are
    linked.
    """
    cluster = transaction.find(Cluster, resource_id)
    if cluster is None:
        return None
    state = cluster.properties.state
    if state is ProvisioningState.PROVISIONING:
        message = f"The cluster '{resource_id.name}' is still being made ({state}). Delete it once it has Succeeded."
        raise ResourceConflict("ClusterNotProvisioned", message)
    _refuse_while_linked(cluster, list_linked_workspaces(transaction.snapshot, cluster))
    operation = transaction.start_operation(cluster, cluster.properties.location, f"{_TYPE}/delete")
    transaction.close(cluster, transaction.now + rules.recovery)
    return transaction.end_operation(operation)


def _refuse_while_linked(cluster: Resource[Cluster], linked: Sequence[Resource[Workspace]]) -> None:
    """Raise `ServiceError` (invalid) if there are linked workspaces: what they receive would have no place."""
    if linked:
        # Those of other tenants are counted and not named.
        own = [workspace for workspace in linked if workspace.tenant_id == cluster.tenant_id]
        names = ", ".join(f"'{workspace.id.name}'" for workspace in own[:10])
        raise _invalid(
            "ClusterHasLinkedWorkspaces",
            f"The cluster '{cluster.id.name}' can't be deleted while workspaces are linked to it: {len(linked)}"
            f"{f' ({names})' if names else ''}. Unlink them first (DELETE .../linkedServices/cluster).",
        )


def finish_cluster(transaction: Transaction, cluster: Resource[Cluster]) -> Resource[Cluster]:
    """Note that the running operation succeeded. The caller ends the operation itself."""
    properties = cluster.properties
    return transaction.put(
        cluster.id,
        replace(
            properties,
            state=ProvisioningState.SUCCEEDED,
            key=properties.pending_key or properties.key,
            pending_key=None,
            operation_id=None,
            due_at=None,
        ),
    )


def fail_cluster(transaction: Transaction, cluster: Resource[Cluster]) -> Resource[Cluster]:
    """Note that the running operation failed: what it was to bring is given up. The caller ends the operation."""
    properties = cluster.properties
    was_made = properties.state is ProvisioningState.UPDATING
    state = ProvisioningState.SUCCEEDED if was_made else ProvisioningState.FAILED
    return transaction.put(
        cluster.id, replace(properties, state=state, pending_key=None, operation_id=None, due_at=None)
    )


def list_linked_workspaces(snapshot: Snapshot, cluster: Resource[Cluster]) -> list[Resource[Workspace]]:
    """Return the live workspaces that are linked to the cluster, or about to be or not to be, in order of their ids."""
    cluster_id = cluster.properties.cluster_id
    found = [
        workspace
        for workspace in snapshot.workspaces.values()
        if (link := workspace.properties.link) is not None and link.cluster_id == cluster_id
    ]
    return sorted(found, key=lambda workspace: workspace.id.key)


def _create(
    transaction: Transaction,
    resource_id: ResourceId,
    draft: ClusterDraft,
    rules: ClusterRules,
    *,
    if_match: str | None,
) -> tuple[Resource[Cluster], Operation]:
    assert draft.capacity_gb is not None
    cluster = Cluster(
        cluster_id=uuid4(),
        location=draft.location,
        capacity_gb=draft.capacity_gb,
        capacity_changed_at=transaction.now,
        state=ProvisioningState.PROVISIONING,
        billing_type=draft.billing_type,
        double_encryption=draft.double_encryption is not False,
        availability_zones=draft.availability_zones,
        tags=draft.tags,
    )
    created = transaction.put(resource_id, cluster, if_match=if_match)
    return _begin(transaction, created, ProvisioningState.PROVISIONING, rules)


def _update(
    transaction: Transaction,
    known: Resource[Cluster],
    draft: ClusterDraft,
    rules: ClusterRules,
    *,
    if_match: str | None,
) -> tuple[Resource[Cluster], Operation | None]:
    before, capacity = known.properties, draft.capacity_gb
    assert capacity is not None
    _refuse_changes(known, draft)
    changed_at = before.capacity_changed_at
    if capacity < before.capacity_gb:
        free_at = changed_at + rules.decrease_lock
        if transaction.now < free_at:
            raise _invalid(
                "CapacityDecreaseNotAllowed",
                f"The capacity can't go down from {before.capacity_gb} to {capacity} GB a day within "
                f"{rules.decrease_lock.days} days after its last change; allowed: {before.capacity_gb} or more, or "
                f"wait until {free_at:%Y-%m-%dT%H:%M:%SZ}.",
                "sku.capacity",
            )
    after = replace(
        before,
        capacity_gb=capacity,
        capacity_changed_at=changed_at if capacity == before.capacity_gb else transaction.now,
        billing_type=draft.billing_type,
        pending_key=draft.key if draft.key != before.key else None,
        tags=draft.tags,
    )
    stored = transaction.put(known.id, after, if_match=if_match)
    stored = replace(stored, is_new=False)
    if before.state is ProvisioningState.FAILED or known.deleted_at is not None:
        return _begin(transaction, stored, ProvisioningState.PROVISIONING, rules)
    if after.pending_key is None:
        return stored, None
    return _begin(transaction, stored, ProvisioningState.UPDATING, rules)


def _begin(
    transaction: Transaction, cluster: Resource[Cluster], state: ProvisioningState, rules: ClusterRules
) -> tuple[Resource[Cluster], Operation]:
    operation = transaction.start_operation(cluster, cluster.properties.location, f"{_TYPE}/write")
    running = replace(
        cluster.properties,
        state=state,
        operation_id=operation.id,
        due_at=transaction.now + rules.provisioning,
    )
    stored = transaction.put(cluster.id, running)
    return replace(stored, is_new=cluster.is_new), operation


def _refuse_while_running(cluster: Resource[Cluster]) -> None:
    properties = cluster.properties
    if properties.operation_id is not None:
        raise _invalid(
            "ClusterOperationRunning",
            f"An operation on the cluster '{cluster.id.name}' is running ({properties.state}, operation "
            f"{properties.operation_id}). Wait until provisioningState is Succeeded and try again.",
        )


def _refuse_changes(known: Resource[Cluster], draft: ClusterDraft) -> None:
    """Refuse what never changes."""
    before = known.properties
    if before.location != draft.location:
        raise ResourceConflict(
            "InvalidResourceLocation",
            f"The cluster '{known.id.name}' already exists in location '{before.location}' and can't be moved to "
            f"'{draft.location}'.",
            target="location",
        )
    if draft.double_encryption not in (None, before.double_encryption):
        given, kept = str(draft.double_encryption).lower(), str(before.double_encryption).lower()
        message = f"isDoubleEncryptionEnabled is set when a cluster is created and stays {kept}, not {given}."
        refuse_if_any([Problem("properties.isDoubleEncryptionEnabled", message)])


def _refuse_other_cluster(deleted: Resource[Cluster], draft: ClusterDraft) -> None:
    """Refuse to make another cluster under the name of a deleted one, which only its own kind may bring back."""
    before = deleted.properties
    others = []
    if before.location != draft.location:
        others.append(f"location '{before.location}', not '{draft.location}'")
    if draft.double_encryption not in (None, before.double_encryption):
        kept, given = str(before.double_encryption).lower(), str(draft.double_encryption).lower()
        others.append(f"isDoubleEncryptionEnabled {kept}, not {given}")
    if others:
        raise ResourceConflict(
            "ClusterNameReserved",
            f"The name '{deleted.id.name}' is reserved until {deleted.purge_at:%Y-%m-%dT%H:%M:%SZ} by a cluster that "
            f"was deleted. Recover it as it was ({'; '.join(others)}), or choose another name.",
            target="name",
        )


def _refuse_beyond_limits(
    transaction: Transaction, resource_id: ResourceId, location: str, rules: ClusterRules
) -> None:
    subscription = resource_id.subscription_id
    live = [
        cluster
        for cluster in transaction.snapshot.clusters.values()
        if cluster.id.subscription_id == subscription and cluster.id != resource_id
    ]
    deleted = [
        cluster
        for cluster in transaction.list_deleted(Cluster)
        if cluster.id.subscription_id == subscription and cluster.id != resource_id
    ]
    active = [cluster for cluster in live if cluster.properties.location == location]
    reserved = [cluster for cluster in (*live, *deleted) if cluster.properties.location == location]
    for found, limit, what in (
        (active, rules.active_per_region, f"active clusters in region '{location}' of a subscription"),
        (
            reserved,
            rules.reserved_per_region,
            (
                f"clusters in region '{location}' of a subscription, with those deleted in the last "
                f"{rules.recovery.days} days"
            ),
        ),
        (
            [*live, *deleted],
            rules.per_subscription,
            f"clusters of a subscription, with those deleted in the last {rules.recovery.days} days",
        ),
    ):
        if limit and len(found) >= limit:
            names = ", ".join(f"'{cluster.id.name}'" for cluster in found)
            raise _invalid(
                "ClusterLimitReached",
                f"The cluster '{resource_id.name}' would be one too many: there are {len(found)} ({names}); allowed: "
                f"{limit} {what}. Delete one, recover a deleted one under its name, or have the limit raised.",
            )


def _invalid(code: str, message: str, target: str | None = None) -> ServiceError:
    return ServiceError(Category.INVALID, code, message, target=target)


def normalize_key(key: KeyVaultProperties | None) -> KeyVaultProperties | None:
    """Return the key as it is compared: an empty one is none, and the vault's address has no slash at its end."""
    if key is None or not (key.key_vault_uri or key.key_name or key.key_version):
        return None
    return replace(key, key_vault_uri=key.key_vault_uri.rstrip("/"))
