"""Making, renaming and canceling subscriptions (`Microsoft.Subscription`).

An alias is the name under which a client asks for a new subscription: asking again gives the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment
from kelp.api.management.kind_description import KindDescription, taking
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.identity.principal import AccountKind
from kelp.resources.errors import ResourceConflict, ResourceNotFound
from kelp.resources.resource import Resource
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import OWNER
from kelp.resources.shape import Entries, Moment, Named, Record, Text
from kelp.resources.subscription import Subscription, SubscriptionState, check_subscription

_NAMESPACE = "Microsoft.Subscription"
_TYPE = f"{_NAMESPACE}/aliases"
_ALL = f"/providers/{_TYPE}"
_ONE = f"{_ALL}/{{alias}}"
_OF_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_NAMESPACE}"
_KINDS = {
    AccountKind.USER: PrincipalKind.USER,
    AccountKind.SERVICE_PRINCIPAL: PrincipalKind.SERVICE_PRINCIPAL,
}


def list_aliases(call: Call) -> Answer:
    """Answer with the aliases of the tenant."""
    call.require(f"{_TYPE}/read", ResourceId())
    found = [one for one in _iter_own(call) if one.properties.alias]
    return Answer(200, {"value": [_encode(one) for one in found]})


def get_alias(call: Call) -> Answer:
    """Answer with one alias."""
    call.require(f"{_TYPE}/read", ResourceId())
    found = _find(call)
    if found is None:
        raise ResourceNotFound(call.resource_id)
    return Answer(200, _encode(found))


def put_alias(call: Call) -> Answer:
    """Make a subscription of the caller's tenant; its maker becomes its owner. Asking again changes nothing."""
    call.require(f"{_TYPE}/write", ResourceId())
    reader = call.reader()
    properties = reader.section("properties")
    alias = call.parameters["alias"]
    name = properties.text("displayName", alias)
    with call.write() as transaction, reader.reporting():
        found = _find(call)
        if found is not None:
            return Answer(200, _encode(found))
        if properties.find_text("subscriptionId"):
            properties.refuse(
                "subscriptionId", "An alias for a subscription that exists can't be made.", "NotSupported"
            )
        draft = Subscription(name, properties.tags(), alias)
        check_subscription(draft)
        made = transaction.put(ResourceId.parse(f"/subscriptions/{uuid4()}"), draft)
        put_role_assignment(
            transaction,
            made.id.child("Microsoft.Authorization/roleAssignments", str(uuid4())),
            OWNER,
            call.principal.object_id,
            find_principal_kind=lambda *_: _KINDS[call.principal.kind],
        )
    return Answer(201, _encode(made))


def delete_alias(call: Call) -> Answer:
    """Forget an alias; the subscription stays."""
    call.require(f"{_TYPE}/delete", ResourceId())
    found = _find(call)
    if found is None:
        return Answer(204)
    with call.write() as transaction:
        transaction.put(found.id, replace(found.properties, alias=""))
    return Answer(200)


def rename(call: Call) -> Answer:
    """Give a subscription another name."""
    name = call.reader().text("subscriptionName")
    return _change(call, "rename", lambda subscription: replace(subscription, display_name=name))


def cancel(call: Call) -> Answer:
    """Let nothing be changed in a subscription any more, until it is enabled again. Data and queries stay."""
    return _change(
        call, "cancel", lambda subscription: replace(subscription, state=SubscriptionState.DISABLED)
    )


def enable(call: Call) -> Answer:
    """Take the cancellation of a subscription back."""
    return _change(
        call, "enable", lambda subscription: replace(subscription, state=SubscriptionState.ENABLED)
    )


def _change(call: Call, action: str, change: Callable[[Subscription], Subscription]) -> Answer:
    call.require(f"{_NAMESPACE}/{action}/action", call.subscription)
    call.require_own_tenant(call.subscription)
    with call.write() as transaction:
        found = transaction.get(Subscription, call.subscription)
        changed = change(found.properties)
        check_subscription(changed)
        if changed == found.properties:
            raise ResourceConflict(
                "SubscriptionUnchanged",
                f"The subscription '{found.id.name}' is so already.",
                target=str(found.id),
            )
        transaction.put(found.id, changed)
    return Answer(200, {"subscriptionId": found.id.name})


def _iter_own(call: Call) -> list[Resource[Subscription]]:
    every = call.store.snapshot.subscriptions_by_key.values()
    return [one for one in every if one.tenant_id == call.principal.tenant_id]


def _find(call: Call) -> Resource[Subscription] | None:
    wanted = call.parameters["alias"].lower()
    if not wanted.strip():
        raise ServiceError(Category.INVALID, "InvalidAlias", "An alias needs a name.", target="alias")
    return next((one for one in _iter_own(call) if one.properties.alias.lower() == wanted), None)


def _encode(subscription: Resource[Subscription]) -> dict[str, Any]:
    alias = subscription.properties.alias
    return {
        "id": f"{_ALL}/{alias}",
        "name": alias,
        "type": _TYPE,
        "properties": {
            "subscriptionId": subscription.id.name,
            "displayName": subscription.properties.display_name,
            "provisioningState": "Succeeded",
            "createdTime": encode_moment(subscription.created.at),
            "tags": subscription.properties.tags,
        },
    }


_SAYS = KindDescription(
    "SubscriptionAlias",
    Record({"properties": Record({"displayName": Text(), "tags": Entries(Text())})}),
    {"subscriptionId": Text(), "provisioningState": Text(), "createdTime": Moment()},
)
_NEW_NAME = Named("SubscriptionName", Record({"subscriptionName": Text()}, required=("subscriptionName",)))
ROUTES = (
    ManagementRoute("GET", _ALL, _NAMESPACE, list_aliases, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get_alias, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put_alias, _SAYS.putting()),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete_alias, _SAYS.deleting()),
    ManagementRoute("POST", f"{_OF_SUBSCRIPTION}/rename", _NAMESPACE, rename, taking(_NEW_NAME)),
    ManagementRoute("POST", f"{_OF_SUBSCRIPTION}/cancel", _NAMESPACE, cancel),
    ManagementRoute("POST", f"{_OF_SUBSCRIPTION}/enable", _NAMESPACE, enable),
)
