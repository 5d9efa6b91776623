"""The edge: finds the route, turns every failure into the error its client expects, and stamps the answer.

One application for all surfaces; routes come from them. The only place that may catch everything.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TypeAlias
from urllib.parse import urlencode

import structlog
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kelp.api.description import UNDESCRIBED, Description
from kelp.api.errors import (
    FailureContext,
    Surface,
    encode_error,
    internal_error,
    status_of,
)
from kelp.api.forwarding import TrustedProxies
from kelp.api.http import (
    COMPRESSION_LEVEL,
    WORTH_COMPRESSING_BYTES,
    JsonResponse,
    client_request_id,
    correlation_id,
    find_header,
)
from kelp.base.clock import Clock
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import new_guid
from kelp.identity.addresses import Addresses
from kelp.resources.errors import AccessDenied, MissingRight

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")
_SHOWN_ERROR_CODE = "x-ms-error-code"
_MISSING_RIGHT = "x-kelp-missing-right"
"""Who would need which right where, as the query string of the portal's page that explains the decision."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path.

    Paths are compared without regard to case. `{name}` stands for one segment, `{name:path}` for any number; their
    texts are in `scope["path_params"]`, in the caller's case. `app` is bare ASGI; `endpoint_app` makes one of a
    function. What it raises before it answers becomes an error in the shape of `surface`. `description` is for the
    published document, where more is to be said than method, path and the function's docstring do.
    """

    method: str
    path: str
    app: ASGIApp
    surface: Surface
    description: Description = UNDESCRIBED


def endpoint_app(endpoint: Endpoint) -> ASGIApp:
    """Wrap a function from request to response, which is compressed where that pays and the caller takes it.

    `inspect.unwrap` gives the function back.
    """

    @wraps(endpoint)
    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive))
        await GZipMiddleware(response, WORTH_COMPRESSING_BYTES, COMPRESSION_LEVEL)(scope, receive, send)

    return run


class Router:
    """Finds the route of a request. Exact paths come before patterns, longer patterns before shorter ones."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[str, dict[str, Route]] = defaultdict(dict)
        patterns: dict[str, dict[str, Route]] = defaultdict(dict)
        for route in routes:
            target = patterns if _PARAMETER.search(route.path) else self._exact
            known = target[route.path.lower()]
            if route.method in known:
                raise ValueError(f"{route.method} {route.path} is routed twice.")
            known[route.method] = route
        self._patterns: dict[str, list[tuple[re.Pattern[str], dict[str, Route]]]] = defaultdict(list)
        for path, by_method in sorted(patterns.items(), key=_by_precision):
            compiled = _compile(next(iter(by_method.values())).path)
            self._patterns[_first_segment(path)].append((compiled, by_method))

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route and the texts of its parameters. Raises `ServiceError`: not_found, or MethodNotAllowed."""
        path = path.rstrip("/") or "/"
        lower = path.lower()
        allowed: set[str] = set()
        if lower in self._exact:
            by_method = self._exact[lower]
            if method in by_method:
                return by_method[method], {}
            allowed |= by_method.keys()
        first = _first_segment(lower)
        for segment in (first, ""):
            for pattern, by_method in self._patterns.get(segment, ()):
                match = pattern.fullmatch(path)
                if match is not None and method in by_method:
                    return by_method[method], match.groupdict()
                if match is not None:
                    allowed |= by_method.keys()
        if allowed:
            raise ServiceError(
                Category.INVALID,
                "MethodNotAllowed",
                f"'{path}' is not for {method} but for {', '.join(sorted(allowed))}.",
            )
        raise ServiceError(Category.NOT_FOUND, "PathNotFoundError", f"There is nothing at '{path}'.")


class Api:
    """The ASGI application. Stateless beyond what its routes hold."""

    def __init__(
        self,
        routes: Iterable[Route],
        addresses: Addresses,
        clock: Clock,
        sign_in_tenant: Callable[[], str] = lambda: "common",
        proxies: TrustedProxies | None = None,
    ) -> None:
        """`sign_in_tenant` names the tenant that an unauthenticated caller is sent to."""
        self._proxies = proxies or TrustedProxies()
        self._router = Router(routes)
        self._addresses = addresses
        self._clock = clock
        self._sign_in_tenant = sign_in_tenant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other protocols are refused, the life of the process is somebody else's."""
        if scope["type"] == "lifespan":
            await _acknowledge_lifespan(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        self._proxies.name_caller(scope)
        stamped = _Stamped(scope, send)
        surface = Surface.MANAGEMENT
        try:
            route, parameters = self._router.find(scope["method"], scope["path"])
            surface = route.surface
            scope["path_params"] = parameters
            await route.app(scope, receive, stamped)
        except ServiceError as error:
            await self._fail(surface, error, scope, receive, stamped)
        except Exception as failure:
            structlog.get_logger("kelp.api").error(
                "request failed", path=scope["path"], correlation_id=correlation_id(scope), exc_info=failure
            )
            await self._fail(surface, internal_error(correlation_id(scope)), scope, receive, stamped)

    async def _fail(
        self, surface: Surface, error: ServiceError, scope: Scope, receive: Receive, send: _Stamped
    ) -> None:
        if send.has_begun:
            # Half an answer can't be taken back; an unfinished one shows the client that something is missing.
            raise ConnectionAbortedError(error.message)
        context = FailureContext(correlation_id(scope), client_request_id(scope), self._clock.now())
        headers = {_SHOWN_ERROR_CODE: error.code} if error.code.isascii() else {}
        if error.retry_after_seconds is not None:
            headers["Retry-After"] = str(error.retry_after_seconds)
        if isinstance(error, AccessDenied) and error.missing is not None:
            headers[_MISSING_RIGHT] = _encode_missing(error.missing)
        if error.category is Category.UNAUTHENTICATED and surface is not Surface.TOKEN:
            base_url = self._addresses.base_url_for(find_header(scope, b"host"))
            headers["WWW-Authenticate"] = (
                f'Bearer authorization_uri="{base_url}/{self._sign_in_tenant()}", error="invalid_token", '
                f'error_description="{_quotable(error.message)}"'
            )
        document = encode_error(surface, error, context)
        response = JsonResponse(document, status_of(error), headers)
        await response(scope, receive, send)


def _encode_missing(missing: MissingRight) -> str:
    named = {"who": str(missing.caller_id), "action": missing.action, "scope": str(missing.scope)}
    return urlencode(named | {"kind": "data"} if missing.is_data else named)


class _Stamped:
    """Sends what it is given, with the headers that every answer has."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.has_begun = False
        self._scope = scope
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            stamps = [
                (b"x-ms-request-id", str(new_guid()).encode()),
                (b"x-ms-correlation-request-id", correlation_id(self._scope).encode()),
                (b"x-content-type-options", b"nosniff"),
            ]
            offered = client_request_id(self._scope)
            if offered:
                stamps.append((b"x-ms-client-request-id", offered.encode()))
            message = {**message, "headers": [*message.get("headers", ()), *stamps]}
        await self._send(message)


async def _acknowledge_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _by_precision(item: tuple[str, object]) -> tuple[bool, int, int]:
    path = item[0]
    has_open_end = ":path}" in path
    parameters = len(_PARAMETER.findall(path))
    return has_open_end, -path.count("/"), parameters


def _compile(path: str) -> re.Pattern[str]:
    parts, end = [], 0
    for match in _PARAMETER.finditer(path):
        parts.append(re.escape(path[end : match.start()]))
        parts.append(f"(?P<{match[1]}>{'.+' if match[2] else '[^/]+'})")
        end = match.end()
    return re.compile("".join([*parts, re.escape(path[end:])]), re.IGNORECASE)


def _first_segment(path: str) -> str:
    """Return the lower-case first segment, by which patterns are grouped; empty when a parameter stands there."""
    segment = path[1:].partition("/")[0]
    return "" if segment.startswith("{") else segment


def _quotable(text: str) -> str:
    return text.replace("\\", "").replace('"', "'").encode("ascii", "replace").decode()
