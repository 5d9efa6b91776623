"""Data collection rules (`Microsoft.Insights/dataCollectionRules`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kelp.api.management.call import Call
from kelp.api.management.data_collection_associations import delete_with_associations
from kelp.api.management.documents import present
from kelp.api.management.plain_kind import PlainKind
from kelp.api.management.reader import DocumentReader
from kelp.api.management.tables import decode_columns
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.kql.types import ScalarType
from kelp.resources.access import SHARED_KEYS_ACTION
from kelp.resources.data_collection_rule import (
    DIRECT_KIND,
    DataCollectionRule,
    DataFlow,
    LogAnalyticsDestination,
    StreamDeclaration,
)
from kelp.resources.resource import Resource
from kelp.resources.rule_binding import put_rule
from kelp.resources.transaction import Transaction

_LOG_ANALYTICS = "logAnalytics"


def _put(
    call: Call, transaction: Transaction, rule_id: ResourceId, draft: DataCollectionRule
) -> Resource[DataCollectionRule]:
    services = call.services
    return put_rule(transaction, rule_id, draft, services.built_in_tables, services.check_transformation)


def _refuse_unreachable_workspaces(call: Call, reader: DocumentReader, draft: DataCollectionRule) -> None:
    """A rule writes to its workspaces; who makes it must be allowed what the keys of those would allow."""
    destinations = reader.section("properties").section("destinations").sections(_LOG_ANALYTICS)
    for section, destination in zip(destinations, draft.destinations, strict=True):
        try:
            workspace_id = ResourceId.parse(destination.workspace_resource_id)
        except ServiceError:
            # `put_rule` says what is wrong with it.
            continue
        if not call.allows(SHARED_KEYS_ACTION, workspace_id):
            section.refuse(
                "workspaceResourceId",
                f"The client has permission to write this rule but not to perform '{SHARED_KEYS_ACTION}' on the "
                f"linked scope '{workspace_id}'.",
                "LinkedAuthorizationFailed",
            )


def _decode(call: Call, reader: DocumentReader) -> DataCollectionRule:
    draft = _decode_draft(reader)
    _refuse_unreachable_workspaces(call, reader, draft)
    return draft


def _decode_draft(reader: DocumentReader) -> DataCollectionRule:
    properties = reader.section("properties")
    destinations = properties.section("destinations")
    for name in destinations.names():
        if name != _LOG_ANALYTICS:
            destinations.refuse(
                name, f"Destinations of kind '{name}' are not offered; use {_LOG_ANALYTICS}.", "NotSupported"
            )
    return DataCollectionRule(
        location=reader.text("location"),
        kind=reader.find_text("kind"),
        description=properties.text("description"),
        data_collection_endpoint_id=properties.find_text("dataCollectionEndpointId"),
        stream_declarations=tuple(
            StreamDeclaration(name, decode_columns(stream.sections("columns")))
            for name, stream in properties.named_sections("streamDeclarations")
        ),
        destinations=tuple(
            LogAnalyticsDestination(section.text("name"), section.text("workspaceResourceId"))
            for section in destinations.sections(_LOG_ANALYTICS)
        ),
        data_flows=tuple(_decode_flow(flow) for flow in properties.sections("dataFlows")),
        data_sources_json=properties.json_text("dataSources"),
        agent_settings_json=properties.json_text("agentSettings"),
        tags=reader.tags(),
    )


def _decode_flow(reader: DocumentReader) -> DataFlow:
    if "builtInTransform" in reader.names():
        reader.refuse("builtInTransform", "Built-in transformations are not offered.", "NotSupported")
    return DataFlow(
        reader.texts("streams"),
        reader.texts("destinations"),
        reader.find_text("transformKql"),
        reader.find_text("outputStream"),
    )


def _encode(call: Call, rule: Resource[DataCollectionRule]) -> dict[str, Any]:
    found = rule.properties
    endpoints = {"logsIngestion": call.base_url, "metricsIngestion": call.base_url}
    return {
        "immutableId": found.immutable_id,
        "description": found.description or None,
        "dataCollectionEndpointId": found.data_collection_endpoint_id,
        "endpoints": endpoints if (found.kind or "").lower() == DIRECT_KIND.lower() else None,
        "streamDeclarations": {
            stream.name: {
                "columns": [
                    {"name": column.name, "type": _stream_type(column.type)} for column in stream.columns
                ]
            }
            for stream in found.stream_declarations
        },
        "dataSources": msgspec.json.decode(found.data_sources_json),
        "agentSettings": msgspec.json.decode(found.agent_settings_json) or None,
        "destinations": {_LOG_ANALYTICS: [_encode_destination(each) for each in found.destinations]},
        "dataFlows": [
            present(
                {
                    "streams": list(flow.streams),
                    "destinations": list(flow.destinations),
                    "transformKql": flow.transform_kql,
                    "outputStream": flow.output_stream,
                }
            )
            for flow in found.data_flows
        ],
        "provisioningState": "Succeeded",
    }


def _envelope(_call: Call, rule: Resource[DataCollectionRule]) -> Mapping[str, Any]:
    found = rule.properties
    return present({"location": found.location, "kind": found.kind, "tags": found.tags})


def _encode_destination(destination: LogAnalyticsDestination) -> dict[str, Any]:
    return present(
        {
            "name": destination.name,
            "workspaceResourceId": destination.workspace_resource_id,
            "workspaceId": str(destination.workspace_id) if destination.workspace_id else None,
        }
    )


def _stream_type(column_type: ScalarType) -> str:
    return "boolean" if column_type is ScalarType.BOOL else column_type.value


RULES = PlainKind(
    kind=DataCollectionRule,
    path="dataCollectionRules/{rule}",
    noun="data collection rule",
    decode=_decode,
    encode=_encode,
    envelope=_envelope,
    put=_put,
    delete=delete_with_associations,
    has_patch=True,
)
ROUTES = RULES.routes()
