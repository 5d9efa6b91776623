"""Authorization codes: what a browser carries from our sign-in page to an application, with PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category
from kelp.identity.accounts import Connections
from kelp.identity.errors import SignInFailed
from kelp.identity.refresh_tokens import RefreshTokens
from kelp.identity.schema import AUTHORIZATION_CODE

LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """For what a code is given. `challenge` is the S256 challenge, empty for a confidential client without one."""

    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    challenge: str


@dataclass(frozen=True, slots=True)
class RedeemedCode:
    """Who signed in, for what; `family` is that of the refresh tokens that follow."""

    object_id: UUID
    scope: str
    nonce: str
    family: UUID


class AuthorizationCodes:
    """Gives codes and takes each once. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, refresh_tokens: RefreshTokens, clock: Clock) -> None:
        self._connections = connections
        self._refresh_tokens = refresh_tokens
        self._clock = clock

    def issue(self, request: CodeRequest, object_id: UUID) -> str:
        """Return a code for who has just signed in."""
        code, now = secrets.token_urlsafe(48), self._clock.now()
        with self._connections.write() as connection:
            ended = AUTHORIZATION_CODE.c.expires_at <= now - timedelta(days=1)
            connection.execute(delete(AUTHORIZATION_CODE).where(ended))
            connection.execute(
                insert(AUTHORIZATION_CODE).values(
                    digest=_digest(code),
                    client_id=request.client_id.lower(),
                    redirect_uri=request.redirect_uri,
                    scope=request.scope,
                    nonce=request.nonce,
                    challenge=request.challenge,
                    object_id=object_id,
                    family=uuid4(),
                    expires_at=now + LIFETIME,
                )
            )
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str) -> RedeemedCode:
        """Take a code. Raises `SignInFailed`; a code that comes again also ends what the first use gave."""
        now = self._clock.now()
        chosen = AUTHORIZATION_CODE.c.digest == _digest(code)
        with self._connections.write() as connection:
            row = connection.execute(select(AUTHORIZATION_CODE).where(chosen)).first()
            if row is not None and row.used_at is None:
                connection.execute(update(AUTHORIZATION_CODE).where(chosen).values(used_at=now))
        if row is None or row.client_id != client_id.lower():
            raise _refuse(70000, "The code is not known for this client.")
        if row.used_at is not None:
            self._refresh_tokens.revoke_family(row.family)
            raise _refuse(54005, "The code was used already; what it gave is revoked. Sign in again.")
        if as_utc(row.expires_at) <= now:
            raise _refuse(70008, "The code expired. Sign in again.")
        if row.redirect_uri != redirect_uri:
            raise _refuse(
                500112, f"The reply address '{redirect_uri}' is not the one that the code was sent to."
            )
        if row.challenge and not hmac.compare_digest(challenge_of(verifier), row.challenge):
            raise _refuse(501481, "The code_verifier does not match the code_challenge of the sign-in.")
        return RedeemedCode(row.object_id, row.scope, row.nonce, row.family)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _refuse(number: int, message: str) -> SignInFailed:
    return SignInFailed(Category.INVALID, "invalid_grant", number, message)
