"""The directory: tenants, and the users, guests, applications and managed identities in them, with their secrets.

Accounts without their credentials are kept in memory, since every request asks for one; hashes are read when someone
signs in. Groups are in `groups`, invitations in `guests`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category, ServiceError
from kelp.identity.accounts import (
    Account,
    AccountIndex,
    Connections,
    Tenant,
    account_conflict,
    account_missing,
)
from kelp.identity.groups import Groups
from kelp.identity.guests import Guests
from kelp.identity.principal import AccountKind, Principal
from kelp.identity.schema import (
    CLIENT_SECRET,
    GROUP_MEMBER,
    PRINCIPAL,
    REFRESH_TOKEN,
    SESSION,
    TENANT,
    TENANT_DOMAIN,
)
from kelp.identity.secrets_hash import SecretHasher, new_secret

__all__ = ["Account", "Connections", "Directory", "SecretState", "Tenant"]

_LOCAL_PART = re.compile(r"[A-Za-z0-9.'_!^~-]{1,64}")
"""No `#`: it marks the names of guests."""
SECRET_LIFETIME = timedelta(days=730)
_HINT_CHARACTERS = 3


class SecretState(Enum):
    """What became of a presented secret."""

    RIGHT = auto()
    WRONG = auto()
    EXPIRED = auto()


class Directory:
    """Finds, makes and changes tenants and accounts.

    Safe for concurrent use. What is named `find_..` or `iter_..` answers from memory; the rest belongs on a worker
    thread.
    """

    def __init__(self, connections: Connections, clock: Clock, hasher: SecretHasher) -> None:
        self._connections = connections
        self._clock = clock
        self._hasher = hasher
        self._lock = threading.Lock()
        self._index = AccountIndex.load(connections)
        self.groups = Groups(connections, clock, self.find_account)
        self.guests = Guests(connections, self, clock)

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

    def find_live_account(self, object_id: UUID) -> Account | None:
        """Return the account if it may act: it is enabled, and for a guest the home account too."""
        account = self._index.accounts.get(object_id)
        return account if account is not None and self._index.is_live(account) else None

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

    def find_guest(self, tenant_id: UUID, home_object_id: UUID) -> Account | None:
        """Return the account as which an account of another tenant is a guest of this one."""
        return self._index.guests.get((tenant_id, home_object_id))

    def find_managed_identity(self, resource_id: str) -> Account | None:
        """Return the identity of a resource."""
        return self._index.identities.get(resource_id.lower())

    def iter_accounts(self, tenant_id: UUID) -> Iterator[Account]:
        """Yield the accounts of a tenant."""
        return self._index.iter_accounts(tenant_id)

    def principal_of(self, account: Account, application_id: UUID | None = None) -> Principal:
        """Return the account as a caller, with all groups that it is in now."""
        return account.as_principal(application_id, self.groups.find_all_of(account.object_id))

    def find_live_principal(self, object_id: UUID) -> Principal | None:
        """Return the account as a caller, with all groups that it is in now; None if it may not act."""
        account = self.find_live_account(object_id)
        return None if account is None else self.principal_of(account)

    def refresh(self) -> None:
        """Take over what other processes wrote."""
        with self._lock:
            self._index = AccountIndex.load(self._connections)
        self.groups.refresh()

    def create_tenant(self, name: str, domain: str, tenant_id: UUID | None = None) -> Tenant:
        """Make a tenant. Raises `ServiceError` (conflict) when id or domain are taken."""
        now = self._clock.now()
        tenant = Tenant(tenant_id or uuid4(), name, domain.lower(), created_at=now)
        with self._lock:
            if tenant.id in self._index.tenants or tenant.domain in self._index.domains:
                raise account_conflict(
                    f"There is a tenant with the id '{tenant.id}' or the domain '{domain}'."
                )
            with self._connections.write() as connection:
                connection.execute(
                    insert(TENANT).values(id=tenant.id, name=name, domain=tenant.domain, created_at=now)
                )
            self._index = self._index.with_tenant(tenant)
        return tenant

    def rename_tenant(self, tenant_id: UUID, name: str) -> Tenant:
        """Give a tenant another display name."""
        return self._change_tenant(tenant_id, name=name)

    def set_log_workspace(self, tenant_id: UUID, workspace_id: UUID | None) -> Tenant:
        """Choose the workspace that the tenant's sign-ins and changes are logged in; None for nowhere."""
        return self._change_tenant(tenant_id, log_workspace_id=workspace_id)

    def add_domain(self, tenant_id: UUID, domain: str) -> Tenant:
        """Give a tenant one more domain. Raises `ServiceError` (conflict) when a tenant has it."""
        domain = domain.lower()
        with self._lock:
            tenant = self._get_tenant(tenant_id)
            if domain in self._index.domains:
                raise account_conflict(f"The domain '{domain}' belongs to a tenant already.")
            with self._connections.write() as connection:
                connection.execute(
                    insert(TENANT_DOMAIN).values(
                        name=domain, tenant_id=tenant_id, created_at=self._clock.now()
                    )
                )
            tenant = replace(tenant, other_domains=tuple(sorted((*tenant.other_domains, domain))))
            self._index = self._index.with_tenant(tenant)
        return tenant

    def remove_domain(self, tenant_id: UUID, domain: str) -> Tenant:
        """Take a domain from a tenant. Raises `ServiceError`: not_found, conflict for the first and while in use."""
        domain = domain.lower()
        with self._lock:
            tenant = self._get_tenant(tenant_id)
            if domain not in tenant.domains:
                raise account_missing("domain", domain)
            users = [name for name in self._index.users if name.rpartition("@")[2] == domain]
            if users or domain == tenant.domain:
                why = f"{len(users)} user names end in it" if users else "it is the tenant's first one"
                raise ServiceError(
                    Category.CONFLICT, "Request_BadRequest", f"The domain '{domain}' can't be removed: {why}."
                )
            with self._connections.write() as connection:
                connection.execute(delete(TENANT_DOMAIN).where(TENANT_DOMAIN.c.name == domain))
            kept = tuple(name for name in tenant.other_domains if name != domain)
            tenant = replace(tenant, other_domains=kept)
            self._index = self._index.with_tenant(tenant)
        return tenant

    def create_application(self, tenant_id: UUID, name: str) -> Account:
        """Make an application without a secret. Raises `ServiceError` (not_found) for an unknown tenant."""
        return self.add_account(Account(uuid4(), tenant_id, AccountKind.SERVICE_PRINCIPAL, name, uuid4()))

    def create_user(self, tenant_id: UUID, user_name: str, name: str, password: str) -> Account:
        """Make a user.

        Raises `ServiceError`: not_found for an unknown tenant, conflict when the name is taken, invalid when it ends in
        no domain of the tenant.
        """
        user_name = user_name.lower()
        self._require_domain(tenant_id, user_name)
        account = Account(uuid4(), tenant_id, AccountKind.USER, name, user_name=user_name)
        return self.add_account(account, self._hasher.hash(password))

    def create_managed_identity(self, tenant_id: UUID, resource_id: str, name: str) -> Account:
        """Make the identity of a resource, or return the one it has."""
        found = self.find_managed_identity(resource_id)
        if found is not None:
            return found
        kind = AccountKind.SERVICE_PRINCIPAL
        return self.add_account(Account(uuid4(), tenant_id, kind, name, uuid4(), resource_id=resource_id))

    def remove_managed_identity(self, resource_id: str) -> None:
        """Remove the identity of a resource if it has one."""
        found = self.find_managed_identity(resource_id)
        if found is not None:
            self.delete_account(found.object_id)

    def add_account(self, account: Account, password_hash: str | None = None) -> Account:
        """Keep a new account. Raises `ServiceError`: not_found for an unknown tenant, conflict for a taken name."""
        account = replace(account, created_at=self._clock.now())
        with self._lock:
            self._get_tenant(account.tenant_id)
            if account.user_name in self._index.users:
                raise account_conflict(
                    f"Another object with the same value for property userPrincipalName already exists: "
                    f"there is a user '{account.user_name}'."
                )
            columns = {name: getattr(account, name) for name in _COLUMNS}
            with self._connections.write() as connection:
                connection.execute(insert(PRINCIPAL).values(password_hash=password_hash, **columns))
            self._index = self._index.with_account(account)
        return account

    def update_account(self, object_id: UUID, **changed: Any) -> Account:
        """Change fields of an account: name, user_name, mail, is_enabled, home_object_id, redeemed_at.

        Raises `ServiceError`: not_found, conflict when a user name is taken, invalid when it ends in no domain of the
        tenant.
        """
        with self._lock:
            account = self._get_account(object_id)
            user_name = changed.get("user_name")
            if user_name is not None:
                changed["user_name"] = user_name = user_name.lower()
                holder = self._index.users.get(user_name)
                if holder is not None and holder.object_id != object_id:
                    raise account_conflict(f"There is a user '{user_name}'.")
                self._require_domain(account.tenant_id, user_name)
            if not changed:
                return account
            account = replace(account, **changed)
            with self._connections.write() as connection:
                connection.execute(
                    update(PRINCIPAL).where(PRINCIPAL.c.object_id == object_id).values(**changed)
                )
            self._index = self._index.with_account(account)
        return account

    def delete_account(self, object_id: UUID) -> None:
        """Remove an account with its credentials, sessions and memberships. Raises `ServiceError` (not_found).

        Its object id is never given again, so that role assignments that name it mean nobody.
        """
        with self._lock:
            self._get_account(object_id)
            with self._connections.write() as connection:
                connection.execute(delete(GROUP_MEMBER).where(GROUP_MEMBER.c.member_id == object_id))
                connection.execute(delete(PRINCIPAL).where(PRINCIPAL.c.object_id == object_id))
            self._index = self._index.without_account(object_id)
        self.groups.refresh()

    def add_secret(self, object_id: UUID, lifetime: timedelta = SECRET_LIFETIME, name: str = "") -> str:
        """Give an application one more secret and return it; it can't be read again."""
        return self.add_named_secret(object_id, uuid4(), lifetime, name)

    def add_named_secret(self, object_id: UUID, secret_id: UUID, lifetime: timedelta, name: str) -> str:
        """The same under an id by which the secret can be removed."""
        secret = new_secret()
        hashed, now = self._hasher.hash(secret), self._clock.now()
        with self._connections.write() as connection:
            connection.execute(
                insert(CLIENT_SECRET).values(
                    id=secret_id,
                    object_id=object_id,
                    hash=hashed,
                    created_at=now,
                    expires_at=now + lifetime,
                    name=name,
                    hint=secret[:_HINT_CHARACTERS],
                )
            )
        return secret

    def remove_secrets(self, object_id: UUID, secret_id: UUID | None = None) -> int:
        """Take one secret, else all, from an application; return how many. Its tokens stay good until they expire."""
        chosen = delete(CLIENT_SECRET).where(CLIENT_SECRET.c.object_id == object_id)
        if secret_id is not None:
            chosen = chosen.where(CLIENT_SECRET.c.id == secret_id)
        with self._connections.write() as connection:
            return connection.execute(chosen).rowcount

    def set_password(self, object_id: UUID, password: str) -> None:
        """Replace a user's password; sessions and refresh tokens end, access tokens stay good until they expire."""
        hashed = self._hasher.hash(password)
        with self._connections.write() as connection:
            connection.execute(
                update(PRINCIPAL).where(PRINCIPAL.c.object_id == object_id).values(password_hash=hashed)
            )
            for table in (SESSION, REFRESH_TOKEN):
                connection.execute(delete(table).where(table.c.object_id == object_id))

    def set_enabled(self, object_id: UUID, *, is_enabled: bool) -> None:
        """Let an account in or keep it out; its tokens and sessions are worth nothing while it is out."""
        self.update_account(object_id, is_enabled=is_enabled)

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

    def _change_tenant(self, tenant_id: UUID, **changed: Any) -> Tenant:
        with self._lock:
            tenant = replace(self._get_tenant(tenant_id), **changed)
            with self._connections.write() as connection:
                connection.execute(update(TENANT).where(TENANT.c.id == tenant_id).values(**changed))
            self._index = self._index.with_tenant(tenant)
        return tenant

    def _require_domain(self, tenant_id: UUID, user_name: str) -> None:
        tenant = self._get_tenant(tenant_id)
        local_part, _, domain = user_name.rpartition("@")
        if domain in tenant.domains and not _LOCAL_PART.fullmatch(local_part):
            raise ServiceError(
                Category.INVALID,
                "Request_BadRequest",
                f"'{user_name}' is no user name: before the @ stand 1 to 64 letters, digits and any of . - _ ' ! ^ ~",
                target="userPrincipalName",
            )
        if domain not in tenant.domains:
            raise ServiceError(
                Category.INVALID,
                "Request_BadRequest",
                f"The domain portion of the userPrincipalName property is invalid: '{user_name}' must be a name, @ and "
                f"a domain of the tenant: {', '.join(tenant.domains)}.",
                target="userPrincipalName",
            )

    def _get_tenant(self, tenant_id: UUID) -> Tenant:
        tenant = self._index.tenants.get(tenant_id)
        if tenant is None:
            raise ServiceError(Category.NOT_FOUND, "TenantNotFound", f"There is no tenant '{tenant_id}'.")
        return tenant

    def _get_account(self, object_id: UUID) -> Account:
        account = self._index.accounts.get(object_id)
        if account is None:
            raise account_missing("account", object_id)
        return account


_COLUMNS = (
    "object_id",
    "tenant_id",
    "kind",
    "name",
    "application_id",
    "user_name",
    "is_enabled",
    "created_at",
    "mail",
    "is_guest",
    "home_object_id",
    "redeemed_at",
    "resource_id",
)
