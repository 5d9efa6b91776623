"""Subscriptions, tenants and locations."""

from __future__ import annotations

from typing import Any

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import giving, list_of
from kelp.resources.delegation import list_managing_tenants
from kelp.resources.errors import ResourceNotFound
from kelp.resources.resource import Resource
from kelp.resources.shape import Entries, Guid, Named, Path, Record, Text
from kelp.resources.subscription import Subscription

_NAMESPACE = "Microsoft.Resources"


def list_subscriptions(call: Call) -> Answer:
    """Answer with the subscriptions in which the caller has any role: its tenant's, and those delegated to it."""
    visible = [
        _encode(call, subscription)
        for subscription in call.store.snapshot.subscriptions_by_key.values()
        if call.services.access.reaches(call.principal, subscription.id)
    ]
    return Answer(200, {"value": visible, "count": {"type": "Total", "value": len(visible)}})


def get_subscription(call: Call) -> Answer:
    """Answer with one subscription."""
    subscription = call.store.snapshot.subscriptions_by_key.get(call.subscription.key)
    if subscription is None or not call.services.access.reaches(call.principal, call.subscription):
        raise ResourceNotFound(call.subscription)
    return Answer(200, _encode(call, subscription))


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
    """Answer with the tenant of the caller, then those that the caller is a guest of, or the home of a guest."""
    directory = call.services.directory
    found = directory.find_account(call.principal.object_id)
    home = found.home_object_id if found is not None and found.home_object_id else call.principal.object_id
    others = [directory.find_account(home)]
    others += [directory.find_guest(tenant.id, home) for tenant in directory.tenants]
    known = [call.principal.tenant_id, *(account.tenant_id for account in others if account is not None)]
    documents = []
    for tenant_id in dict.fromkeys(known):
        tenant = directory.find_tenant(str(tenant_id))
        if tenant is not None:
            is_home = tenant_id == (others[0].tenant_id if others[0] else call.principal.tenant_id)
            documents.append(
                {
                    "id": f"/tenants/{tenant.id}",
                    "tenantId": str(tenant.id),
                    "displayName": tenant.name,
                    "defaultDomain": tenant.domain,
                    "domains": list(tenant.domains),
                    "tenantCategory": "Home" if is_home else "ProjectedBy",
                    "tenantType": "AAD",
                }
            )
    return Answer(200, {"value": documents})


def _encode(call: Call, subscription: Resource[Subscription]) -> dict[str, Any]:
    managing = list_managing_tenants(call.store.snapshot, subscription.id)
    is_own = subscription.tenant_id == call.principal.tenant_id
    return {
        "id": str(subscription.id),
        "subscriptionId": subscription.id.name,
        "tenantId": str(subscription.tenant_id),
        "displayName": subscription.properties.display_name,
        "state": subscription.properties.state,
        "authorizationSource": "RoleBased",
        "managedByTenants": [
            {"tenantId": str(tenant_id)}
            for tenant_id in managing
            if is_own or tenant_id == call.principal.tenant_id
        ],
        "tags": subscription.properties.tags,
        "subscriptionPolicies": {
            "locationPlacementId": "Internal_2014-09-01",
            "quotaId": "Internal_2014-09-01",
            "spendingLimit": "Off",
        },
    }


_SUBSCRIPTION = Named(
    "Subscription",
    Record(
        {
            "id": Path(),
            "subscriptionId": Text(),
            "displayName": Text(),
            "state": Text(),
            "tenantId": Guid(),
            "tags": Entries(Text()),
        },
        required=("id", "subscriptionId", "displayName", "state"),
    ),
)
_LIST, _ONE = giving({200: Body(list_of(_SUBSCRIPTION))}), giving({200: Body(_SUBSCRIPTION)})
ROUTES = (
    ManagementRoute("GET", "/subscriptions", _NAMESPACE, list_subscriptions, _LIST),
    ManagementRoute(
        "GET",
        "/subscriptions/{subscription}",
        _NAMESPACE,
        get_subscription,
        _ONE,
    ),
    ManagementRoute("GET", "/subscriptions/{subscription}/locations", _NAMESPACE, list_locations),
    ManagementRoute("GET", "/tenants", _NAMESPACE, list_tenants),
)
