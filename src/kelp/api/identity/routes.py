"""The routes of the token service. `{tenant}` is an id, a domain, or `common`, `organizations`, `adfs`."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.description import UNDESCRIBED, Description
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse, client_address, correlation_id, find_header, read_body
from kelp.api.identity import discovery
from kelp.api.identity.descriptions import CONFIGURATION, DEVICE_CODE, KEYS, TOKEN
from kelp.api.identity.form import MAXIMUM_FORM_BYTES, missing_parameter, parse_form
from kelp.api.identity.interactive import InteractiveRoutes
from kelp.api.identity.outside import OutsideRoutes
from kelp.api.identity.token import TokenEndpoint, TokenRequest
from kelp.identity.device_codes import INTERVAL, LIFETIME
from kelp.identity.services import IdentityServices
from kelp.identity.sign_in import Attempt

_SIGN_INS_AT_A_TIME = 4
"""Checking a secret is made slow on purpose; the threads that serve other requests must not wait for it."""
_CONFIGURATIONS = {2: "/v2.0/.well-known/openid-configuration", 1: "/.well-known/openid-configuration"}
_NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class IdentityRoutes:
    """Holds what the routes need."""

    def __init__(self, identity: IdentityServices) -> None:
        self._identity = identity
        self._sign_in = identity.sign_in
        self._signing_keys = identity.signing_keys
        self._addresses = identity.addresses
        self._endpoint = TokenEndpoint(identity)
        self._threads = CapacityLimiter(_SIGN_INS_AT_A_TIME)
        self._interactive = InteractiveRoutes(identity, self._threads)

    def build(self) -> list[Route]:
        """Return the routes."""
        return [
            _route("POST", "/{tenant}/oauth2/v2.0/token", self._token_endpoint(version=2), TOKEN),
            _route("POST", "/{tenant}/oauth2/token", self._token_endpoint(version=1), TOKEN),
            _route("POST", "/{tenant}/oauth2/v2.0/devicecode", self._begin_device, DEVICE_CODE),
            _route("POST", "/{tenant}/oauth2/devicecode", self._begin_device, DEVICE_CODE),
            *(
                _route("GET", f"/{{tenant}}{path}", self._configuration(version=version), CONFIGURATION)
                for version, path in _CONFIGURATIONS.items()
            ),
            _route("GET", "/{tenant}/discovery/v2.0/keys", self._keys, KEYS),
            _route("GET", "/{tenant}/discovery/keys", self._keys, KEYS),
            _route("GET", "/{tenant}/discovery/instance", self._instance),
            _route("GET", "/{tenant}/userrealm/{user}", self._realm),
            _route("GET", "/metadata/endpoints", self._cloud),
            *self._interactive.build(),
            *OutsideRoutes(self._identity).build(),
        ]

    def _base_url(self, request: Request) -> str:
        return self._addresses.base_url_for(find_header(request.scope, b"host"))

    def _token_endpoint(self, version: int) -> Endpoint:
        async def answer(request: Request) -> Response:
            """Give an access token to who proves what it is."""
            body = await read_body(request, MAXIMUM_FORM_BYTES)
            form = parse_form(body, find_header(request.scope, b"authorization"))
            attempt = Attempt(request.path_params["tenant"], client_address(request.scope))
            token_request = TokenRequest(
                attempt,
                version,
                self._base_url(request),
                form,
                correlation_id(request.scope),
                find_header(request.scope, b"user-agent")[:256],
            )
            document = await to_thread.run_sync(self._endpoint.answer, token_request, limiter=self._threads)
            return JsonResponse(document, headers=_NEVER_STORED)

        return answer

    async def _begin_device(self, request: Request) -> Response:
        """Give a device the code to show, and the address where somebody enters it (RFC 8628, 3.2)."""
        form = parse_form(await read_body(request, MAXIMUM_FORM_BYTES))
        client_id, tenant_name = form.get("client_id", ""), request.path_params["tenant"]
        if not client_id:
            raise missing_parameter("client_id")
        attempt = Attempt(tenant_name, client_address(request.scope))
        self._sign_in.find_client(attempt, client_id)
        scope = form.get("scope", "") or f"{form.get('resource', '')}/.default"
        codes = await to_thread.run_sync(
            self._identity.device_codes.begin,
            client_id,
            tenant_name,
            scope,
            attempt.client_address,
            limiter=self._threads,
        )
        address = f"{self._base_url(request)}/devicelogin"
        document = {
            "device_code": codes.device_code,
            "user_code": codes.user_code,
            "verification_uri": address,
            "verification_url": address,
            "verification_uri_complete": f"{address}?code={codes.user_code}",
            "expires_in": int(LIFETIME.total_seconds()),
            "interval": int(INTERVAL.total_seconds()),
            "message": f"To sign in, open the page {address} in a browser and enter the code {codes.user_code}.",
        }
        return JsonResponse(document, headers=_NEVER_STORED)

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


def _route(method: str, path: str, endpoint: Endpoint, description: Description | None = None) -> Route:
    return Route(method, path, endpoint_app(endpoint), Surface.TOKEN, description or UNDESCRIBED)
