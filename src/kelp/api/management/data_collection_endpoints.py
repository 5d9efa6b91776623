"""Data collection endpoints (`Microsoft.Insights/dataCollectionEndpoints`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.data_collection_associations import delete_with_associations
from kelp.api.management.documents import present
from kelp.api.management.plain_kind import PlainKind
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint, put_endpoint
from kelp.resources.network_limits import NetworkAccess
from kelp.resources.resource import Resource
from kelp.resources.transaction import Transaction


def _decode(_call: Call, reader: DocumentReader) -> DataCollectionEndpoint:
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


def _put(
    _call: Call, transaction: Transaction, endpoint_id: ResourceId, draft: DataCollectionEndpoint
) -> Resource[DataCollectionEndpoint]:
    return put_endpoint(transaction, endpoint_id, draft)


def _encode(call: Call, endpoint: Resource[DataCollectionEndpoint]) -> dict[str, Any]:
    found = endpoint.properties
    return {
        "immutableId": found.immutable_id,
        "description": found.description or None,
        "configurationAccess": {"endpoint": call.base_url},
        "logsIngestion": {"endpoint": call.base_url},
        "metricsIngestion": {"endpoint": call.base_url},
        "networkAcls": {"publicNetworkAccess": found.public_network_access},
        "provisioningState": "Succeeded",
    }


def _envelope(_call: Call, endpoint: Resource[DataCollectionEndpoint]) -> Mapping[str, Any]:
    found = endpoint.properties
    return present({"location": found.location, "kind": found.kind, "tags": found.tags})


ENDPOINTS = PlainKind(
    kind=DataCollectionEndpoint,
    path="dataCollectionEndpoints/{endpoint}",
    noun="data collection endpoint",
    decode=_decode,
    encode=_encode,
    envelope=_envelope,
    put=_put,
    delete=delete_with_associations,
    has_patch=True,
)
ROUTES = ENDPOINTS.routes()
