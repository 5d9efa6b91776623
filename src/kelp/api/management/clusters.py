"""Dedicated clusters (`Microsoft.OperationalInsights/clusters`)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import (
    encode_moment,
    encode_resource,
    encode_system_data,
    merge_patch,
    present,
)
from kelp.api.management.kind_description import KindDescription, read_alone
from kelp.api.management.listing import list_resources
from kelp.api.management.operations import begin_headers
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.base.settings import ClusterSettings
from kelp.resources.cluster import (
    CAPACITY_SKU,
    SYSTEM_ASSIGNED,
    BillingType,
    Cluster,
    ClusterDraft,
    ClusterRules,
    KeyVaultProperties,
    check_cluster,
)
from kelp.resources.cluster_writing import (
    delete_cluster,
    list_linked_workspaces,
    normalize_key,
    put_cluster,
)
from kelp.resources.errors import refuse_if_any
from kelp.resources.operation import Operation
from kelp.resources.resource import Resource
from kelp.resources.shape import Guid, Items, Moment, Path, Record, Text, Whole

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/clusters"
_DEPLOYMENTS_WRITE = "Microsoft.Resources/deployments/write"
_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_TYPE}"
_IN_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}"
_ONE = f"{_IN_GROUP}/{{cluster}}"

_LAST_OF_OLD_RULES = "2020-08-01"
_OLD_NAME = re.compile(r"[A-Za-z0-9]{3,63}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]")


def list_in_subscription(call: Call) -> Answer:
    """Answer with the clusters of a subscription."""
    return list_resources(call, Cluster, call.subscription, _encode)


def list_in_group(call: Call) -> Answer:
    """Answer with the clusters of a group."""
    return list_resources(call, Cluster, call.group, _encode)


def get(call: Call) -> Answer:
    """Answer with one cluster."""
    call.require(f"{_TYPE}/read", _cluster_id(call))
    return Answer(200, _encode(call, call.store.get(Cluster, _cluster_id(call))))


def put(call: Call) -> Answer:
    """Create, change or recover a cluster. What clients only read is not looked at when it comes back."""
    _require_write(call)
    return _put(call, call.document())


def patch(call: Call) -> Answer:
    """Change what the body names."""
    _require_write(call)
    patch = call.document()
    present = _encode(call, call.store.get(Cluster, _cluster_id(call)))
    return _put(call, merge_patch(present, patch))


def delete(call: Call) -> Answer:
    """Delete a cluster, which can be recovered for some time; 204 where there is none."""
    call.require(f"{_TYPE}/delete", _cluster_id(call))
    with call.write() as transaction:
        operation = delete_cluster(transaction, _cluster_id(call), rules_of(call))
    if operation is None:
        return Answer(204)
    return Answer(200, None, begin_headers(call, operation))


def rules_of(call: Call) -> ClusterRules:
    """Return the rules of the request's api-version, with the limits that are set."""
    settings = call.services.clusters
    is_old = call.query.get("api-version", "")[: len(_LAST_OF_OLD_RULES)] <= _LAST_OF_OLD_RULES
    lock_days = settings.decrease_lock_days if is_old else settings.tier_decrease_lock_days
    capacities, capacity_rule = _old_capacities(settings) if is_old else _tiers(settings)
    return ClusterRules(
        name=_OLD_NAME if is_old else _NAME,
        name_rule="3 to 63 letters or digits"
        if is_old
        else "4 to 63 letters, digits or '-', beginning and ending with a letter or digit",
        capacities_gb=capacities,
        capacity_rule=capacity_rule,
        decrease_lock=timedelta(days=lock_days),
        provisioning=timedelta(seconds=settings.provisioning_seconds),
        recovery=timedelta(days=settings.recovery_days),
        active_per_region=settings.maximum_active_per_region,
        reserved_per_region=settings.maximum_reserved_per_region,
        per_subscription=settings.maximum_per_subscription,
    )


def _old_capacities(settings: ClusterSettings) -> tuple[range, str]:
    least, greatest, step = (
        settings.capacity_minimum_gb,
        settings.capacity_maximum_gb,
        settings.capacity_step_gb,
    )
    return range(least, greatest + 1, step), f"{least} to {greatest} GB a day in steps of {step}"


def _tiers(settings: ClusterSettings) -> tuple[tuple[int, ...], str]:
    tiers = tuple(sorted(int(tier) for tier in settings.commitment_tiers_gb.split(",")))
    return tiers, f"one of {', '.join(map(str, tiers))} GB a day"


def _put(call: Call, document: Any) -> Answer:
    reader = DocumentReader(document)
    rules = rules_of(call)
    draft = _decode(reader)
    before = call.store.find(Cluster, _cluster_id(call))
    if before is not None and before.properties.key is not None and draft.key is None:
        _refuse_removal(reader)
    if before is not None and before.properties.operation_id is None and not reader.problems:
        _validate_key(call, before, draft, rules)
    with call.write() as transaction, reader.reporting():
        stored, operation = put_cluster(transaction, _cluster_id(call), draft, rules, if_match=call.if_match)
    return _answer(call, stored, operation)


def _refuse_removal(reader: DocumentReader) -> None:
    """Refuse a key that is there but empty; left out, the present one stays."""
    properties = reader.section("properties")
    if properties.section("keyVaultProperties").names():
        message = (
            "A cluster's key can be replaced by another, not removed. Name a key of a vault, or "
            "leave keyVaultProperties out to keep the present one."
        )
        properties.refuse("keyVaultProperties", message, "KeyVaultPropertiesNotRemovable")


def _answer(call: Call, cluster: Resource[Cluster], operation: Operation | None) -> Answer:
    document = _encode(call, cluster)
    if operation is None:
        return Answer(200, document)
    return Answer(202, document, begin_headers(call, operation))


def _validate_key(call: Call, before: Resource[Cluster], draft: ClusterDraft, rules: ClusterRules) -> None:
    """Ask the vault about a new key, before the transaction: it may be slow. Raises `ServiceError` (invalid)."""
    key = draft.key
    if key is None or key == before.properties.key:
        return
    refuse_if_any(check_cluster(before.id.name, draft, rules, is_new=False))
    problem = call.services.validate_key(
        key.key_vault_uri, key.key_name, key.key_version, before.properties.principal_id
    )
    if problem is not None:
        raise ServiceError(
            Category.INVALID,
            "KeyVaultKeyNotUsable",
            f"The key '{key.key_name}' of the vault '{key.key_vault_uri}' can't protect the cluster: {problem}. "
            "It must be there, in a vault with soft-delete and purge protection, and the cluster's identity "
            f"{before.properties.principal_id} needs get, wrap and unwrap.",
            target="properties.keyVaultProperties",
        )


def _decode(reader: DocumentReader) -> ClusterDraft:
    properties, sku = reader.section("properties"), reader.section("sku")
    return ClusterDraft(
        location=reader.text("location"),
        identity=reader.section("identity").find_text("type"),
        sku=sku.find_text("name"),
        capacity_gb=sku.find_integer("capacity"),
        billing_type=properties.choice("billingType", BillingType.CLUSTER),
        double_encryption=properties.find_boolean("isDoubleEncryptionEnabled"),
        availability_zones=properties.find_boolean("isAvailabilityZonesEnabled") or False,
        key=normalize_key(_decode_key(properties)),
        tags=reader.tags(),
    )


def _decode_key(properties: DocumentReader) -> KeyVaultProperties:
    key = properties.section("keyVaultProperties")
    return KeyVaultProperties(
        key.text("keyVaultUri"), key.text("keyName"), key.text("keyVersion"), key.find_integer("keyRsaSize")
    )


def _encode(call: Call, cluster: Resource[Cluster]) -> dict[str, Any]:
    found = cluster.properties
    properties = {
        "clusterId": str(found.cluster_id),
        "provisioningState": found.state,
        "isDoubleEncryptionEnabled": found.double_encryption,
        "isAvailabilityZonesEnabled": found.availability_zones,
        "billingType": found.billing_type,
        "keyVaultProperties": _encode_key(found.pending_key or found.key),
        "createdDate": encode_moment(cluster.created.at),
        "lastModifiedDate": encode_moment(cluster.modified.at),
        "associatedWorkspaces": _encode_workspaces(call, cluster),
        "capacityReservationProperties": {
            "lastSkuUpdate": encode_moment(found.capacity_changed_at),
            "minCapacity": _minimum_capacity(call, found),
        },
    }
    identity = {
        "type": SYSTEM_ASSIGNED,
        "principalId": str(found.principal_id) if found.principal_id else None,
        "tenantId": str(cluster.tenant_id),
    }
    return encode_resource(
        cluster,
        present(properties),
        location=found.location,
        tags=found.tags,
        sku={"name": CAPACITY_SKU, "capacity": found.capacity_gb},
        identity=present(identity),
        etag=f'"{cluster.etag}"',
        systemData=encode_system_data(cluster),
    )


def _encode_key(key: KeyVaultProperties | None) -> dict[str, Any] | None:
    if key is None:
        return None
    return present(
        {
            "keyVaultUri": key.key_vault_uri,
            "keyName": key.key_name,
            "keyVersion": key.key_version,
            "keyRsaSize": key.key_rsa_size,
        }
    )


def _encode_workspaces(call: Call, cluster: Resource[Cluster]) -> list[dict[str, str]]:
    """Those that are linked, as far as the caller may know of them."""
    found = []
    for workspace in list_linked_workspaces(call.store.snapshot, cluster):
        link = workspace.properties.link
        if link is None or link.linked_at is None:
            continue
        if call.allows(f"{_NAMESPACE}/workspaces/read", workspace.id):
            found.append(
                {
                    "workspaceId": str(workspace.properties.workspace_id),
                    "workspaceName": workspace.id.name,
                    "resourceId": str(workspace.id),
                    "associateDate": encode_moment(link.linked_at),
                }
            )
    return found


def _minimum_capacity(call: Call, cluster: Cluster) -> int:
    """The least that the capacity may be changed to now."""
    rules = rules_of(call)
    if call.services.clock.now() < cluster.capacity_changed_at + rules.decrease_lock:
        return cluster.capacity_gb
    return min(rules.capacities_gb)


def _cluster_id(call: Call) -> ResourceId:
    return call.group.child(_TYPE, call.parameters["cluster"])


def _require_write(call: Call) -> None:
    call.require(f"{_TYPE}/write", _cluster_id(call))
    call.require(_DEPLOYMENTS_WRITE, call.group)


_SAYS = KindDescription(
    "Cluster",
    read_alone(_decode),
    {
        "clusterId": Guid(),
        "provisioningState": Text(),
        "createdDate": Moment(),
        "lastModifiedDate": Moment(),
        "associatedWorkspaces": Items(
            Record(
                {
                    "workspaceId": Guid(),
                    "workspaceName": Text(),
                    "resourceId": Path(),
                    "associateDate": Moment(),
                }
            )
        ),
        "capacityReservationProperties": Record({"lastSkuUpdate": Moment(), "minCapacity": Whole()}),
    },
)
ROUTES = (
    ManagementRoute("GET", _IN_SUBSCRIPTION, _NAMESPACE, list_in_subscription, _SAYS.listing()),
    ManagementRoute("GET", _IN_GROUP, _NAMESPACE, list_in_group, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting(200, 202)),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch, _SAYS.patching(200, 202)),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete, _SAYS.deleting(200, 204)),
)
