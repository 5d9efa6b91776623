"""Application Insights components (`Microsoft.Insights/components`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.document_kind import decode_tracked, encode_document, kind_of
from kelp.api.management.documents import encode_moment
from kelp.api.management.linked import Link
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.resources.access import SHARED_KEYS_ACTION
from kelp.resources.component import Component
from kelp.resources.resource import Resource


def _links(document: Mapping[str, Any]) -> Iterator[Link]:
    """Who gives a component a workspace must be allowed what the workspace's keys would allow."""
    if "WorkspaceResourceId" in document:
        yield Link("properties.WorkspaceResourceId", document["WorkspaceResourceId"], SHARED_KEYS_ACTION)


def _encode(call: Call, component: Resource[Component]) -> dict[str, Any]:
    found, base = component.properties, call.base_url
    connection = {
        "InstrumentationKey": found.instrumentation_key,
        "IngestionEndpoint": f"{base}/",
        "LiveEndpoint": f"{base}/",
        "ApplicationId": found.app_id,
    }
    return {
        **encode_document(call, component),
        "ApplicationId": component.id.name,
        "Name": component.id.name,
        "AppId": found.app_id,
        "InstrumentationKey": found.instrumentation_key,
        "ConnectionString": ";".join(f"{name}={value}" for name, value in connection.items()),
        "CreationDate": encode_moment(component.created.at),
        "TenantId": str(component.tenant_id),
        "provisioningState": "Succeeded",
    }


COMPONENTS = PlainKind(
    kind=Component,
    path="components/{component}",
    noun="Application Insights component",
    note="whose telemetry is not taken in yet",
    decode=decode_tracked(Component, _links),
    encode=_encode,
    envelope=kind_of,
    put=put_as_plain,
    created=200,
    has_patch=True,
)
ROUTES = COMPONENTS.routes()
