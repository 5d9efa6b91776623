"""Where people sign in themselves: for an application, for a device, and to accept an invitation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlencode

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.http import read_body
from kelp.api.identity.authorization import read_authorization
from kelp.api.identity.descriptions import describe_page
from kelp.api.identity.form import MAXIMUM_FORM_BYTES, parse_form
from kelp.api.identity.pages import CODE, PASSWORD, USER_NAME, Field, form_page, text_page
from kelp.api.identity.security_page import SecurityPage
from kelp.api.identity.sign_in_log import SignInLog
from kelp.api.identity.visit import ANY_TENANT, Visit, read_visit, require_own_page
from kelp.base.errors import ServiceError
from kelp.identity.errors import SignInFailed
from kelp.identity.sign_in import Attempt

if TYPE_CHECKING:
    from starlette.requests import Request

    from kelp.identity.accounts import Account, Tenant
    from kelp.identity.services import IdentityServices

_AUTHORIZE = ("/{tenant}/oauth2/v2.0/authorize", "/{tenant}/oauth2/authorize")


Answering: TypeAlias = Callable[[Visit], Response]


class InteractiveRoutes:
    """The pages. Each answers a GET with a form and a POST of the form with what follows."""

    def __init__(self, identity: IdentityServices, threads: CapacityLimiter) -> None:
        self._identity = identity
        self._threads = threads
        self._log = SignInLog(identity)

    def build(self) -> list[Route]:
        """Return the routes."""
        pages: dict[str, Answering] = {
            **dict.fromkeys(_AUTHORIZE, self.authorize),
            "/devicelogin": self.sign_in_device,
            "/redeem": self.redeem_invitation,
            "/security": SecurityPage(self._identity).answer,
        }
        return [
            Route(
                method, path, endpoint_app(self._endpoint(page)), Surface.TOKEN, describe_page(path, method)
            )
            for path, page in pages.items()
            for method in ("GET", "POST")
        ]

    def authorize(self, visit: Visit) -> Response:
        """Have somebody sign in for an application, and send the browser back to it with a code."""
        asked = read_authorization(self._identity, visit.attempt, visit.form)
        problem = asked.find_problem()
        if problem is not None:
            return asked.reply(error=problem[0], error_description=problem[1])
        if visit.form.get("prompt") == "none":
            return asked.reply(error="login_required", error_description="Nobody is signed in here.")
        if visit.form.get("cancel"):
            return asked.reply(error="access_denied", error_description="The user cancelled the sign-in.")
        name = asked.client.name if asked.client else "a command-line tool on this computer"
        tenant = self._identity.sign_in.find_tenant(visit.attempt.tenant_name)
        place = f" in {tenant.name}" if tenant else ""
        links = self._find_other_ways(tenant, asked.parameters)

        def show(failure: str) -> Response:
            hint = visit.form.get("username") or visit.form.get("login_hint", "")
            return form_page(
                "Sign in",
                f"Sign in to go on to {name}{place}.",
                (replace(USER_NAME, value=hint), PASSWORD, CODE),
                hidden=asked.parameters,
                problem=failure,
                other_button=("cancel", "yes", "Cancel"),
                links=links,
                leads_to=asked.redirect_uri,
                status=401 if failure else 200,
            )

        if not visit.is_post or "username" not in visit.form:
            return show("")
        try:
            attempt = self._identity.sign_in.narrow(visit.attempt, asked.parameters["client_id"])
            home, _ = self._enter(visit, attempt)
        except SignInFailed as failure:
            return show(failure.message)
        return asked.reply(code=self._identity.authorization_codes.issue(asked.code_request, home.object_id))

    def sign_in_device(self, visit: Visit) -> Response:
        """Have somebody sign in for a device that shows a code."""
        devices, code = self._identity.device_codes, visit.form.get("code") or visit.form.get("otc", "")
        device = devices.find_waiting(code) if code else None
        if device is None:
            problem = "No device waits with this code: it is wrong, or it expired." if code else ""
            field_ = Field("code", "Code that the device shows", value=code)
            text = "Enter the code only if you see it on a device or in a program that you began to sign in with."
            status = 404 if problem else 200
            return form_page(
                "Sign in a device",
                text,
                [field_],
                problem=problem,
                button="Next",
                method="get",
                status=status,
            )
        attempt = Attempt(device.tenant_name, visit.attempt.client_address)
        client = self._identity.sign_in.find_client(attempt, device.client_id)
        attempt = self._identity.sign_in.narrow(attempt, device.client_id)
        name = client.name if client else "a command-line tool"

        def show(failure: str) -> Response:
            fields = (replace(USER_NAME, value=visit.form.get("username", "")), PASSWORD, CODE)
            return form_page(
                "Sign in a device",
                f"You sign in {name} that shows the code {device.user_code}. It can then do what you can.",
                fields,
                hidden={"code": device.user_code},
                problem=failure,
                other_button=("decline", "yes", "That is not mine"),
                status=401 if failure else 200,
            )

        if visit.is_post and visit.form.get("decline"):
            devices.decline(device)
            return text_page("Declined", "The device was not signed in.")
        if not visit.is_post:
            return show("")
        try:
            home, _ = self._enter(visit, attempt)
        except SignInFailed as failure:
            return show(failure.message)
        if not devices.approve(device, home.object_id):
            return text_page("Too late", "The code was used meanwhile.", status=409)
        return text_page("Signed in", "The device is signed in. You can close this page.")

    def redeem_invitation(self, visit: Visit) -> Response:
        """Have somebody become the guest whom an invitation link is for."""
        directory, token = self._identity.directory, visit.form.get("token", "")
        guest = directory.guests.find_guest_of(token)
        tenant = directory.find_tenant(str(guest.tenant_id)) if guest else None
        if guest is None or tenant is None:
            text = "The link was used, is too old, or a newer one was sent. Ask for another invitation."
            return text_page("No open invitation", text, status=404)

        def show(failure: str) -> Response:
            return form_page(
                f"Invitation to {tenant.name}",
                f"{tenant.name} invites {guest.mail}. Sign in with your own account to accept.",
                (replace(USER_NAME, value=visit.form.get("username", "")), PASSWORD, CODE),
                hidden={"token": token},
                problem=failure,
                button="Accept",
                status=401 if failure else 200,
            )

        if not visit.is_post:
            return show("")
        try:
            home, _ = self._enter(visit, Attempt(ANY_TENANT, visit.attempt.client_address))
            _, address = directory.guests.redeem(token, home)
        except ServiceError as failure:
            return show(failure.message)
        link = (address, "Go on") if address else ("/", "Open the portal")
        return text_page("Welcome", f"You are a guest of {tenant.name} now.", link=link)

    def _find_other_ways(self, tenant: Tenant | None, parameters: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return the addresses and names of the outside providers that a tenant's users may sign in with."""
        if tenant is None:
            return []
        query = urlencode({**parameters, "tenant": str(tenant.id)})
        providers = self._identity.providers.read(tenant.id)
        return [(f"/outside/{one.id}?{query}", f"Sign in with {one.name}") for one in providers]

    def _enter(self, visit: Visit, attempt: Attempt) -> tuple[Account, Account]:
        """Return who gave the credentials in the form, and who they are in the tenant. Raises `SignInFailed`."""
        sign_in, form = self._identity.sign_in, visit.form
        logged = replace(visit, attempt=attempt, form={**form, "grant_type": "page"})
        try:
            home = sign_in.check_user(
                attempt, form.get("username", ""), form.get("password", ""), form.get("second_factor", "")
            )
            account = sign_in.enter(attempt, home)
        except SignInFailed as failure:
            self._log.refused(logged, failure)
            raise
        self._log.entered(logged, account, home)
        return home, account

    def _endpoint(self, page: Answering) -> Endpoint:
        async def answer(request: Request) -> Response:
            """Show a page, or take what was entered on it."""
            form = dict(request.query_params)
            if request.method == "POST":
                require_own_page(self._identity.addresses, request)
                form = parse_form(await read_body(request, MAXIMUM_FORM_BYTES))
            visit = read_visit(request, form)
            try:
                return await to_thread.run_sync(page, visit, limiter=self._threads)
            except SignInFailed as failure:
                return text_page("That did not work", failure.message, status=400)

        return answer
