"""The routes of key vaults, and how a caller is told where to get a token.

A vault is addressed by a host name of its own, `<vault>.vault.<our host>`, or by a path, `/vaults/<vault>`, for systems
that don't resolve such names. The clients read an id as host, kind, name and version, so that ids of the second form
name no vault; versions are random, so that one leads to its vault all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.auth import KEY_VAULT_AUDIENCES, Authenticator
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse, client_address, correlation_id, find_header, read_body
from kelp.api.vault import keys, secrets
from kelp.api.vault.call import VaultCall, VaultEndpoint, vault_not_found
from kelp.api.vault.descriptions import describe
from kelp.identity.addresses import Addresses
from kelp.identity.audiences import Audience
from kelp.identity.errors import InvalidToken
from kelp.identity.principal import Principal
from kelp.resources.access import Access
from kelp.resources.key_vault import KeyVault
from kelp.resources.resource import Resource
from kelp.resources.store import ResourceStore
from kelp.vault.errors import BadParameter
from kelp.vault.item import ItemKind
from kelp.vault.items import VaultItems

_API_VERSION = re.compile(r"7\.[0-9](-preview(\.[0-9])?)?|20[1-9][0-9]-[01][0-9]-[0-3][0-9](-preview)?")
"""The versions differ in what they added, and clients ask for the newest: all have one shape here."""

_ENDPOINTS: tuple[tuple[str, str, VaultEndpoint], ...] = (
    *keys.LIFE.endpoints(),
    *secrets.LIFE.endpoints(),
    ("PUT", "/keys/{name}", keys.import_key),
    ("GET", "/keys/{name}", keys.get),
    ("PATCH", "/keys/{name}", keys.update),
    ("POST", "/keys/{name}/create", keys.create),
    ("POST", "/keys/{name}/rotate", keys.rotate),
    ("GET", "/keys/{name}/rotationpolicy", keys.get_rotation_policy),
    ("PUT", "/keys/{name}/rotationpolicy", keys.set_rotation_policy),
    ("GET", "/keys/{name}/{version}", keys.get),
    ("PATCH", "/keys/{name}/{version}", keys.update),
    *(
        ("POST", f"/keys/{{name}}/{version}/{operation}", endpoint)
        for version in ("{version}", "")
        for operation, endpoint in (
            ("encrypt", keys.encrypt),
            ("decrypt", keys.decrypt),
            ("wrapkey", keys.wrap_key),
            ("unwrapkey", keys.unwrap_key),
            ("sign", keys.sign),
            ("verify", keys.verify),
        )
    ),
    ("POST", "/rng", keys.get_random_bytes),
    ("PUT", "/secrets/{name}", secrets.put),
    ("GET", "/secrets/{name}", secrets.get),
    ("PATCH", "/secrets/{name}", secrets.update),
    ("GET", "/secrets/{name}/{version}", secrets.get),
    ("PATCH", "/secrets/{name}/{version}", secrets.update),
)
_IN_PATH = "/vaults/{vault}"


@dataclass(frozen=True, slots=True)
class _Place:
    """The vault that a request addresses, and what its ids and links begin with."""

    vault: Resource[KeyVault] | None
    name: str
    base: str


class VaultRoutes:
    """Routes over the vaults of all tenants. Stateless."""

    def __init__(
        self,
        items: VaultItems,
        store: ResourceStore,
        access: Access,
        authenticator: Authenticator,
        addresses: Addresses,
        note_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`note_change` is called, on a worker thread, after each change of a key or secret."""
        self._items = items
        self._store = store
        self._access = access
        self._authenticator = authenticator
        self._addresses = addresses
        self._note_change = note_change

    def routes(self) -> list[Route]:
        """Return the routes, each once for a vault's host name and once below a path."""
        return [
            Route(
                method,
                prefix + path,
                endpoint_app(self._endpoint(endpoint)),
                Surface.KEY_VAULT,
                describe(method, path, endpoint),
            )
            for method, path, endpoint in _ENDPOINTS
            for prefix in ("", _IN_PATH)
        ]

    def _endpoint(self, endpoint: VaultEndpoint) -> Endpoint:
        @wraps(endpoint)
        async def answer(request: Request) -> Response:
            return await self._answer(endpoint, request)

        return answer

    async def _answer(self, endpoint: VaultEndpoint, request: Request) -> Response:
        place = await run_in_threadpool(self._find_place, request)
        try:
            principal = self._authenticate(request, place)
        except InvalidToken as refused:
            return self._challenge(request, place, refused)
        if place.vault is None:
            raise vault_not_found(place.name)
        version = request.query_params.get("api-version", "")
        if not _API_VERSION.fullmatch(version):
            message = (
                f"The api-version '{version[:40]}' is none: it is a date, such as 2025-07-01, or 7.0 to 7.6."
            )
            raise BadParameter(message, "api-version")
        call = VaultCall(
            items=self._items,
            store=self._store,
            access=self._access,
            vault=place.vault,
            principal=principal,
            base=place.base,
            link=f"{self._base_url(request)}{request.scope['path'].rstrip('/')}",
            parameters=request.path_params,
            query=dict(request.query_params),
            correlation_id=correlation_id(request.scope),
            client_address=client_address(request.scope),
            note_change=self._note_change,
            body=await read_body(request),
        )
        given = await run_in_threadpool(endpoint, call)
        headers = {"Cache-Control": "no-store", "x-ms-keyvault-service-version": "kelp"}
        if given.document is None:
            return Response(status_code=given.status, headers=headers)
        return JsonResponse(given.document, given.status, headers)

    def _authenticate(self, request: Request, place: _Place) -> Principal:
        principal = self._authenticator.authenticate(request.scope, KEY_VAULT_AUDIENCES)
        if place.vault is not None and principal.tenant_id != place.vault.tenant_id:
            raise InvalidToken(
                "Unauthorized",
                f"AKV10032: Invalid issuer. The vault's tenant is {place.vault.tenant_id}, the token's "
                f"{principal.tenant_id}.",
            )
        return principal

    def _find_place(self, request: Request) -> _Place:
        vaults = self._store.snapshot.key_vaults
        base = self._base_url(request)
        parameters = request.path_params
        if "vault" in parameters:
            name = parameters["vault"]
            return _Place(vaults.get(name.lower()), name, base)
        host = find_header(request.scope, b"host").partition(":")[0]
        named = self._addresses.find_vault(host)
        if named is not None:
            return _Place(vaults.get(named), named, base)
        if "version" not in parameters:
            return _Place(None, "", base)
        kind = ItemKind.SECRET if request.scope["path"].lower().startswith("/secrets") else ItemKind.KEY
        uid = self._items.find_vault(kind, parameters["name"], parameters["version"])
        found = next((vault for vault in vaults.values() if vault.uid == uid), None)
        return _Place(found, "", base)

    def _base_url(self, request: Request) -> str:
        return self._addresses.base_url_for(find_header(request.scope, b"host"))

    def _challenge(self, request: Request, place: _Place, refused: InvalidToken) -> Response:
        """Tell where a token is to be had and for what; clients learn it from their first request, which has none.

        They compare the resource with the host: below a host name of its own a vault names what lies above it, so that
        they need no leave to go on.
        """
        host = find_header(request.scope, b"host")
        in_host = self._addresses.find_vault(host.partition(":")[0]) is not None
        above = host.partition(".")[2] if in_host else ""
        resource = f"https://{above}" if above else Audience.KEY_VAULT.value
        sign_in = self._addresses.base_url_for(above.partition(".")[2] if above else host)
        tenant = str(place.vault.tenant_id) if place.vault is not None else "common"
        message = refused.message
        if not find_header(request.scope, b"authorization"):
            message = "AKV10000: Request is missing a Bearer or PoP token."
        headers = {
            "WWW-Authenticate": f'Bearer authorization="{sign_in}/{tenant}", resource="{resource}"',
        }
        return JsonResponse({"error": {"code": "Unauthorized", "message": message}}, 401, headers)
