"""Sessions of the portal: a random id in a cookie, known here only by its digest.

A session ends when nothing was heard of it for a while, at the latest after some hours, at sign-out, and when its
account is disabled. It is of the account that signed in, and may act as the guests that this account is elsewhere, in
the tenants that it has entered: each request names the one that it is for.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category, ServiceError
from kelp.identity.accounts import Account
from kelp.identity.directory import Connections, Directory
from kelp.identity.principal import Principal
from kelp.identity.schema import SESSION, SESSION_ACCOUNT

IDLE_PERIOD = timedelta(minutes=30)
LONGEST_PERIOD = timedelta(hours=12)
COOKIE_NAME = "__Host-kelp-session"
"""The prefix has browsers refuse the cookie unless it is Secure, for this host only, and for all of it."""
_ID_BYTES = 32
_TOUCH_INTERVAL = timedelta(minutes=1)
"""A session in use is written down at most this often, so it may end this much early."""
_ADDRESS_CHARACTERS, _AGENT_CHARACTERS, _NAME_BYTES = 64, 256, 16


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `name` stands for it in lists and opens nothing.

    `home_id` is the account that signed in, `object_id` the one as which it acts: itself, or a guest of another tenant.
    """

    name: str
    home_id: UUID
    object_id: UUID
    created_at: datetime
    seen_at: datetime
    address: str
    user_agent: str

    @property
    def idle_ends_at(self) -> datetime:
        """When it ends if nothing is heard of it any more."""
        return min(self.seen_at + IDLE_PERIOD, self.ends_at)

    @property
    def ends_at(self) -> datetime:
        """When it ends at the latest."""
        return self.created_at + LONGEST_PERIOD


class Sessions:
    """Begins, finds and ends sessions. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, directory: Directory, clock: Clock) -> None:
        self._connections = connections
        self._directory = directory
        self._clock = clock

    def begin(self, object_id: UUID, address: str = "", user_agent: str = "") -> str:
        """Begin a session of an account that has just signed in, and return its id for the cookie."""
        home_id = self._home_of(object_id)
        session_id, now = secrets.token_urlsafe(_ID_BYTES), self._clock.now()
        digest = _digest(session_id)
        ended = or_(SESSION.c.seen_at <= now - IDLE_PERIOD, SESSION.c.created_at <= now - LONGEST_PERIOD)
        with self._connections.write() as connection:
            connection.execute(delete(SESSION).where(ended))
            connection.execute(
                insert(SESSION).values(
                    digest=digest,
                    object_id=home_id,
                    acting_id=None if object_id == home_id else object_id,
                    created_at=now,
                    seen_at=now,
                    address=address[:_ADDRESS_CHARACTERS],
                    user_agent=user_agent[:_AGENT_CHARACTERS],
                )
            )
            connection.execute(insert(SESSION_ACCOUNT).values(digest=digest, object_id=object_id))
        return session_id

    def find(
        self, session_id: str, tenant_name: str = "", *, keeps_alive: bool = True
    ) -> tuple[Session, Principal] | None:
        """Return a session and the caller that it stands for; None when it ended or never was.

        The caller is whom it entered the tenant of that id or domain as; without a name, whom it began as. It lasts
        longer for it, unless `keeps_alive` is off, as for what a page asks by itself. Raises `ServiceError`
        (unauthenticated) for a tenant that it has not entered.
        """
        digest, now = _digest(session_id), self._clock.now()
        with self._connections.read() as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.digest == digest)).first()
            session = None if row is None else _read(row)
            if session is None or now >= session.idle_ends_at:
                return None
            if tenant_name:
                session = self._choose(connection, digest, session, tenant_name)
        account = self._directory.find_live_account(session.object_id)
        if account is None:
            return None
        if keeps_alive and now - session.seen_at >= _TOUCH_INTERVAL:
            with self._connections.write() as connection:
                connection.execute(update(SESSION).where(SESSION.c.digest == digest).values(seen_at=now))
        return session, self._directory.principal_of(account)

    def find_principal(self, session_id: str) -> Principal | None:
        """Return whose session it is and keep it alive; None when it ended or never was."""
        found = self.find(session_id)
        return None if found is None else found[1]

    def enter(self, session_id: str, account: Account) -> bool:
        """Let a session act as another account of who signed in; return whether it could not before.

        Raises `ValueError` for an account of somebody else.
        """
        digest = _digest(session_id)
        with self._connections.write() as connection:
            home_id = connection.execute(
                select(SESSION.c.object_id).where(SESSION.c.digest == digest)
            ).scalar()
            if home_id is None or home_id != home_of(account):
                raise ValueError("A session acts as accounts of its own user only.")
            if _has_entered(connection, digest, account.object_id):
                return False
            connection.execute(insert(SESSION_ACCOUNT).values(digest=digest, object_id=account.object_id))
        return True

    def read(self, home_id: UUID) -> tuple[Session, ...]:
        """Return the sessions of an account that last, the one last used first."""
        chosen = select(SESSION).where(SESSION.c.object_id == home_id).order_by(SESSION.c.seen_at.desc())
        with self._connections.read() as connection:
            found = map(_read, connection.execute(chosen))
            return tuple(one for one in found if self._clock.now() < one.idle_ends_at)

    def end_named(self, home_id: UUID, name: str) -> bool:
        """End the session of an account that lists call by the name; return whether there was one."""
        with self._connections.write() as connection:
            of_account = SESSION.c.object_id == home_id
            digests = connection.execute(select(SESSION.c.digest).where(of_account)).scalars()
            ended = [digest for digest in digests if _name(digest) == name]
            connection.execute(delete(SESSION).where(SESSION.c.digest.in_(ended)))
        return bool(ended)

    def end(self, session_id: str) -> None:
        """End a session now."""
        with self._connections.write() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.digest == _digest(session_id)))

    def end_all(self, object_id: UUID) -> None:
        """End all sessions of an account, as after a change of its password, and those that began as it."""
        chosen = or_(SESSION.c.object_id == object_id, SESSION.c.acting_id == object_id)
        with self._connections.write() as connection:
            connection.execute(delete(SESSION).where(chosen))

    def _choose(self, connection: Connection, digest: bytes, session: Session, tenant_name: str) -> Session:
        tenant = self._directory.find_tenant(tenant_name)
        home = self._directory.find_live_account(session.home_id)
        if tenant is not None and home is not None:
            is_home = tenant.id == home.tenant_id
            account = home if is_home else self._directory.find_guest(tenant.id, home.object_id)
            if account is not None and _has_entered(connection, digest, account.object_id):
                return replace(session, object_id=account.object_id)
        message = (
            "The session has not entered the tenant of the request. POST /portal/api/session/tenant does."
        )
        raise ServiceError(Category.UNAUTHENTICATED, "TenantNotEntered", message)

    def _home_of(self, object_id: UUID) -> UUID:
        account = self._directory.find_account(object_id)
        return object_id if account is None else home_of(account)


def home_of(account: Account) -> UUID:
    """Return the account that signs in as this one: itself, for a guest the one of the home tenant."""
    return account.home_object_id or account.object_id


def session_cookie(session_id: str) -> str:
    """Return the `Set-Cookie` value that begins a session in a browser."""
    return f"{COOKIE_NAME}={session_id}; Path=/; HttpOnly; Secure; SameSite=Strict"


def ended_session_cookie() -> str:
    """Return the `Set-Cookie` value that makes a browser forget the session."""
    return f"{COOKIE_NAME}=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0"


def read_session_id(cookie_header: str) -> str | None:
    """Return the session id that a `Cookie` header holds."""
    try:
        cookie = SimpleCookie(cookie_header).get(COOKIE_NAME)
    except CookieError:
        return None
    return cookie.value if cookie is not None else None


def _read(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        _name(row.digest),
        row.object_id,
        row.acting_id or row.object_id,
        as_utc(row.created_at),
        as_utc(row.seen_at),
        row.address,
        row.user_agent,
    )


def _has_entered(connection: Connection, digest: bytes, object_id: UUID) -> bool:
    chosen = (SESSION_ACCOUNT.c.digest == digest) & (SESSION_ACCOUNT.c.object_id == object_id)
    return connection.execute(select(SESSION_ACCOUNT.c.object_id).where(chosen)).first() is not None


def _name(digest: bytes) -> str:
    return digest[:_NAME_BYTES].hex()


def _digest(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode()).digest()
