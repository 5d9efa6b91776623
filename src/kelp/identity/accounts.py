"""What the directory knows of tenants and accounts, and how it is found in memory. Knows no credentials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection, Row, select

from kelp.base.clock import as_utc
from kelp.base.errors import Category, ServiceError
from kelp.identity.principal import AccountKind, Principal
from kelp.identity.schema import PRINCIPAL, TENANT, TENANT_DOMAIN

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    """An organization. Names of its users end in `domain` or in one of `other_domains`.

    `log_workspace_id` is where its sign-ins and changes are logged; nowhere while it is None.
    """

    id: UUID
    name: str
    domain: str
    other_domains: tuple[str, ...] = ()
    log_workspace_id: UUID | None = None
    created_at: datetime = _EPOCH

    @property
    def domains(self) -> tuple[str, ...]:
        """All domains, the first one first."""
        return (self.domain, *self.other_domains)


@dataclass(frozen=True, slots=True)
class Account:
    """A user, a guest, an application or a managed identity of a tenant.

    `name` is the display name, `user_name` what a user signs in with. A guest signs in as its `home_object_id`, which
    is None until the invitation is redeemed, and `mail` is whom the invitation went to. A managed identity belongs to
    the resource `resource_id` and nobody signs in as it.
    """

    object_id: UUID
    tenant_id: UUID
    kind: AccountKind
    name: str
    application_id: UUID | None = None
    user_name: str | None = None
    is_enabled: bool = True
    mail: str | None = None
    is_guest: bool = False
    home_object_id: UUID | None = None
    redeemed_at: datetime | None = None
    resource_id: str | None = None
    created_at: datetime = _EPOCH

    @property
    def shown_name(self) -> str:
        """What to call the account in logs: a user's sign-in name, a guest's address, an application's name."""
        if self.is_guest:
            return self.mail or self.name
        return self.user_name or self.name

    def as_principal(self, application_id: UUID | None, group_ids: frozenset[UUID]) -> Principal:
        """Return the account as a caller who signed in through an application."""
        return Principal(
            self.tenant_id, self.object_id, self.kind, self.shown_name, application_id, group_ids
        )


@dataclass(frozen=True, slots=True)
class AccountIndex:
    """All tenants and accounts, by whatever they are asked for. Never changed, only replaced."""

    tenants: Mapping[UUID, Tenant]
    domains: Mapping[str, Tenant]
    accounts: Mapping[UUID, Account]
    applications: Mapping[UUID, Account]
    users: Mapping[str, Account]
    guests: Mapping[tuple[UUID, UUID], Account]
    """By the tenant they are guests of and the account they sign in as."""
    identities: Mapping[str, Account]
    """Managed identities by resource id in lower case."""

    @classmethod
    def of(cls, tenants: Iterable[Tenant], accounts: Iterable[Account]) -> AccountIndex:
        """Index the tenants and accounts."""
        known, listed = list(tenants), list(accounts)
        return cls(
            {tenant.id: tenant for tenant in known},
            {name: tenant for tenant in known for name in tenant.domains},
            {account.object_id: account for account in listed},
            {account.application_id: account for account in listed if account.application_id},
            {account.user_name: account for account in listed if account.user_name},
            {
                (account.tenant_id, account.home_object_id): account
                for account in listed
                if account.home_object_id
            },
            {account.resource_id.lower(): account for account in listed if account.resource_id},
        )

    @classmethod
    def load(cls, connections: Connections) -> AccountIndex:
        """Read everything from the database."""
        with connections.read() as connection:
            others: dict[UUID, list[str]] = {}
            for row in connection.execute(select(TENANT_DOMAIN).order_by(TENANT_DOMAIN.c.name)):
                others.setdefault(row.tenant_id, []).append(row.name)
            tenants = [
                Tenant(
                    row.id,
                    row.name,
                    row.domain,
                    tuple(others.get(row.id, ())),
                    row.log_workspace_id,
                    as_utc(row.created_at),
                )
                for row in connection.execute(select(TENANT).order_by(TENANT.c.created_at))
            ]
            accounts = [_read_account(row) for row in connection.execute(select(PRINCIPAL))]
        return cls.of(tenants, accounts)

    def with_tenant(self, tenant: Tenant) -> AccountIndex:
        """Return the index with a tenant that is new or changed."""
        tenants = {**self.tenants, tenant.id: tenant}
        domains = {name: found for name, found in self.domains.items() if found.id != tenant.id}
        return replace(self, tenants=tenants, domains=domains | dict.fromkeys(tenant.domains, tenant))

    def with_account(self, account: Account) -> AccountIndex:
        """Return the index with an account that is new or changed."""
        return AccountIndex.of(self.tenants.values(), {**self.accounts, account.object_id: account}.values())

    def without_account(self, object_id: UUID) -> AccountIndex:
        """Return the index without an account."""
        kept = {key: account for key, account in self.accounts.items() if key != object_id}
        return AccountIndex.of(self.tenants.values(), kept.values())

    def iter_accounts(self, tenant_id: UUID) -> Iterator[Account]:
        """Yield the accounts of a tenant."""
        return (account for account in self.accounts.values() if account.tenant_id == tenant_id)

    def is_live(self, account: Account) -> bool:
        """Tell whether the account may act: it is enabled, and for a guest the home account too."""
        if not account.is_enabled:
            return False
        if not account.is_guest:
            return True
        home = self.accounts.get(account.home_object_id) if account.home_object_id else None
        return home is not None and home.is_enabled


def _read_account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        row.object_id,
        row.tenant_id,
        AccountKind(row.kind),
        row.name,
        row.application_id,
        row.user_name,
        row.is_enabled,
        row.mail,
        row.is_guest,
        row.home_object_id,
        as_utc(row.redeemed_at) if row.redeemed_at else None,
        row.resource_id,
        as_utc(row.created_at),
    )


def account_conflict(message: str) -> ServiceError:
    """Return the refusal of a name that is taken."""
    return ServiceError(Category.CONFLICT, "Request_MultipleObjectsWithSameKeyValue", message)


def account_missing(kind: str, name: object) -> ServiceError:
    """Return the refusal for something that the directory does not have."""
    return ServiceError(
        Category.NOT_FOUND,
        "Request_ResourceNotFound",
        f"Resource '{name}' does not exist or one of its queried reference-property objects are not present: there "
        f"is no such {kind}.",
    )
