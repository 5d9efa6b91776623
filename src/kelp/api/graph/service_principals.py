"""Service principals, what roles are granted to: applications and managed identities, at `/servicePrincipals`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kelp.api.graph.call import GraphCall, GraphRoute, find_guid
from kelp.api.graph.descriptions import (
    NEW_SERVICE_PRINCIPAL,
    SERVICE_PRINCIPAL,
    SERVICE_PRINCIPAL_CHANGES,
    done,
    listed,
    shown,
)
from kelp.api.graph.documents import (
    SERVICE_PRINCIPAL_PROPERTIES,
    encode_service_principal,
    object_ids,
)
from kelp.api.graph.listing import list_objects, show_object
from kelp.api.graph.users import target_of
from kelp.api.management.call import Answer
from kelp.base.errors import Category, ServiceError
from kelp.identity.accounts import account_missing
from kelp.identity.client_secrets import read_client_secrets
from kelp.identity.principal import AccountKind

if TYPE_CHECKING:
    from kelp.identity.accounts import Account

_CATEGORY = "ApplicationManagement"


def list_service_principals(call: GraphCall) -> Answer:
    """Answer with the tenant's applications and managed identities."""
    call.require("servicePrincipals/read")
    accounts = call.directory.iter_accounts(call.tenant.id)
    found = (one for one in accounts if one.kind is AccountKind.SERVICE_PRINCIPAL)
    return list_objects(
        call,
        "servicePrincipals",
        found,
        encode_service_principal,
        SERVICE_PRINCIPAL_PROPERTIES,
        lambda page: _encode_page(call, page),
    )


def get_service_principal(call: GraphCall) -> Answer:
    """Answer with one by object id."""
    call.require("servicePrincipals/read")
    return show_object(call, "servicePrincipals", _encode_page(call, [_get(call)])[0])


def create_service_principal(call: GraphCall) -> Answer:
    """Answer with the service principal of an application, which has been there since the application was made."""
    call.require("servicePrincipals/create")
    reader = call.reader()
    text = reader.text("appId")
    application_id = find_guid(text)
    account = call.directory.find_application(application_id) if application_id else None
    if account is None or account.tenant_id != call.principal.tenant_id:
        raise ServiceError(
            Category.INVALID,
            "NoBackingApplicationObject",
            f"The appId '{text}' of the service principal does not reference a valid application object of this "
            "tenant; make the application first.",
            target="appId",
        )
    if reader.find_boolean("accountEnabled") is False:
        account = call.directory.update_account(account.object_id, is_enabled=False)
    return show_object(call, "servicePrincipals", _encode_page(call, [account])[0], 201)


def update_service_principal(call: GraphCall) -> Answer:
    """Change the name, or whether it may sign in."""
    call.require("servicePrincipals/update")
    account = _get(call)
    reader = call.reader()
    name, is_enabled = reader.find_text("displayName"), reader.find_boolean("accountEnabled")
    with reader.reporting():
        if name is not None and not 0 < len(name.strip()) <= 256:
            reader.refuse("displayName", "'displayName' has 1 to 256 characters.")
    changed: dict[str, Any] = {"name": name, "is_enabled": is_enabled}
    kept = {key: value for key, value in changed.items() if value is not None}
    call.directory.update_account(account.object_id, **kept)
    call.record("Update service principal", _CATEGORY, target_of(account, *kept))
    return Answer(204)


def delete_service_principal(call: GraphCall) -> Answer:
    """Remove an application by its service principal. A managed identity goes with its resource only."""
    call.require("servicePrincipals/delete")
    account = _get(call)
    if account.resource_id is not None:
        raise ServiceError(
            Category.CONFLICT,
            "Request_BadRequest",
            f"The managed identity of '{account.resource_id}' goes when the resource gives it up.",
        )
    call.directory.delete_account(account.object_id)
    call.record("Remove service principal", _CATEGORY, target_of(account))
    return Answer(204)


def _get(call: GraphCall) -> Account:
    name = call.parameters["principal"]
    account = call.get_account(name)
    if account.kind is not AccountKind.SERVICE_PRINCIPAL:
        raise account_missing("service principal", name)
    return account


def _encode_page(call: GraphCall, accounts: Sequence[Account]) -> list[dict[str, Any]]:
    identity, ids = call.services.identity, object_ids(accounts)
    secrets, certificates = read_client_secrets(identity.connections, ids), identity.certificates.read(ids)
    return [
        encode_service_principal(one, secrets[one.object_id], certificates[one.object_id]) for one in accounts
    ]


ROUTES = (
    GraphRoute("GET", "/servicePrincipals", list_service_principals, listed(SERVICE_PRINCIPAL)),
    GraphRoute(
        "POST",
        "/servicePrincipals",
        create_service_principal,
        shown(SERVICE_PRINCIPAL, 201, takes=NEW_SERVICE_PRINCIPAL),
    ),
    GraphRoute("GET", "/servicePrincipals/{principal}", get_service_principal, shown(SERVICE_PRINCIPAL)),
    GraphRoute(
        "PATCH", "/servicePrincipals/{principal}", update_service_principal, done(SERVICE_PRINCIPAL_CHANGES)
    ),
    GraphRoute("DELETE", "/servicePrincipals/{principal}", delete_service_principal, done()),
)
