"""Browsers: who is at one, by the cookie of its session, and whether a page of ours sent the request.

A browser adds the cookie to whatever any page has it send. What counts is a header that other sites' pages can't send
without asking first, which they are not allowed, and what the browser itself says of where the request comes from
(`Origin`, and `Sec-Fetch-Site` of W3C Fetch Metadata).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool

from kelp.api.auth import SIGNED_IN
from kelp.api.http import client_address, find_header
from kelp.base.errors import Category, ServiceError
from kelp.identity.sessions import read_session_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from kelp.api.asgi import Route
    from kelp.identity.addresses import Addresses
    from kelp.identity.principal import Principal
    from kelp.identity.sessions import Session, Sessions

CSRF_HEADER = b"x-kelp-csrf"
BACKGROUND_HEADER = b"x-kelp-background"
"""Marks what a page asks by itself: a page that is left open does not keep its session alive."""
TENANT_HEADER = b"x-kelp-tenant"
"""Names the tenant that a request is for: pages beside each other in one session may act in different ones."""
TENANT_PARAMETER = "inTenant"
"""The same in a link, which has no headers."""
_READING = frozenset(("GET", "HEAD"))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody at a browser. `session_id` is the cookie's secret; `principal` is as whom the session acts."""

    session_id: str
    session: Session
    principal: Principal


class Browsers:
    """Tells who is at a browser. Safe for concurrent use from the tasks of one event loop."""

    def __init__(self, sessions: Sessions, addresses: Addresses) -> None:
        self._sessions = sessions
        self._addresses = addresses

    async def find(self, scope: Scope) -> SignedIn | None:
        """Return who is at the browser; None where nobody is. Asks nothing of where the request comes from.

        Raises `ServiceError` (unauthenticated) where the request names a tenant that the session has not entered.
        """
        session_id = read_session_id(find_header(scope, b"cookie"))
        if not session_id:
            return None
        keeps_alive = not find_header(scope, BACKGROUND_HEADER)
        tenant = find_header(scope, TENANT_HEADER) or _tenant_of_link(scope)
        found = await run_in_threadpool(self._sessions.find, session_id, tenant, keeps_alive=keeps_alive)
        if found is None:
            return None
        session, principal = found
        return SignedIn(session_id, session, replace(principal, address=client_address(scope)))

    async def require(self, scope: Scope) -> SignedIn:
        """Return who is at the browser, a page of ours having sent the request. Raises `ServiceError`."""
        self.require_own_page(scope)
        found = await self.find(scope)
        if found is None:
            message = "Nobody is signed in, or the session ended. Sign in again."
            raise ServiceError(Category.UNAUTHENTICATED, "SessionEnded", message)
        return found

    async def enter(self, request: Request) -> Principal:
        """Return as whom a request of our own page acts. Raises `ServiceError`."""
        return (await self.require(request.scope)).principal

    def require_own_page(self, scope: Scope) -> None:
        """Refuse what another site's page may have had the browser send. Raises `ServiceError` (forbidden)."""
        is_reading = scope["method"] in _READING
        self._refuse_foreign(scope, ("", "same-origin", "none") if is_reading else ("", "same-origin"))
        if not is_reading and not find_header(scope, CSRF_HEADER):
            message = "The header 'X-Kelp-Csrf: 1' is missing, by which our own page is known."
            raise ServiceError(Category.FORBIDDEN, "CsrfHeaderMissing", message)

    def admit(self, routes: Iterable[Route]) -> list[Route]:
        """Return the routes, which then let browsers in by their session as they let others in by a token.

        Only where the request has our header, also to read, and no `Authorization`. A session is looked up before the
        route, whose `Authenticator` answers from memory.
        """
        return [replace(route, app=self._let_in(route.app)) for route in routes]

    def _let_in(self, app: ASGIApp) -> ASGIApp:
        @wraps(app)
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            has_cookie = bool(read_session_id(find_header(scope, b"cookie")))
            if has_cookie and find_header(scope, CSRF_HEADER) and not find_header(scope, b"authorization"):
                self._refuse_foreign(scope, ("", "same-origin"))
                scope[SIGNED_IN] = (await self.require(scope)).principal
            await app(scope, receive, send)

        return run

    def _refuse_foreign(self, scope: Scope, sites: tuple[str, ...]) -> None:
        origin, site = find_header(scope, b"origin"), find_header(scope, b"sec-fetch-site").lower()
        if (origin and not self._addresses.is_ours(origin)) or site not in sites:
            message = f"Requests from {origin or 'other sites'} are not accepted."
            raise ServiceError(Category.FORBIDDEN, "ForeignOrigin", message)


def _tenant_of_link(scope: Scope) -> str:
    if scope["method"] not in _READING:
        return ""
    named = parse_qs(scope["query_string"].decode("latin-1")).get(TENANT_PARAMETER)
    return named[0] if named else ""
