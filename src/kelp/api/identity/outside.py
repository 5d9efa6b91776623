"""Signing in with an outside provider: there and back again, for an application or for the portal."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from starlette.responses import RedirectResponse, Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.http import find_header, read_body
from kelp.api.identity.authorization import KEPT, read_authorization
from kelp.api.identity.descriptions import describe_page
from kelp.api.identity.form import MAXIMUM_FORM_BYTES, parse_form
from kelp.api.identity.pages import CODE, form_page, text_page
from kelp.api.identity.sign_in_log import SignInLog
from kelp.api.identity.visit import Visit, read_visit, require_own_page
from kelp.base.errors import Category
from kelp.identity.errors import SignInFailed
from kelp.identity.sessions import session_cookie
from kelp.identity.sign_in import Attempt

if TYPE_CHECKING:
    from starlette.requests import Request

    from kelp.identity.accounts import Account
    from kelp.identity.outside_providers import OutsideProvider
    from kelp.identity.services import IdentityServices

CALLBACK = "/outside/callback"
_CODE_PAGE = "/outside/code"
_SIGN_INS_AT_A_TIME = 4
"""Providers may be slow; those who sign in here must not wait for them."""
_COOKIE = "__Host-kelp-outside"
_TENANT, _HOME, _NEXT = "tenant", "home", "next"
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
"""A path of ours, which no browser reads as another host."""


class OutsideRoutes:
    """Holds what the routes need."""

    def __init__(self, identity: IdentityServices) -> None:
        self._identity = identity
        self._threads = CapacityLimiter(_SIGN_INS_AT_A_TIME)
        self._log = SignInLog(identity)

    def build(self) -> list[Route]:
        """Return the routes."""
        routes: dict[tuple[str, str], Endpoint] = {
            ("GET", "/outside/{provider}"): self._leave,
            ("GET", CALLBACK): self._return,
            ("POST", _CODE_PAGE): self._take_code,
        }
        return [
            Route(method, path, endpoint_app(endpoint), Surface.TOKEN, describe_page(path, method))
            for (method, path), endpoint in routes.items()
        ]

    async def _leave(self, request: Request) -> Response:
        """Send the browser to a provider, to come back for an application or, without one, to the portal at `next`."""
        base_url = self._identity.addresses.base_url_for(find_header(request.scope, b"host"))
        visit = read_visit(request, dict(request.query_params))
        return await self._run(self._begin, visit, request.path_params["provider"], f"{base_url}{CALLBACK}")

    async def _return(self, request: Request) -> Response:
        """Take what the browser brings back from a provider."""
        visit = read_visit(request, dict(request.query_params))
        return await self._run(self._complete, visit, _read_cookie(find_header(request.scope, b"cookie")))

    async def _take_code(self, request: Request) -> Response:
        """Take the code of the second factor of who came back from a provider."""
        require_own_page(self._identity.addresses, request)
        visit = read_visit(request, parse_form(await read_body(request, MAXIMUM_FORM_BYTES)))
        return await self._run(self._check_code, visit, _read_cookie(find_header(request.scope, b"cookie")))

    async def _run(self, work: Callable[..., Response], *given: object) -> Response:
        try:
            return await to_thread.run_sync(work, *given, limiter=self._threads)
        except SignInFailed as failure:
            return text_page("That did not work", failure.message, status=400)

    def _begin(self, visit: Visit, provider_name: str, redirect_uri: str) -> Response:
        provider = self._find_provider(provider_name)
        purpose = {name: visit.form[name] for name in (*KEPT, _TENANT, _NEXT) if name in visit.form}
        if "client_id" in purpose:
            attempt = Attempt(purpose.get(_TENANT, str(provider.tenant_id)))
            read_authorization(self._identity, attempt, purpose)
        address, state = self._identity.outside.begin(provider, purpose, redirect_uri)
        return _redirect(address, _bind(state))

    def _complete(self, visit: Visit, cookie: str) -> Response:
        state = visit.form.get("state", "")
        _require_bound(state, cookie)
        if "code" not in visit.form:
            self._identity.outside.take(state)
            told = visit.form.get("error_description") or visit.form.get("error", "nothing")
            raise _refuse(50126, f"The provider did not sign anybody in: {told}.")
        waiting, claims = self._identity.outside.complete(state, visit.form["code"])
        provider = waiting.provider
        attempt = Attempt(waiting.purpose.get(_TENANT, str(provider.tenant_id)), visit.attempt.client_address)
        account = self._identity.providers.find_account(provider, claims)
        name = str(claims.get("email") or claims.get("preferred_username") or claims["sub"])
        if account is None:
            failure = _refuse(50020, f"'{name}' of '{provider.name}' is no user of this tenant.")
            self._log.refused(_logged(visit, attempt, name), failure)
            raise failure
        if self._identity.second_factors.is_enrolled(account.object_id):
            purpose = {**waiting.purpose, _HOME: str(account.object_id)}
            kept = self._identity.outside.keep(provider, purpose)
            return self._ask_code(kept, purpose, "")
        if not account.is_enabled:
            raise _refuse(50057, "The user account is disabled.")
        return self._finish(visit, attempt, waiting.purpose, account)

    def _check_code(self, visit: Visit, cookie: str) -> Response:
        state = visit.form.get("state", "")
        _require_bound(state, cookie)
        waiting = self._identity.outside.take(state)
        named = waiting.purpose.get(_HOME)
        home = self._identity.directory.find_live_account(UUID(named)) if named else None
        if home is None:
            raise _refuse(50057, "The user account is disabled or was removed.")
        attempt = Attempt(waiting.purpose.get(_TENANT, str(home.tenant_id)), visit.attempt.client_address)
        try:
            self._identity.sign_in.check_second_factor(attempt, home, visit.form.get("second_factor", ""))
        except SignInFailed as failure:
            self._log.refused(_logged(visit, attempt, home.user_name or ""), failure)
            kept = self._identity.outside.keep(waiting.provider, waiting.purpose)
            return self._ask_code(kept, waiting.purpose, failure.message)
        return self._finish(visit, attempt, waiting.purpose, home)

    def _ask_code(self, state: str, purpose: Mapping[str, str], problem: str) -> Response:
        page = form_page(
            "Sign in",
            "One more step: enter a code of your authenticator.",
            (CODE,),
            hidden={"state": state},
            problem=problem,
            action=_CODE_PAGE,
            leads_to=purpose.get("redirect_uri", ""),
            status=401 if problem else 200,
        )
        page.headers["Set-Cookie"] = _bind(state)
        return page

    def _finish(self, visit: Visit, attempt: Attempt, purpose: Mapping[str, str], home: Account) -> Response:
        logged = _logged(visit, attempt, home.user_name or home.name)
        try:
            if "client_id" in purpose:
                attempt = self._identity.sign_in.narrow(attempt, purpose["client_id"])
            account = self._identity.sign_in.enter(attempt, home)
        except SignInFailed as failure:
            self._log.refused(logged, failure)
            raise
        self._log.entered(logged, account, home)
        if "client_id" in purpose:
            asked = read_authorization(self._identity, attempt, purpose)
            code = self._identity.authorization_codes.issue(asked.code_request, home.object_id)
            return asked.reply(code=code)
        session_id = self._identity.sessions.begin(
            account.object_id, visit.attempt.client_address, visit.user_agent
        )
        path = purpose.get(_NEXT, "/")
        return _redirect(path if _OWN_PATH.fullmatch(path) else "/", session_cookie(session_id))

    def _find_provider(self, name: str) -> OutsideProvider:
        try:
            found = self._identity.providers.find(UUID(name))
        except ValueError:
            found = None
        if found is None:
            raise _refuse(50107, f"There is no provider '{name}'.")
        return found


def _logged(visit: Visit, attempt: Attempt, name: str) -> Visit:
    kept = {"grant_type": "page", "username": name, "second_factor": visit.form.get("second_factor", "")}
    return Visit(attempt, kept, visit.correlation_id, visit.user_agent, visit.is_post)


def _bind(state: str) -> str:
    """Return the cookie that ties a sign-in to the browser that began it."""
    return f"{_COOKIE}={_digest(state)}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600"


def _require_bound(state: str, cookie: str) -> None:
    if not state or _digest(state) != cookie:
        raise _refuse(50107, "The sign-in was begun in another browser, or too long ago. Begin again.")


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _read_cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(_COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _redirect(address: str, cookie: str) -> Response:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Set-Cookie": cookie}
    return RedirectResponse(address, 303, headers)


def _refuse(number: int, message: str) -> SignInFailed:
    return SignInFailed(Category.INVALID, "invalid_grant", number, message)
