"""Subscriptions, tenants and locations."""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.resources.errors import ResourceNotFound
from kelp.resources.resource import Resource
from kelp.resources.subscription import Subscription

_NAMESPACE = "Microsoft.Resources"


def list_subscriptions(call: Call) -> Answer:
    """Answer with the tenant's subscriptions in which the caller has any role."""
    visible = [
        _encode(subscription)
        for subscription in call.store.snapshot.subscriptions_by_key.values()
        if call.services.access.reaches(call.principal, subscription.id)
    ]
    return Answer(200, {"value": visible, "count": {"type": "Total", "value": len(visible)}})


def get_subscription(call: Call) -> Answer:
    """Answer with one subscription."""
    subscription = call.store.snapshot.subscriptions_by_key.get(call.subscription.key)
    if subscription is None or not call.services.access.reaches(call.principal, call.subscription):
        raise ResourceNotFound(call.subscription)
    return Answer(200, _encode(subscription))


def list_locations(call: Call) -> Answer:
    """Answer with the location of this installation."""
    call.require("Microsoft.Resources/subscriptions/locations/read", call.subscription)
    region = call.services.region
    location = {
        "id": f"{call.subscription}/locations/{region}",
        "subscriptionId": call.subscription.name,
        "name": region,
        "type": "Region",
        "displayName": region,
        "regionalDisplayName": region,
        "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
    }
    return Answer(200, {"value": [location]})


def list_tenants(call: Call) -> Answer:
    """Answer with the tenant of the caller."""
    tenant = call.services.directory.find_tenant(str(call.principal.tenant_id))
    documents = []
    if tenant is not None:
        documents.append(
            {
                "id": f"/tenants/{tenant.id}",
                "tenantId": str(tenant.id),
                "displayName": tenant.name,
                "defaultDomain": tenant.domain,
                "domains": [tenant.domain],
                "tenantCategory": "Home",
                "tenantType": "AAD",
            }
        )
    return Answer(200, {"value": documents})


def _encode(subscription: Resource[Subscription]) -> dict[str, Any]:
    return {
        "id": str(subscription.id),
        "subscriptionId": subscription.id.name,
        "tenantId": str(subscription.tenant_id),
        "displayName": subscription.properties.display_name,
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "tags": subscription.properties.tags,
        "subscriptionPolicies": {
            "locationPlacementId": "Internal_2014-09-01",
            "quotaId": "Internal_2014-09-01",
            "spendingLimit": "Off",
        },
    }


ROUTES = (
    ManagementRoute("GET", "/subscriptions", _NAMESPACE, list_subscriptions),
    ManagementRoute("GET", "/subscriptions/{subscription}", _NAMESPACE, get_subscription),
    ManagementRoute("GET", "/subscriptions/{subscription}/locations", _NAMESPACE, list_locations),
    ManagementRoute("GET", "/tenants", _NAMESPACE, list_tenants),
)
