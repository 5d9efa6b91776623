"""`/portal/api/me`: one's own sessions, password and second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.api.management.call import Answer
from kelp.base.errors import Category, ServiceError
from kelp.identity.events import Actor, DirectoryEvent, Target
from kelp.identity.principal import AccountKind
from kelp.identity.secrets_hash import find_password_problem
from kelp.identity.sessions import session_cookie
from kelp.identity.sign_in import Attempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.api.portal.call import PortalCall, Work
    from kelp.identity.accounts import Account
    from kelp.identity.services import IdentityServices


class OwnAccount:
    """What somebody signs in with, and where they are signed in: of the account at home, wherever they act now."""

    def __init__(self, identity: IdentityServices) -> None:
        self._identity = identity

    def works(self) -> Mapping[tuple[str, str], Work]:
        """Return the functions by method and path."""
        return {
            ("GET", "/me/sessions"): self.list_sessions,
            ("DELETE", "/me/sessions/{session}"): self.end_session,
            ("POST", "/me/password"): self.change_password,
            ("GET", "/me/totp"): self.show_second_factor,
            ("POST", "/me/totp"): self.enrol_second_factor,
            ("POST", "/me/totp/confirm"): self.confirm_second_factor,
            ("POST", "/me/totp/remove"): self.remove_second_factor,
        }

    def list_sessions(self, call: PortalCall) -> Answer:
        """List where the caller is signed in, the last used first."""
        listed = [
            {
                "id": one.name,
                "current": one.name == call.visitor.session.name,
                "createdAt": one.created_at,
                "seenAt": one.seen_at,
                "idleEndsAt": one.idle_ends_at,
                "address": one.address,
                "userAgent": one.user_agent,
            }
            for one in self._identity.sessions.read(call.home_id)
        ]
        return Answer(200, {"value": listed})

    def end_session(self, call: PortalCall) -> Answer:
        """End one of the caller's sessions."""
        if not self._identity.sessions.end_named(call.home_id, call.parameters["session"]):
            raise ServiceError(Category.NOT_FOUND, "SessionNotFound", "You have no such session.")
        return Answer(204)

    def change_password(self, call: PortalCall) -> Answer:
        """Replace the caller's password; everywhere but here the caller is signed out."""
        account = self._get_account(call)
        reader = call.reader()
        current, new = reader.text("currentPassword"), reader.text("newPassword")
        with reader.reporting():
            problem = find_password_problem(new, account.user_name or "")
            if problem is not None:
                reader.refuse("newPassword", problem)
        self._check_password(call, account, current)
        self._identity.directory.set_password(account.object_id, new)
        self._tell(call, account, "Change user password")
        begun = self._identity.sessions.begin(
            call.principal.object_id, call.principal.address, call.user_agent
        )
        return Answer(204, headers={"Set-Cookie": session_cookie(begun)})

    def show_second_factor(self, call: PortalCall) -> Answer:
        """Tell whether the caller signs in with a second factor."""
        return Answer(200, {"isEnrolled": self._identity.second_factors.is_enrolled(call.home_id)})

    def enrol_second_factor(self, call: PortalCall) -> Answer:
        """Give the caller, who repeats the password, a secret for an authenticator; it counts once it is confirmed."""
        account = self._get_account(call)
        self._check_password(call, account, call.reader().text("currentPassword"))
        enrolment = self._identity.second_factors.enrol(account)
        return Answer(200, {"secret": enrolment.secret, "address": enrolment.address})

    def confirm_second_factor(self, call: PortalCall) -> Answer:
        """Have the second factor count, now that a code shows that the authenticator has it."""
        account = self._get_account(call)
        codes = self._identity.second_factors.confirm(account.object_id, call.reader().text("code"))
        if codes is None:
            message = "The code is wrong; check the clock of the device and take the next one."
            raise ServiceError(Category.INVALID, "InvalidSecondFactor", message, target="code")
        self._tell(call, account, "User registered security info", "secondFactor")
        return Answer(200, {"recoveryCodes": list(codes)})

    def remove_second_factor(self, call: PortalCall) -> Answer:
        """Have the caller, who gives a code or a recovery code, sign in without a second factor."""
        account, code = self._get_account(call), call.reader().text("code")
        try:
            self._identity.sign_in.check_second_factor(_attempt(call), account, code)
        except ServiceError as failure:
            raise _refuse(
                failure, "InvalidSecondFactor", "The code is wrong, or was used.", "code"
            ) from failure
        self._identity.second_factors.remove(account.object_id)
        self._tell(call, account, "User deleted security info", "secondFactor")
        return Answer(204)

    def _get_account(self, call: PortalCall) -> Account:
        account = self._identity.directory.find_live_account(call.home_id)
        if account is None or account.kind is not AccountKind.USER:
            raise ServiceError(
                Category.FORBIDDEN, "NoOwnAccount", "Only users have what people sign in with."
            )
        return account

    def _check_password(self, call: PortalCall, account: Account, password: str) -> None:
        """Refuse a wrong password like a sign-in with it, counted and all."""
        try:
            self._identity.sign_in.check_password(_attempt(call), account.user_name or "", password)
        except ServiceError as failure:
            raise _refuse(
                failure, "InvalidCredentials", "The password is wrong.", "currentPassword"
            ) from failure

    def _tell(self, call: PortalCall, account: Account, activity: str, *changed: str) -> None:
        address = call.principal.address
        actor = Actor(account.object_id, account.shown_name, account.kind, None, address)
        target = Target("User", str(account.object_id), account.shown_name, changed)
        now = self._identity.clock.now()
        self._identity.tell(
            DirectoryEvent(
                now, account.tenant_id, activity, "UserManagement", actor, (target,), call.correlation_id
            )
        )


def _attempt(call: PortalCall) -> Attempt:
    return Attempt("organizations", call.principal.address)


def _refuse(failure: ServiceError, code: str, message: str, target: str) -> ServiceError:
    """Return a refusal of what was typed; it is not 401, which would tell that the session ended."""
    if failure.category is Category.THROTTLED:
        return ServiceError(
            Category.THROTTLED,
            "AccountLocked",
            "There were too many wrong attempts. Wait, then try again.",
            target=target,
            retry_after_seconds=failure.retry_after_seconds,
        )
    return ServiceError(Category.INVALID, code, message, target=target)
