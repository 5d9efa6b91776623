"""What a template sees of where it is deployed: tenant, subscription, group, itself, and what is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from kelp.api.identity.discovery import cloud_metadata
from kelp.api.management.api_versions import newest_version
from kelp.api.management.call import Call
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.resource_group import ResourceGroup
from kelp.templates.errors import ExpressionError
from kelp.templates.scope import Place

_LIST_ACTIONS: Mapping[tuple[str, str], str] = MappingProxyType(
    {("microsoft.operationalinsights/workspaces", "listkeys"): "sharedKeys"}
)
"""Actions that are named otherwise than the function that asks for them."""


def make_place(call: Call, deployment_id: ResourceId, template: Mapping[str, Any], location: str) -> Place:
    """Return the surroundings of a deployment's expressions. Raises `ResourceNotFound` for its group."""
    scope = deployment_id.parent or ResourceId()
    subscription_id = f"/subscriptions/{scope.subscription_id}"
    subscription = call.store.snapshot.subscriptions_by_key.get(subscription_id)
    tenant = call.services.directory.find_tenant(str(call.principal.tenant_id))
    properties = {"mode": "Incremental", "provisioningState": "Accepted", "template": dict(template)}
    itself: dict[str, Any] = {"name": deployment_id.name, "properties": properties}
    if scope.resource_group is None:
        itself["location"] = location
    return Place(
        scope=scope,
        tenant={
            "tenantId": str(call.principal.tenant_id),
            "displayName": tenant.name if tenant else "",
            "countryCode": "",
        },
        subscription={
            "id": subscription_id,
            "subscriptionId": scope.subscription_id,
            "tenantId": str(call.principal.tenant_id),
            "displayName": subscription.properties.display_name if subscription else "",
        },
        group=_describe_group(call, scope),
        deployment=itself,
        environment=cloud_metadata(call.base_url),
        now=call.services.clock.now(),
        new_guid=lambda: str(uuid4()),
    )


def _describe_group(call: Call, scope: ResourceId) -> dict[str, Any] | None:
    if scope.resource_group is None:
        return None
    group = call.store.get(ResourceGroup, scope)
    return {
        "id": str(group.id),
        "name": group.id.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.properties.location,
        "tags": dict(group.properties.tags),
        "properties": {"provisioningState": "Succeeded"},
    }


class CallerRuntime:
    """Asks for deployed resources in the caller's name: what the caller may not read, the template may not either."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def get_reference(self, resource_id: ResourceId, *, is_full: bool) -> Any:
        """Return the properties of a resource, or all of it."""
        document = self._ask("GET", str(resource_id), resource_id, None)
        return document if is_full else document.get("properties", {})

    def call_list(self, resource_id: ResourceId, function: str, body: Mapping[str, Any]) -> Any:
        """Return what a `list..` action answers."""
        action = _LIST_ACTIONS.get((resource_id.type.lower(), function.lower()), function)
        return self._ask("POST", f"{resource_id}/{action}", resource_id, body)

    def _ask(self, method: str, path: str, resource_id: ResourceId, body: Mapping[str, Any] | None) -> Any:
        try:
            answer = self._call.send(method, path, newest_version(resource_id.namespace), body)
        except ServiceError as error:
            raise ExpressionError(f"'{resource_id}' can't be asked for: {error.message}") from error
        return answer.document or {}
