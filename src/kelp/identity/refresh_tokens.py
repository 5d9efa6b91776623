"""Refresh tokens: each is good once and leads to the next; one that comes again ends all of the same sign-in.

Cf. RFC 9700, 4.14.2. A token belongs to one client and to one user, and holds for every tenant that the user may enter.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category
from kelp.identity.accounts import Connections
from kelp.identity.errors import SignInFailed
from kelp.identity.schema import REFRESH_TOKEN

LIFETIME = timedelta(days=90)
"""How long a sign-in lasts that is not used."""
_TOKEN_BYTES = 48


@dataclass(frozen=True, slots=True)
class Renewal:
    """Whose token it was, and the next one."""

    object_id: UUID
    token: str = field(repr=False)


class RefreshTokens:
    """Gives and renews tokens. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock

    def begin(self, object_id: UUID, client_id: str, family: UUID) -> str:
        """Return the first token of a sign-in."""
        token, now = _new_token(), self._clock.now()
        with self._connections.write() as connection:
            connection.execute(delete(REFRESH_TOKEN).where(REFRESH_TOKEN.c.expires_at <= now))
            connection.execute(insert(REFRESH_TOKEN).values(_row(token, family, client_id, object_id, now)))
        return token

    def find_owner(self, token: str, client_id: str) -> UUID | None:
        """Return whose token it is; None for one that `renew` would refuse."""
        table = REFRESH_TOKEN.c
        with self._connections.read() as connection:
            row = connection.execute(select(REFRESH_TOKEN).where(table.digest == _digest(token))).first()
        if row is None or row.client_id != client_id.lower() or row.used_at is not None:
            return None
        return UUID(str(row.object_id)) if as_utc(row.expires_at) > self._clock.now() else None

    def renew(self, token: str, client_id: str) -> Renewal:
        """Take a token and return the next one. Raises `SignInFailed` for one that is not good or not the client's."""
        now, following = self._clock.now(), _new_token()
        table = REFRESH_TOKEN.c
        with self._connections.write() as connection:
            row = connection.execute(select(REFRESH_TOKEN).where(table.digest == _digest(token))).first()
            is_known = row is not None and row.client_id == client_id.lower() and as_utc(row.expires_at) > now
            if row is None or not is_known:
                raise _refuse(
                    70000 if row is None else 700082,
                    "The refresh token is not known, expired, or was given to another client. Sign in again.",
                )
            was_used = row.used_at is not None
            if was_used:
                connection.execute(delete(REFRESH_TOKEN).where(table.family == row.family))
            else:
                connection.execute(
                    update(REFRESH_TOKEN).where(table.digest == row.digest).values(used_at=now)
                )
                connection.execute(
                    insert(REFRESH_TOKEN).values(_row(following, row.family, client_id, row.object_id, now))
                )
        if was_used:
            raise _refuse(
                50173,
                "The refresh token was used before. It may have been stolen, so everything that came from the same "
                "sign-in is revoked. Sign in again.",
            )
        return Renewal(row.object_id, following)

    def revoke_family(self, family: UUID) -> None:
        """End what came from one sign-in."""
        with self._connections.write() as connection:
            connection.execute(delete(REFRESH_TOKEN).where(REFRESH_TOKEN.c.family == family))

    def revoke_all(self, object_id: UUID) -> None:
        """End all sign-ins of a user, as after a change of the password."""
        with self._connections.write() as connection:
            connection.execute(delete(REFRESH_TOKEN).where(REFRESH_TOKEN.c.object_id == object_id))


def _row(token: str, family: UUID, client_id: str, object_id: UUID, now: datetime) -> dict[str, object]:
    return {
        "digest": _digest(token),
        "family": family,
        "client_id": client_id.lower(),
        "object_id": object_id,
        "expires_at": now + LIFETIME,
    }


def _new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _refuse(number: int, message: str) -> SignInFailed:
    return SignInFailed(Category.INVALID, "invalid_grant", number, message)
