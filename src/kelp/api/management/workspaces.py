"""Workspaces and their access keys (`Microsoft.OperationalInsights/workspaces`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import (
    encode_moment,
    encode_resource,
    encode_system_data,
    present,
)
from kelp.api.management.kind_description import KindDescription, giving, read_alone, taking
from kelp.api.management.listing import list_resources
from kelp.api.management.reader import DocumentReader
from kelp.api.management.writing import patch_resource, put_resource
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId, WorkspaceId
from kelp.ingest.collection_gate import CollectionGate, CollectionStatus
from kelp.jobs import workspace_destruction
from kelp.resources.access import SHARED_KEYS_ACTION
from kelp.resources.linking import find_link
from kelp.resources.network_limits import NO_RULES, NetworkAccess, NetworkRules, Plane
from kelp.resources.resource import Resource
from kelp.resources.shape import Guid, Moment, Named, Record, Text
from kelp.resources.shared_keys import KeySlot
from kelp.resources.transaction import Transaction
from kelp.resources.workspace import (
    Features,
    Workspace,
    WorkspaceSettings,
    delete_workspace,
    put_workspace,
)

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces"
_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_TYPE}"
_IN_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}"
_ONE = f"{_IN_GROUP}/{{workspace}}"
_DELETED_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_NAMESPACE}/deletedWorkspaces"
_DELETED_IN_GROUP = (
    f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}/deletedWorkspaces"
)
_NO_QUOTA = -1
_FEATURES = frozenset(
    (
        "legacy",
        "searchVersion",
        "enableDataExport",
        "immediatePurgeDataOn30Days",
        "enableLogAccessUsingOnlyResourcePermissions",
        "disableLocalAuth",
        "clusterResourceId",
        "unifiedSentinelBillingOnly",
        "associations",
    )
)
"""The features that Kelp knows, or that only it fills in."""
_KEY_TYPES = {
    "primarysharedkey": KeySlot.PRIMARY,
    "primary": KeySlot.PRIMARY,
    "secondarysharedkey": KeySlot.SECONDARY,
    "secondary": KeySlot.SECONDARY,
}


def list_in_subscription(call: Call) -> Answer:
    """Answer with the workspaces of a subscription."""
    return list_resources(call, Workspace, call.subscription, encode_workspace)


def list_in_group(call: Call) -> Answer:
    """Answer with the workspaces of a group."""
    return list_resources(call, Workspace, call.group, encode_workspace)


def list_deleted_in_subscription(call: Call) -> Answer:
    """Answer with the workspaces of a subscription that can be recovered."""
    return _list_deleted(call, call.subscription)


def list_deleted_in_group(call: Call) -> Answer:
    """Answer with the workspaces of a group that can be recovered."""
    return _list_deleted(call, call.group)


def get(call: Call) -> Answer:
    """Answer with one workspace."""
    call.require(f"{_TYPE}/read", call.workspace)
    return Answer(200, encode_workspace(call, call.store.get(Workspace, call.workspace)))


def put(call: Call) -> Answer:
    """Create, change or recover a workspace."""
    call.require(f"{_TYPE}/write", call.workspace)
    return put_resource(call, _putter(call), encode_workspace)


def patch(call: Call) -> Answer:
    """Change what the body names."""
    call.require(f"{_TYPE}/write", call.workspace)
    return patch_resource(call, (Workspace, call.workspace), _putter(call), encode_workspace)


def delete(call: Call) -> Answer:
    """Close a workspace; `?force=true` also gives up the 14 days in which it could be recovered."""
    call.require(f"{_TYPE}/delete", call.workspace)
    force = call.query.get("force", "").lower() == "true"
    with call.write() as transaction:
        existed = delete_workspace(transaction, call.workspace, force=force)
    if existed and force:
        call.services.request_run(workspace_destruction.NAME)
    return Answer(200 if existed else 204)


def get_shared_keys(call: Call) -> Answer:
    """Answer with both access keys."""
    call.require(SHARED_KEYS_ACTION, call.workspace)
    with call.write() as transaction:
        workspace = transaction.get(Workspace, call.workspace)
        transaction.record_key_listing(workspace.id, "sharedKeys/action")
    return _answer_keys(call, workspace.properties.workspace_id)


def regenerate_shared_key(call: Call) -> Answer:
    """Replace the access key that the body names, the primary one unless it says otherwise."""
    call.require(f"{_TYPE}/regenerateSharedKey/action", call.workspace)
    name = call.reader().text("keyType", "PrimarySharedKey")
    slot = _KEY_TYPES.get(name.lower())
    if slot is None:
        raise ServiceError(
            Category.INVALID,
            "InvalidParameter",
            f"'{name}' is no key: keyType is PrimarySharedKey or SecondarySharedKey.",
            target="keyType",
        )
    with call.write() as transaction:
        workspace = transaction.get(Workspace, call.workspace)
        transaction.regenerate_shared_key(workspace, slot)
    return _answer_keys(call, workspace.properties.workspace_id)


def decode_settings(reader: DocumentReader) -> WorkspaceSettings:
    """Read the members that an owner decides about; what is left out has its default."""
    properties = reader.section("properties")
    sku, features = properties.section("sku"), properties.section("features")
    quota = properties.section("workspaceCapping").find_number("dailyQuotaGb")
    retention = properties.find_integer("retentionInDays")
    defaults = WorkspaceSettings("")
    _refuse_what_is_not_offered(reader)
    return WorkspaceSettings(
        location=reader.text("location"),
        sku=sku.choice("name", defaults.sku),
        capacity_reservation_level=sku.find_integer("capacityReservationLevel"),
        retention_in_days=defaults.retention_in_days if retention is None else retention,
        daily_quota_gb=None if quota == _NO_QUOTA else quota,
        public_network_access_for_ingestion=properties.choice(
            "publicNetworkAccessForIngestion", NetworkAccess.ENABLED
        ),
        public_network_access_for_query=properties.choice(
            "publicNetworkAccessForQuery", NetworkAccess.ENABLED
        ),
        network_rules=NetworkRules(*(properties.section("networkRules").texts(plane) for plane in Plane)),
        features=Features(
            features.find_boolean("enableDataExport"),
            features.find_boolean("immediatePurgeDataOn30Days"),
            features.find_boolean("enableLogAccessUsingOnlyResourcePermissions"),
            features.find_boolean("disableLocalAuth"),
            {name: value for name, value in properties.free("features").items() if name not in _FEATURES},
        ),
        force_customer_key_for_query=properties.find_boolean("forceCmkForQuery"),
        default_data_collection_rule_resource_id=properties.find_text("defaultDataCollectionRuleResourceId"),
        tags=reader.tags(),
    )


def _refuse_what_is_not_offered(reader: DocumentReader) -> None:
    """Refuse what would be promised to the owner and not kept."""
    identity, replication = reader.section("identity"), reader.section("properties").section("replication")
    if identity.text("type", "None").lower() != "none":
        identity.refuse("type", "Workspaces have no managed identity in Kelp; clusters do.", "NotSupported")
    if replication.find_boolean("enabled"):
        replication.refuse("enabled", "Kelp does not replicate workspaces to other regions.", "NotSupported")


def encode_workspace(call: Call, workspace: Resource[Workspace]) -> dict[str, Any]:
    """Return the document of a workspace."""
    settings = workspace.properties.settings
    features = settings.features
    properties = {
        "provisioningState": "Succeeded",
        "customerId": str(workspace.properties.workspace_id),
        "sku": present(
            {
                "name": settings.sku,
                "capacityReservationLevel": settings.capacity_reservation_level,
                "lastSkuUpdate": encode_moment(workspace.properties.sku_changed_at or workspace.created.at),
            }
        ),
        "retentionInDays": settings.retention_in_days,
        "forceCmkForQuery": settings.force_customer_key_for_query,
        "features": present(
            {
                **features.others,
                "legacy": 0,
                "searchVersion": 1,
                "enableDataExport": features.enable_data_export,
                "immediatePurgeDataOn30Days": features.immediate_purge_data_on_30_days,
                "enableLogAccessUsingOnlyResourcePermissions": (
                    features.enable_log_access_using_only_resource_permissions is not False
                ),
                "disableLocalAuth": features.disable_local_auth,
                "clusterResourceId": _find_cluster(call, workspace),
            }
        ),
        "workspaceCapping": {
            "dailyQuotaGb": _NO_QUOTA if settings.daily_quota_gb is None else settings.daily_quota_gb,
            **_encode_collection(call, workspace),
        },
        "publicNetworkAccessForIngestion": settings.public_network_access_for_ingestion,
        "publicNetworkAccessForQuery": settings.public_network_access_for_query,
        "networkRules": _encode_rules(settings.network_rules),
        "defaultDataCollectionRuleResourceId": settings.default_data_collection_rule_resource_id,
        "createdDate": encode_moment(workspace.created.at),
        "modifiedDate": encode_moment(workspace.modified.at),
    }
    return encode_resource(
        workspace,
        present(properties),
        location=settings.location,
        tags=settings.tags,
        etag=f'"{workspace.etag}"',
        systemData=encode_system_data(workspace),
    )


def _find_cluster(call: Call, workspace: Resource[Workspace]) -> str | None:
    link = find_link(call.store.snapshot, workspace)
    return link.cluster if link is not None and link.linked_at is not None else None


def _putter(call: Call) -> Callable[[Transaction, DocumentReader], Resource[Workspace]]:
    return lambda transaction, reader: put_workspace(
        transaction, call.workspace, decode_settings(reader), if_match=call.if_match
    )


def _list_deleted(call: Call, scope: ResourceId) -> Answer:
    call.require_subscription(scope)
    if not call.services.access.reaches(call.principal, scope):
        call.require(f"{_TYPE}/read", scope)
    now = call.services.clock.now()
    found = [
        encode_workspace(call, workspace)
        for workspace in call.store.list_closed(Workspace)
        if scope.contains(workspace.id)
        and workspace.purge_at is not None
        and workspace.purge_at > now
        and call.allows(f"{_TYPE}/read", workspace.id)
    ]
    return Answer(200, {"value": found})


def _encode_rules(rules: NetworkRules) -> dict[str, list[str]] | None:
    return {plane: list(rules.of(plane)) for plane in Plane} if rules != NO_RULES else None


def _answer_keys(call: Call, workspace_id: WorkspaceId) -> Answer:
    keys = call.store.shared_keys(workspace_id)
    document = {"primarySharedKey": keys.primary, "secondarySharedKey": keys.secondary}
    return Answer(200, document, {"Cache-Control": "no-store"})


def _encode_collection(call: Call, workspace: Resource[Workspace]) -> dict[str, str]:
    """Return when the cap is reset, and how near it is."""
    metering = call.services.metering
    gate = CollectionGate(call.services.clock) if metering is None else metering.gate
    volume = gate.find_volume(workspace.properties.workspace_id)
    status = CollectionStatus.RESPECT_QUOTA if volume is None else volume.status
    return {"quotaNextResetTime": encode_moment(gate.next_reset()), "dataIngestionStatus": status}


_SAYS = KindDescription(
    "Workspace",
    read_alone(decode_settings),
    {
        "customerId": Guid(),
        "provisioningState": Text(),
        "createdDate": Moment(),
        "modifiedDate": Moment(),
    },
)
_KEYS = {200: Body(Named("SharedKeys", Record({"primarySharedKey": Text(), "secondarySharedKey": Text()})))}
_REGENERATING = taking(Named("SharedKeyChoice", Record({"keyType": Text()})), gives=_KEYS, is_required=False)
ROUTES = (
    ManagementRoute(
        "GET",
        _DELETED_IN_SUBSCRIPTION,
        _NAMESPACE,
        list_deleted_in_subscription,
        _SAYS.listing(),
    ),
    ManagementRoute("GET", _DELETED_IN_GROUP, _NAMESPACE, list_deleted_in_group, _SAYS.listing()),
    ManagementRoute("GET", _IN_SUBSCRIPTION, _NAMESPACE, list_in_subscription, _SAYS.listing()),
    ManagementRoute("GET", _IN_GROUP, _NAMESPACE, list_in_group, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting()),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch, _SAYS.patching()),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete, _SAYS.deleting()),
    ManagementRoute("POST", f"{_ONE}/sharedKeys", _NAMESPACE, get_shared_keys, giving(_KEYS)),
    ManagementRoute("POST", f"{_ONE}/regenerateSharedKey", _NAMESPACE, regenerate_shared_key, _REGENERATING),
)
