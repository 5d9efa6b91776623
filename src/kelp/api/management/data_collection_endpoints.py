"""Data collection endpoints (`Microsoft.Insights/dataCollectionEndpoints`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_resource, encode_system_data, present
from kelp.api.management.listing import list_resources
from kelp.api.management.reader import DocumentReader
from kelp.api.management.writing import delete_resource, patch_resource, put_resource
from kelp.base.ids import ResourceId
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint, put_endpoint
from kelp.resources.resource import Resource
from kelp.resources.transaction import Transaction
from kelp.resources.workspace import NetworkAccess

_NAMESPACE = "Microsoft.Insights"
_TYPE = f"{_NAMESPACE}/dataCollectionEndpoints"
_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_TYPE}"
_IN_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}"
_ONE = f"{_IN_GROUP}/{{endpoint}}"


def list_in_subscription(call: Call) -> Answer:
    """Answer with the endpoints of a subscription."""
    return list_resources(call, DataCollectionEndpoint, call.subscription, _encode)


def list_in_group(call: Call) -> Answer:
    """Answer with the endpoints of a group."""
    return list_resources(call, DataCollectionEndpoint, call.group, _encode)


def get(call: Call) -> Answer:
    """Answer with one endpoint."""
    call.require(f"{_TYPE}/read", _endpoint_id(call))
    return Answer(200, _encode(call, call.store.get(DataCollectionEndpoint, _endpoint_id(call))))


def put(call: Call) -> Answer:
    """Create or replace an endpoint."""
    call.require(f"{_TYPE}/write", _endpoint_id(call))
    return put_resource(call, _putter(call), _encode)


def patch(call: Call) -> Answer:
    """Change what the body names."""
    call.require(f"{_TYPE}/write", _endpoint_id(call))
    return patch_resource(call, (DataCollectionEndpoint, _endpoint_id(call)), _putter(call), _encode)


def delete(call: Call) -> Answer:
    """Delete an endpoint."""
    call.require(f"{_TYPE}/delete", _endpoint_id(call))
    return delete_resource(call, _endpoint_id(call))


def _endpoint_id(call: Call) -> ResourceId:
    return call.group.child(_TYPE, call.parameters["endpoint"])


def _putter(call: Call) -> Callable[[Transaction, DocumentReader], Resource[DataCollectionEndpoint]]:
    return lambda transaction, reader: put_endpoint(
        transaction, _endpoint_id(call), _decode(reader), if_match=call.if_match
    )


def _decode(reader: DocumentReader) -> DataCollectionEndpoint:
    properties = reader.section("properties")
    return DataCollectionEndpoint(
        location=reader.text("location"),
        kind=reader.find_text("kind"),
        description=properties.text("description"),
        public_network_access=properties.section("networkAcls").choice(
            "publicNetworkAccess", NetworkAccess.ENABLED
        ),
        tags=reader.tags(),
    )


def _encode(call: Call, endpoint: Resource[DataCollectionEndpoint]) -> dict[str, Any]:
    found = endpoint.properties
    properties = {
        "immutableId": found.immutable_id,
        "description": found.description or None,
        "configurationAccess": {"endpoint": call.base_url},
        "logsIngestion": {"endpoint": call.base_url},
        "metricsIngestion": {"endpoint": call.base_url},
        "networkAcls": {"publicNetworkAccess": found.public_network_access},
        "provisioningState": "Succeeded",
    }
    return encode_resource(
        endpoint,
        present(properties),
        location=found.location,
        kind=found.kind,
        tags=found.tags,
        etag=f'"{endpoint.etag}"',
        systemData=encode_system_data(endpoint),
    )


ROUTES = (
    ManagementRoute("GET", _IN_SUBSCRIPTION, _NAMESPACE, list_in_subscription),
    ManagementRoute("GET", _IN_GROUP, _NAMESPACE, list_in_group),
    ManagementRoute("GET", _ONE, _NAMESPACE, get),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete),
)
