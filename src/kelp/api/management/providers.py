"""Resource providers: what types there are. All of them are always registered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kelp.api.management.api_versions import KNOWN_VERSIONS
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.base.errors import Category, ServiceError
from kelp.resources.kinds import TYPE_OF_KIND

_NAMESPACE = "Microsoft.Resources"
_OTHER_RESOURCE_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Kelp.Keys": ("keys",),
        "Microsoft.Authorization": ("permissions", "roleDefinitions"),
        "Microsoft.Insights": ("diagnosticSettingsCategories",),
        "Microsoft.KeyVault": ("checkNameAvailability", "deletedVaults", "locations/deletedVaults"),
        "Microsoft.OperationalInsights": (
            "deletedWorkspaces",
            "linkTargets",
            "locations/operationStatuses",
            "workspaces/linkedServices",
        ),
        "Microsoft.Resources": ("deployments", "tenants"),
        "Microsoft.Subscription": ("aliases", "cancel", "enable", "rename"),
    }
)
"""Types that are no kind of the store, beside those that are."""


def list_providers(call: Call) -> Answer:
    """Answer with all providers."""
    call.require("Microsoft.Resources/subscriptions/providers/read", call.subscription)
    return Answer(200, {"value": [_encode(call, namespace) for namespace in KNOWN_VERSIONS]})


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
    return Answer(200, {"value": [_encode(call, namespace) for namespace in KNOWN_VERSIONS]})


def resource_types(namespace: str) -> list[str]:
    """Return the types of a provider, without its name."""
    own = [kind.partition("/")[2] for kind in TYPE_OF_KIND.values() if kind.startswith(f"{namespace}/")]
    return sorted({*own, *_OTHER_RESOURCE_TYPES.get(namespace, ())})


def _find_namespace(call: Call) -> str:
    name = call.parameters["namespace"]
    for namespace in KNOWN_VERSIONS:
        if namespace.lower() == name.lower():
            return namespace
    raise ServiceError(
        Category.NOT_FOUND,
        "InvalidResourceNamespace",
        f"The resource namespace '{name}' is invalid: Kelp has {', '.join(KNOWN_VERSIONS)}.",
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
            for resource_type in resource_types(namespace)
        ],
    }


_ONE = "/subscriptions/{subscription}/providers/{namespace}"
ROUTES = (
    ManagementRoute("GET", "/providers", _NAMESPACE, list_tenant_providers),
    ManagementRoute("GET", "/subscriptions/{subscription}/providers", _NAMESPACE, list_providers),
    ManagementRoute("GET", _ONE, _NAMESPACE, get_provider),
    ManagementRoute("POST", f"{_ONE}/register", _NAMESPACE, register_provider),
)
