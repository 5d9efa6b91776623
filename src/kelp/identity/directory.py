"""The directory: tenants, and the users and applications in them, with their credentials.

Accounts without their credentials are kept in memory, since every request asks for one; hashes are read when someone
signs in.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, insert, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category, ServiceError
from kelp.identity.principal import AccountKind
from kelp.identity.schema import CLIENT_SECRET, PRINCIPAL, TENANT
from kelp.identity.secrets_hash import SecretHasher, new_secret

SECRET_LIFETIME = timedelta(days=730)


class Connections(Protocol):
    """Where the directory's tables lie."""

    def read(self) -> AbstractContextManager[Connection]:
        """Lend a connection for reading."""
        ...

    def write(self) -> AbstractContextManager[Connection]:
        """Lend a connection in a transaction that commits when its block ends well."""
        ...


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization; `domain` stands at the end of its users' names."""

    id: UUID
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Account:
    """A user or an application of a tenant. `name` is the display name, `user_name` what a user signs in with."""

    object_id: UUID
    tenant_id: UUID
    kind: AccountKind
    name: str
    application_id: UUID | None = None
    user_name: str | None = None
    is_enabled: bool = True


class SecretState(Enum):
    """What became of a presented secret."""

    RIGHT = auto()
    WRONG = auto()
    EXPIRED = auto()


@dataclass(frozen=True, slots=True)
class _Index:
    """All tenants and accounts, by whatever they are asked for. Never changed, only replaced."""

    tenants: Mapping[UUID, Tenant]
    domains: Mapping[str, Tenant]
    accounts: Mapping[UUID, Account]
    applications: Mapping[UUID, Account]
    users: Mapping[str, Account]


class Directory:
    """Finds, makes and changes tenants and accounts.

    Safe for concurrent use. What is named `find_..` answers from memory; the rest belongs on a worker thread.
    """

    def __init__(self, connections: Connections, clock: Clock, hasher: SecretHasher) -> None:
        self._connections = connections
        self._clock = clock
        self._hasher = hasher
        self._lock = threading.Lock()
        self._index = self._load()

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """All tenants."""
        return tuple(self._index.tenants.values())

    def find_tenant(self, name: str) -> Tenant | None:
        """Return the tenant of that id or domain."""
        try:
            return self._index.tenants.get(UUID(name))
        except ValueError:
            return self._index.domains.get(name.lower())

    def find_account(self, object_id: UUID) -> Account | None:
        """Return the account, enabled or not."""
        return self._index.accounts.get(object_id)

    def find_application(self, application_id: UUID) -> Account | None:
        """Return the account of an application by its client id."""
        return self._index.applications.get(application_id)

    def find_application_by_name(self, tenant_id: UUID, name: str) -> Account | None:
        """Return the first application of a tenant that is displayed under the name."""
        for account in self._index.applications.values():
            if account.tenant_id == tenant_id and account.name == name:
                return account
        return None

    def find_user(self, user_name: str) -> Account | None:
        """Return the user who signs in with that name, in any case."""
        return self._index.users.get(user_name.lower())

    def refresh(self) -> None:
        """Take over what other processes wrote."""
        with self._lock:
            self._index = self._load()

    def create_tenant(self, name: str, domain: str, tenant_id: UUID | None = None) -> Tenant:
        """Make a tenant. Raises `ServiceError` (conflict) when id or domain are taken."""
        tenant = Tenant(tenant_id or uuid4(), name, domain.lower())
        with self._lock:
            if tenant.id in self._index.tenants or tenant.domain in self._index.domains:
                raise _conflict(f"There is a tenant with the id '{tenant.id}' or the domain '{domain}'.")
            with self._connections.write() as connection:
                connection.execute(
                    insert(TENANT).values(
                        id=tenant.id, name=name, domain=tenant.domain, created_at=self._clock.now()
                    )
                )
            self._index = self._load()
        return tenant

    def create_application(self, tenant_id: UUID, name: str) -> Account:
        """Make an application without a secret. Raises `ServiceError` (not_found) for an unknown tenant."""
        return self._create(Account(uuid4(), tenant_id, AccountKind.SERVICE_PRINCIPAL, name, uuid4()))

    def create_user(self, tenant_id: UUID, user_name: str, name: str, password: str) -> Account:
        """Make a user. Raises `ServiceError`: not_found for an unknown tenant, conflict when the name is taken."""
        account = Account(uuid4(), tenant_id, AccountKind.USER, name, user_name=user_name.lower())
        return self._create(account, self._hasher.hash(password))

    def add_secret(self, object_id: UUID, lifetime: timedelta = SECRET_LIFETIME) -> str:
        """Give an application one more secret and return it; it can't be read again."""
        secret = new_secret()
        hashed, now = self._hasher.hash(secret), self._clock.now()
        with self._connections.write() as connection:
            connection.execute(
                insert(CLIENT_SECRET).values(
                    id=uuid4(), object_id=object_id, hash=hashed, created_at=now, expires_at=now + lifetime
                )
            )
        return secret

    def remove_secrets(self, object_id: UUID) -> None:
        """Take all secrets from an application; tokens it holds stay good until they expire."""
        with self._connections.write() as connection:
            connection.execute(delete(CLIENT_SECRET).where(CLIENT_SECRET.c.object_id == object_id))

    def set_password(self, object_id: UUID, password: str) -> None:
        """Replace a user's password."""
        hashed = self._hasher.hash(password)
        with self._connections.write() as connection:
            connection.execute(
                update(PRINCIPAL).where(PRINCIPAL.c.object_id == object_id).values(password_hash=hashed)
            )

    def set_enabled(self, object_id: UUID, *, is_enabled: bool) -> None:
        """Let an account in or keep it out; its tokens and sessions are worth nothing while it is out."""
        with self._lock:
            with self._connections.write() as connection:
                connection.execute(
                    update(PRINCIPAL).where(PRINCIPAL.c.object_id == object_id).values(is_enabled=is_enabled)
                )
            self._index = self._load()

    def verify_secret(self, account: Account, secret: str) -> SecretState:
        """Check an application's secret against all it has."""
        with self._connections.read() as connection:
            rows = connection.execute(
                select(CLIENT_SECRET.c.hash, CLIENT_SECRET.c.expires_at).where(
                    CLIENT_SECRET.c.object_id == account.object_id
                )
            ).all()
        for row in rows:
            if self._hasher.verify(row.hash, secret):
                expired = as_utc(row.expires_at) <= self._clock.now()
                return SecretState.EXPIRED if expired else SecretState.RIGHT
        return SecretState.WRONG

    def verify_password(self, account: Account | None, password: str) -> bool:
        """Check a user's password; takes as long for a user who does not exist."""
        hashed = None
        if account is not None:
            with self._connections.read() as connection:
                hashed = connection.execute(
                    select(PRINCIPAL.c.password_hash).where(PRINCIPAL.c.object_id == account.object_id)
                ).scalar()
        return self._hasher.verify(hashed, password)

    def _create(self, account: Account, password_hash: str | None = None) -> Account:
        with self._lock:
            if account.tenant_id not in self._index.tenants:
                raise ServiceError(
                    Category.NOT_FOUND, "TenantNotFound", f"There is no tenant '{account.tenant_id}'."
                )
            if account.user_name in self._index.users:
                raise _conflict(f"There is a user '{account.user_name}'.")
            with self._connections.write() as connection:
                connection.execute(
                    insert(PRINCIPAL).values(
                        object_id=account.object_id,
                        tenant_id=account.tenant_id,
                        kind=account.kind,
                        name=account.name,
                        application_id=account.application_id,
                        user_name=account.user_name,
                        password_hash=password_hash,
                        is_enabled=account.is_enabled,
                        created_at=self._clock.now(),
                    )
                )
            self._index = self._load()
        return account

    def _load(self) -> _Index:
        with self._connections.read() as connection:
            tenants = [
                Tenant(row.id, row.name, row.domain)
                for row in connection.execute(select(TENANT).order_by(TENANT.c.created_at))
            ]
            accounts = [
                Account(
                    row.object_id,
                    row.tenant_id,
                    AccountKind(row.kind),
                    row.name,
                    row.application_id,
                    row.user_name,
                    row.is_enabled,
                )
                for row in connection.execute(select(PRINCIPAL))
            ]
        return _Index(
            {tenant.id: tenant for tenant in tenants},
            {tenant.domain: tenant for tenant in tenants},
            {account.object_id: account for account in accounts},
            {account.application_id: account for account in accounts if account.application_id},
            {account.user_name: account for account in accounts if account.user_name},
        )


def _conflict(message: str) -> ServiceError:
    return ServiceError(Category.CONFLICT, "Request_ResourceAlreadyExists", message)
