"""Signing in to the portal: what the page sends becomes a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.api.identity.sign_in_log import SignInLog
from kelp.identity.errors import SignInFailed

if TYPE_CHECKING:
    from kelp.identity.accounts import Account
    from kelp.identity.services import IdentityServices
    from kelp.identity.sign_in import Attempt


@dataclass(frozen=True, slots=True)
class PortalSignIn:
    """One attempt; `form` holds what may be logged."""

    attempt: Attempt
    form: Mapping[str, str] = field(repr=False)
    correlation_id: str
    user_agent: str

    def begin(self, identity: IdentityServices, password: str) -> tuple[str, Account]:
        """Return the session's id and whose it is. Raises `SignInFailed`."""
        log = SignInLog(identity)
        try:
            home = identity.sign_in.check_user(
                self.attempt, self.form["username"], password, self.form["second_factor"]
            )
            account = identity.sign_in.enter(self.attempt, home)
        except SignInFailed as failure:
            log.refused(self, failure)
            raise
        log.entered(self, account, home)
        return identity.sessions.begin(account.object_id), account
