"""Resource providers: what types there are. All of them are always registered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kelp.api.management.api_versions import KNOWN_VERSIONS
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.base.errors import Category, ServiceError

_NAMESPACE = "Microsoft.Resources"
_RESOURCE_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Microsoft.Authorization": ("permissions", "roleAssignments", "roleDefinitions"),
        "Microsoft.Insights": ("dataCollectionEndpoints", "dataCollectionRules"),
        "Microsoft.KeyVault": ("checkNameAvailability", "deletedVaults", "locations/deletedVaults", "vaults"),
        "Microsoft.ManagedServices": ("registrationAssignments", "registrationDefinitions"),
        "Microsoft.OperationalInsights": (
            "clusters",
            "deletedWorkspaces",
            "locations/operationStatuses",
            "workspaces",
            "workspaces/linkedServices",
            "workspaces/tables",
        ),
        "Microsoft.Resources": ("deployments", "subscriptions", "resourceGroups", "tenants"),
    }
)


def list_providers(call: Call) -> Answer:
    """Answer with all providers."""
    call.require("Microsoft.Resources/subscriptions/providers/read", call.subscription)
    return Answer(200, {"value": [_encode(call, namespace) for namespace in _RESOURCE_TYPES]})


def get_provider(call: Call) -> Answer:
    """Answer with one provider."""
    call.require("Microsoft.Resources/subscriptions/providers/read", call.subscription)
    return Answer(200, _encode(call, _find_namespace(call)))


def register_provider(call: Call) -> Answer:
    """Answer that the provider is registered, which it always is."""
    namespace = _find_namespace(call)
    call.require(f"{namespace}/register/action", call.subscription)
    return Answer(200, _encode(call, namespace))


def list_tenant_providers(call: Call) -> Answer:
    """Answer with all providers, for a caller who names no subscription."""
    return Answer(200, {"value": [_encode(call, namespace) for namespace in _RESOURCE_TYPES]})


def _find_namespace(call: Call) -> str:
    name = call.parameters["namespace"]
    for namespace in _RESOURCE_TYPES:
        if namespace.lower() == name.lower():
            return namespace
    raise ServiceError(
        Category.NOT_FOUND,
        "InvalidResourceNamespace",
        f"The resource namespace '{name}' is invalid: Kelp has {', '.join(_RESOURCE_TYPES)}.",
    )


def _encode(call: Call, namespace: str) -> dict[str, Any]:
    subscription = call.parameters.get("subscription")
    prefix = f"/subscriptions/{subscription}" if subscription else ""
    return {
        "id": f"{prefix}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationFree",
        "resourceTypes": [
            {
                "resourceType": resource_type,
                "locations": [call.services.region],
                "apiVersions": sorted(KNOWN_VERSIONS[namespace], reverse=True),
            }
            for resource_type in _RESOURCE_TYPES[namespace]
        ],
    }


_ONE = "/subscriptions/{subscription}/providers/{namespace}"
ROUTES = (
    ManagementRoute("GET", "/providers", _NAMESPACE, list_tenant_providers),
    ManagementRoute("GET", "/subscriptions/{subscription}/providers", _NAMESPACE, list_providers),
    ManagementRoute("GET", _ONE, _NAMESPACE, get_provider),
    ManagementRoute("POST", f"{_ONE}/register", _NAMESPACE, register_provider),
)
