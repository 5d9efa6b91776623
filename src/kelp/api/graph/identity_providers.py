"""Outside OpenID Connect providers of the tenant: `/identity/identityProviders`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.graph.call import GraphCall, GraphRoute, check_length, described, find_guid
from kelp.api.graph.descriptions import NEW_PROVIDER, PROVIDER, done, listed, shown
from kelp.api.graph.listing import show_object
from kelp.api.identity.outside import CALLBACK
from kelp.api.management.call import Answer
from kelp.identity.accounts import account_missing
from kelp.identity.events import Target

if TYPE_CHECKING:
    from kelp.identity.outside_providers import OutsideProvider

_CATEGORY = "Policy"
_TYPE = "identity/identityProviders"


def list_providers(call: GraphCall) -> Answer:
    """Answer with the tenant's providers."""
    call.require("identityProviders/read")
    found = call.services.identity.providers.read(call.tenant.id)
    return Answer(200, described(call.base_url, _TYPE, {"value": [_encode(call, one) for one in found]}))


def get_provider(call: GraphCall) -> Answer:
    """Answer with one provider."""
    call.require("identityProviders/read")
    return show_object(call, _TYPE, _encode(call, _get(call)))


def create_provider(call: GraphCall) -> Answer:
    """Let users sign in with a provider, whose discovery document must be readable. The secret is not told again."""
    call.require("identityProviders/create")
    reader = call.reader()
    name, issuer = reader.text("displayName"), reader.text("issuer")
    client_id, secret = reader.text("clientId"), reader.text("clientSecret")
    matches_mail = reader.find_boolean("matchesMail")
    with reader.reporting():
        for member, value in (("displayName", name), ("clientId", client_id), ("clientSecret", secret)):
            if not 0 < len(value.strip()) <= 256:
                reader.refuse(member, f"'{member}' has 1 to 256 characters.")
        check_length(reader, "issuer", issuer, 2048)
        problem = call.services.identity.outside.find_issuer_problem(issuer)
        if problem is not None:
            reader.refuse("issuer", problem)
    made = call.services.identity.providers.create(
        call.tenant.id, name, issuer, client_id, secret, matches_mail=matches_mail is not False
    )
    call.record("Add identity provider", _CATEGORY, _target(made))
    return show_object(call, _TYPE, _encode(call, made), 201)


def delete_provider(call: GraphCall) -> Answer:
    """Let nobody sign in with a provider any more; sessions and tokens that there are go on."""
    call.require("identityProviders/delete")
    found = _get(call)
    call.services.identity.providers.delete(found.id)
    call.record("Delete identity provider", _CATEGORY, _target(found))
    return Answer(204)


def _get(call: GraphCall) -> OutsideProvider:
    name = call.parameters["provider"]
    provider_id = find_guid(name)
    found = call.services.identity.providers.find(provider_id) if provider_id else None
    if found is None or found.tenant_id != call.principal.tenant_id:
        raise account_missing("identity provider", name)
    return found


def _encode(call: GraphCall, provider: OutsideProvider) -> dict[str, Any]:
    """Return a provider, with the address to register there and the one that begins a sign-in to the portal."""
    return {
        "@odata.type": "#microsoft.graph.openIdConnectIdentityProvider",
        "id": str(provider.id),
        "displayName": provider.name,
        "issuer": provider.issuer,
        "clientId": provider.client_id,
        "clientSecret": None,
        "matchesMail": provider.matches_mail,
        "redirectUri": f"{call.base_url}{CALLBACK}",
        "signInUrl": f"{call.base_url}/outside/{provider.id}",
    }


def _target(provider: OutsideProvider) -> Target:
    return Target("Other", str(provider.id), provider.name)


ROUTES = (
    GraphRoute("GET", "/identity/identityProviders", list_providers, listed(PROVIDER, offers_options=False)),
    GraphRoute(
        "POST", "/identity/identityProviders", create_provider, shown(PROVIDER, 201, takes=NEW_PROVIDER)
    ),
    GraphRoute("GET", "/identity/identityProviders/{provider}", get_provider, shown(PROVIDER)),
    GraphRoute("DELETE", "/identity/identityProviders/{provider}", delete_provider, done()),
)
