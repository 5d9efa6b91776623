"""Data collection rules (`Microsoft.Insights/dataCollectionRules`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_resource, encode_system_data, present
from kelp.api.management.listing import list_resources
from kelp.api.management.reader import DocumentReader
from kelp.api.management.tables import decode_columns
from kelp.api.management.writing import delete_resource, patch_resource, put_resource
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

_NAMESPACE = "Microsoft.Insights"
_TYPE = f"{_NAMESPACE}/dataCollectionRules"
_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_TYPE}"
_IN_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}"
_ONE = f"{_IN_GROUP}/{{rule}}"
_LOG_ANALYTICS = "logAnalytics"


def list_in_subscription(call: Call) -> Answer:
    """Answer with the rules of a subscription."""
    return list_resources(call, DataCollectionRule, call.subscription, _encode)


def list_in_group(call: Call) -> Answer:
    """Answer with the rules of a group."""
    return list_resources(call, DataCollectionRule, call.group, _encode)


def get(call: Call) -> Answer:
    """Answer with one rule."""
    call.require(f"{_TYPE}/read", _rule_id(call))
    return Answer(200, _encode(call, call.store.get(DataCollectionRule, _rule_id(call))))


def put(call: Call) -> Answer:
    """Create or replace a rule."""
    call.require(f"{_TYPE}/write", _rule_id(call))
    return put_resource(call, _putter(call), _encode)


def patch(call: Call) -> Answer:
    """Change what the body names."""
    call.require(f"{_TYPE}/write", _rule_id(call))
    return patch_resource(call, (DataCollectionRule, _rule_id(call)), _putter(call), _encode)


def delete(call: Call) -> Answer:
    """Delete a rule; what it already accepted is still delivered."""
    call.require(f"{_TYPE}/delete", _rule_id(call))
    return delete_resource(call, _rule_id(call))


def _rule_id(call: Call) -> ResourceId:
    return call.group.child(_TYPE, call.parameters["rule"])


def _putter(call: Call) -> Callable[[Transaction, DocumentReader], Resource[DataCollectionRule]]:
    def put_decoded(transaction: Transaction, reader: DocumentReader) -> Resource[DataCollectionRule]:
        draft = _decode(reader)
        _refuse_unreachable_workspaces(call, reader, draft)
        return put_rule(
            transaction,
            _rule_id(call),
            draft,
            call.services.built_in_tables,
            call.services.check_transformation,
            if_match=call.if_match,
        )

    return put_decoded


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


def _decode(reader: DocumentReader) -> DataCollectionRule:
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
    properties = {
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
    return encode_resource(
        rule,
        present(properties),
        location=found.location,
        kind=found.kind,
        tags=found.tags,
        etag=f'"{rule.etag}"',
        systemData=encode_system_data(rule),
    )


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


ROUTES = (
    ManagementRoute("GET", _IN_SUBSCRIPTION, _NAMESPACE, list_in_subscription),
    ManagementRoute("GET", _IN_GROUP, _NAMESPACE, list_in_group),
    ManagementRoute("GET", _ONE, _NAMESPACE, get),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete),
)
