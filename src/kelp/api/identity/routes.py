"""The routes of the token service. `{tenant}` is an id, a domain, or `common`, `organizations`, `adfs`."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse, client_address, find_header, read_body
from kelp.api.identity import discovery
from kelp.api.identity.token import MAXIMUM_FORM_BYTES, TokenEndpoint, TokenRequest, parse_form
from kelp.identity.addresses import Addresses
from kelp.identity.sign_in import Attempt, SignIn
from kelp.identity.signing_keys import SigningKeys
from kelp.identity.tokens import TokenService

_SIGN_INS_AT_A_TIME = 4
"""Checking a secret is made slow on purpose; the threads that serve other requests must not wait for it."""
_NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class IdentityRoutes:
    """Holds what the routes need."""

    def __init__(
        self, sign_in: SignIn, tokens: TokenService, signing_keys: SigningKeys, addresses: Addresses
    ) -> None:
        self._sign_in = sign_in
        self._signing_keys = signing_keys
        self._addresses = addresses
        self._endpoint = TokenEndpoint(sign_in, tokens, addresses)
        self._threads = CapacityLimiter(_SIGN_INS_AT_A_TIME)

    def build(self) -> list[Route]:
        """Return the routes."""
        return [
            _route("POST", "/{tenant}/oauth2/v2.0/token", self._token_endpoint(version=2)),
            _route("POST", "/{tenant}/oauth2/token", self._token_endpoint(version=1)),
            _route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", self._configuration(version=2)),
            _route("GET", "/{tenant}/.well-known/openid-configuration", self._configuration(version=1)),
            _route("GET", "/{tenant}/discovery/v2.0/keys", self._keys),
            _route("GET", "/{tenant}/discovery/keys", self._keys),
            _route("GET", "/{tenant}/discovery/instance", self._instance),
            _route("GET", "/{tenant}/userrealm/{user}", self._realm),
            _route("GET", "/metadata/endpoints", self._cloud),
        ]

    def _base_url(self, request: Request) -> str:
        return self._addresses.base_url_for(find_header(request.scope, b"host"))

    def _token_endpoint(self, version: int) -> Endpoint:
        async def answer(request: Request) -> Response:
            """Give an access token to who proves what it is."""
            body = await read_body(request, MAXIMUM_FORM_BYTES)
            form = parse_form(body, find_header(request.scope, b"authorization"))
            attempt = Attempt(request.path_params["tenant"], client_address(request.scope))
            token_request = TokenRequest(attempt, version, self._base_url(request), form)
            document = await to_thread.run_sync(self._endpoint.answer, token_request, limiter=self._threads)
            return JsonResponse(document, headers=_NEVER_STORED)

        return answer

    def _configuration(self, version: int) -> Endpoint:
        async def answer(request: Request) -> Response:
            """Tell where tokens, their keys and sign-in are."""
            name = request.path_params["tenant"]
            tenant = self._sign_in.find_tenant(name)
            issuer_tenant = str(tenant.id) if tenant else "{tenantid}" if name != "adfs" else name
            document = discovery.openid_configuration(self._base_url(request), name, issuer_tenant, version)
            return JsonResponse(document)

        return answer

    async def _keys(self, request: Request) -> Response:
        """Publish the keys that tokens are signed with."""
        self._sign_in.find_tenant(request.path_params["tenant"])
        await to_thread.run_sync(self._signing_keys.current, limiter=self._threads)
        return JsonResponse({"keys": self._signing_keys.public_documents()})

    async def _instance(self, request: Request) -> Response:
        """Tell a client that this authority is one it may trust."""
        return JsonResponse(discovery.instance_discovery(self._base_url(request)))

    async def _realm(self, request: Request) -> Response:
        """Tell a client that the user signs in here and not elsewhere."""
        return JsonResponse(discovery.user_realm(request.path_params["user"]))

    async def _cloud(self, request: Request) -> Response:
        """One document for `az cloud register`, which asks with version 2022-09-01; a list of it for older versions."""
        document = discovery.cloud_metadata(self._base_url(request))
        version = request.query_params.get("api-version", "")
        return JsonResponse(document if version >= "2022" else [document])


def _route(method: str, path: str, endpoint: Endpoint) -> Route:
    return Route(method, path, endpoint_app(endpoint), Surface.TOKEN)
