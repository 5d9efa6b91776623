"""The page on which users give themselves a second factor, or give it up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.api.identity.pages import CODE, PASSWORD, USER_NAME, Field, form_page, text_page
from kelp.api.identity.sign_in_log import SignInLog
from kelp.identity.errors import SignInFailed
from kelp.identity.events import Actor, DirectoryEvent, Target

if TYPE_CHECKING:
    from starlette.responses import Response

    from kelp.api.identity.visit import Visit
    from kelp.identity.accounts import Account
    from kelp.identity.services import IdentityServices

_TITLE = "Second factor"
_NEEDED_CODE = Field("second_factor", "Code of your authenticator", autocomplete="one-time-code")


class SecurityPage:
    """Answers visits. Each step asks for the password again, so that nothing is kept between them."""

    def __init__(self, identity: IdentityServices) -> None:
        self._identity = identity
        self._log = SignInLog(identity)

    def answer(self, visit: Visit) -> Response:
        """Show the page, or go one step on."""
        if not visit.is_post:
            return self._begin(visit, "")
        try:
            match visit.form.get("step"):
                case "confirm":
                    return self._confirm(visit)
                case "remove":
                    return self._remove(visit)
            home = self._check(visit, visit.form.get("second_factor", ""))
        except SignInFailed as failure:
            return self._begin(visit, failure.message)
        if self._identity.second_factors.is_enrolled(home.object_id):
            return form_page(
                _TITLE,
                "You sign in with a second factor. To give it up, enter the next code, or a recovery code.",
                (PASSWORD, _NEEDED_CODE),
                hidden={"step": "remove", "username": visit.form.get("username", "")},
                button="Give it up",
            )
        return self._show_secret(visit, home)

    def _begin(self, visit: Visit, problem: str) -> Response:
        name = replace(USER_NAME, value=visit.form.get("username", ""))
        return form_page(
            _TITLE,
            "Sign in to add a second factor, or to give it up.",
            (name, PASSWORD, CODE),
            problem=problem,
            button="Next",
            status=401 if problem else 200,
        )

    def _show_secret(self, visit: Visit, home: Account) -> Response:
        enrolment = self._identity.second_factors.enrol(home)
        return form_page(
            _TITLE,
            f"Add this key to your authenticator: {enrolment.secret} (time-based, six digits). Then enter the "
            "code that it shows.",
            (PASSWORD, _NEEDED_CODE),
            hidden={"step": "confirm", "username": visit.form.get("username", "")},
            button="Confirm",
            links=((enrolment.address, "Open the authenticator on this device"),),
        )

    def _confirm(self, visit: Visit) -> Response:
        home = self._check(visit, "")
        codes = self._identity.second_factors.confirm(home.object_id, visit.form.get("second_factor", ""))
        if codes is None:
            return self._begin(visit, "The code was wrong. Begin again, with a new key.")
        self._tell(visit, home, "User registered security info")
        listed = ", ".join(codes)
        text = f"From now on you sign in with a code. Keep these recovery codes; each works once: {listed}"
        return text_page(_TITLE, text)

    def _remove(self, visit: Visit) -> Response:
        home = self._check(visit, visit.form.get("second_factor", ""))
        self._identity.second_factors.remove(home.object_id)
        self._tell(visit, home, "User deleted security info")
        return text_page(_TITLE, "You sign in with your password alone now.")

    def _check(self, visit: Visit, code: str) -> Account:
        logged = replace(visit, form={**visit.form, "grant_type": "page"})
        try:
            home = self._identity.sign_in.check_user(
                visit.attempt, visit.form.get("username", ""), visit.form.get("password", ""), code
            )
        except SignInFailed as failure:
            self._log.refused(logged, failure)
            raise
        self._log.entered(logged, home, home)
        return home

    def _tell(self, visit: Visit, home: Account, activity: str) -> None:
        actor = Actor(home.object_id, home.shown_name, home.kind, None, visit.attempt.client_address)
        target = Target("User", str(home.object_id), home.shown_name, ("secondFactor",))
        now = self._identity.clock.now()
        self._identity.tell(
            DirectoryEvent(
                now, home.tenant_id, activity, "UserManagement", actor, (target,), visit.correlation_id
            )
        )
