"""Sessions of the portal: a random id in a cookie, known here only by its digest.

A session ends when nothing was heard of it for a while, at the latest after some hours, at sign-out, and when its
account is disabled.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, update

from kelp.base.clock import Clock, as_utc
from kelp.identity.directory import Connections, Directory
from kelp.identity.principal import Principal
from kelp.identity.schema import SESSION

IDLE_PERIOD = timedelta(minutes=30)
LONGEST_PERIOD = timedelta(hours=12)
COOKIE_NAME = "__Host-kelp-session"
"""The prefix has browsers refuse the cookie unless it is Secure, for this host only, and for all of it."""
_ID_BYTES = 32
_TOUCH_INTERVAL = timedelta(minutes=1)
"""A session in use is written down at most this often, so it may end this much early."""


class Sessions:
    """Begins, finds and ends sessions. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, directory: Directory, clock: Clock) -> None:
        self._connections = connections
        self._directory = directory
        self._clock = clock

    def begin(self, object_id: UUID) -> str:
        """Begin a session of an account that has just signed in, and return its id for the cookie."""
        session_id, now = secrets.token_urlsafe(_ID_BYTES), self._clock.now()
        ended = or_(SESSION.c.seen_at <= now - IDLE_PERIOD, SESSION.c.created_at <= now - LONGEST_PERIOD)
        with self._connections.write() as connection:
            connection.execute(delete(SESSION).where(ended))
            connection.execute(
                insert(SESSION).values(
                    digest=_digest(session_id), object_id=object_id, created_at=now, seen_at=now
                )
            )
        return session_id

    def find_principal(self, session_id: str) -> Principal | None:
        """Return whose session it is and keep it alive; None when it ended or never was."""
        digest, now = _digest(session_id), self._clock.now()
        with self._connections.read() as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.digest == digest)).first()
        if row is None or now - as_utc(row.created_at) >= LONGEST_PERIOD:
            return None
        unused_for = now - as_utc(row.seen_at)
        account = self._directory.find_live_account(row.object_id)
        if unused_for >= IDLE_PERIOD or account is None:
            return None
        if unused_for >= _TOUCH_INTERVAL:
            with self._connections.write() as connection:
                connection.execute(update(SESSION).where(SESSION.c.digest == digest).values(seen_at=now))
        return self._directory.principal_of(account)

    def end(self, session_id: str) -> None:
        """End a session now."""
        with self._connections.write() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.digest == _digest(session_id)))

    def end_all(self, object_id: UUID) -> None:
        """End all sessions of an account, as after a change of its password."""
        with self._connections.write() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.object_id == object_id))


def session_cookie(session_id: str) -> str:
    """Return the `Set-Cookie` value that begins a session in a browser."""
    return f"{COOKIE_NAME}={session_id}; Path=/; HttpOnly; Secure; SameSite=Lax"


def ended_session_cookie() -> str:
    """Return the `Set-Cookie` value that makes a browser forget the session."""
    return f"{COOKIE_NAME}=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0"


def read_session_id(cookie_header: str) -> str | None:
    """Return the session id that a `Cookie` header holds."""
    try:
        cookie = SimpleCookie(cookie_header).get(COOKIE_NAME)
    except CookieError:
        return None
    return cookie.value if cookie is not None else None


def _digest(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode()).digest()
