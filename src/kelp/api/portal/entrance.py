"""The entrance to the portal: name and password, then a code if the account has a second factor, make a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from kelp.api.identity.sign_in_log import SignInLog
from kelp.base.errors import Category, ServiceError
from kelp.identity.errors import SignInFailed
from kelp.identity.sign_in import SECOND_FACTOR_NEEDED, Attempt
from kelp.identity.sign_in_tickets import SignInTickets

if TYPE_CHECKING:
    from kelp.identity.accounts import Account
    from kelp.identity.services import IdentityServices

_REFUSALS: Mapping[int, tuple[Category, str, str]] = MappingProxyType(
    {
        50126: (Category.UNAUTHENTICATED, "InvalidCredentials", "The user name or the password is wrong."),
        50053: (
            Category.THROTTLED,
            "AccountLocked",
            "There were too many wrong attempts. Wait, then try again.",
        ),
        50057: (Category.FORBIDDEN, "AccountDisabled", "The account is disabled. Ask an administrator."),
        500121: (
            Category.UNAUTHENTICATED,
            "InvalidSecondFactor",
            "The code is wrong, or was used already. Check the clock of the device, and take the next one.",
        ),
    }
)
"""What people are told instead of the words of the token endpoint, by AADSTS number."""
_NO_CODE_YET = SignInFailed(
    Category.UNAUTHENTICATED, SECOND_FACTOR_NEEDED, 50074, "A code of the authenticator is needed."
)
"""Logged as an interruption: who stops here knew the password only."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A request to be let in, as the sign-in log sees it; `form` holds what may be logged."""

    attempt: Attempt
    form: Mapping[str, str] = field(repr=False)
    correlation_id: str
    user_agent: str

    def named(self, user_name: str, code: str = "") -> Visitor:
        """Return the request with who it is about."""
        return replace(
            self, form={"grant_type": "portal", "username": user_name, "second_factor": code and "given"}
        )


@dataclass(frozen=True, slots=True)
class Entered:
    """A session was begun; `session_id` is for the cookie."""

    session_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right; the ticket is to come back with a code."""

    ticket: str = field(repr=False)


class Entrance:
    """Lets people in. Safe for concurrent use; takes tens of milliseconds of a thread."""

    def __init__(self, identity: IdentityServices) -> None:
        self._identity = identity
        self._tickets = SignInTickets(identity.clock)
        self._log = SignInLog(identity)

    def begin(self, visitor: Visitor, user_name: str, password: str) -> Entered | CodeNeeded:
        """Check name and password. Raises `ServiceError`, in the same words for a wrong one of either."""
        visitor = visitor.named(user_name)
        try:
            home = self._identity.sign_in.check_password(visitor.attempt, user_name, password)
        except SignInFailed as failure:
            self._log.refused(visitor, failure)
            raise _tell_plainly(failure) from failure
        if not self._identity.second_factors.is_enrolled(home.object_id):
            return self._enter(visitor, home)
        self._log.refused(visitor, _NO_CODE_YET)
        return CodeNeeded(self._tickets.issue(home.object_id, visitor.attempt.tenant_name))

    def complete(self, visitor: Visitor, ticket: str, code: str) -> Entered:
        """Check the code of who got the ticket; after a wrong one four others may follow. Raises `ServiceError`."""
        waiting = self._tickets.take(ticket)
        home = self._identity.directory.find_live_account(waiting.home_id) if waiting else None
        if waiting is None or home is None:
            message = "The sign-in took too long, or was completed already. Begin again with your password."
            raise ServiceError(Category.UNAUTHENTICATED, "SignInExpired", message)
        attempt = replace(visitor.attempt, tenant_name=waiting.tenant_name)
        visitor = replace(visitor, attempt=attempt).named(home.user_name or home.name, code)
        try:
            self._identity.sign_in.check_second_factor(visitor.attempt, home, code)
        except SignInFailed as failure:
            self._log.refused(visitor, failure)
            self._tickets.give_back(ticket, waiting)
            raise _tell_plainly(failure) from failure
        return self._enter(visitor, home)

    def enter_as(self, visitor: Visitor, session_id: str, home: Account, account: Account) -> None:
        """Let a session act as another account of who signed in; the log of its tenant tells it once, as a sign-in."""
        if self._identity.sessions.enter(session_id, account):
            self._log.entered(visitor.named(home.user_name or home.name), account, home)

    def _enter(self, visitor: Visitor, home: Account) -> Entered:
        try:
            account = self._identity.sign_in.enter(visitor.attempt, home)
        except SignInFailed as failure:
            self._log.refused(visitor, failure)
            raise _tell_plainly(failure) from failure
        self._log.entered(visitor, account, home)
        address = visitor.attempt.client_address
        return Entered(self._identity.sessions.begin(account.object_id, address, visitor.user_agent))


def _tell_plainly(failure: SignInFailed) -> ServiceError:
    category, code, message = _REFUSALS.get(
        failure.number, (Category.FORBIDDEN, "SignInRefused", failure.message.partition(": ")[2])
    )
    return ServiceError(category, code, message, retry_after_seconds=failure.retry_after_seconds)
