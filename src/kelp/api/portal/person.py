"""Which tenants somebody reaches, and as whom: at home, as a guest elsewhere, and where something was delegated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from kelp.identity.accounts import Account, Tenant
    from kelp.identity.directory import Directory
    from kelp.resources.access import Access


class Relation(StrEnum):
    """How somebody belongs to a tenant."""

    HOME = "home"
    GUEST = "guest"
    DELEGATED = "delegated"


@dataclass(frozen=True, slots=True)
class Membership:
    """A tenant that somebody reaches, acting as `account`."""

    tenant: Tenant
    relation: Relation
    account: Account


class People:
    """Finds memberships. Answers from memory; safe for concurrent use."""

    def __init__(self, directory: Directory, access: Access) -> None:
        self._directory = directory
        self._access = access

    def list_accounts(self, home_id: UUID) -> list[Membership]:
        """Return the tenants in which somebody has an account that may act: the home tenant first, others by name."""
        found = list[Membership]()
        home = self._directory.find_live_account(home_id)
        for tenant in sorted(self._directory.tenants, key=lambda one: one.name.lower()):
            if home is not None and tenant.id == home.tenant_id:
                found.insert(0, Membership(tenant, Relation.HOME, home))
                continue
            guest = self._directory.find_guest(tenant.id, home_id)
            if guest is not None and self._directory.find_live_account(guest.object_id) is not None:
                found.append(Membership(tenant, Relation.GUEST, guest))
        return found

    def list_all(self, home_id: UUID) -> list[Membership]:
        """Return all tenants that somebody reaches: by account, then those that delegated something, by name."""
        found = self.list_accounts(home_id)
        known = {one.tenant.id for one in found}
        delegated = list[Membership]()
        for one in found:
            for tenant in self._iter_delegating(one.account, known):
                known.add(tenant.id)
                delegated.append(Membership(tenant, Relation.DELEGATED, one.account))
        return found + sorted(delegated, key=lambda one: one.tenant.name.lower())

    def get(self, home_id: UUID, tenant_name: str) -> Membership:
        """Return how somebody reaches the tenant of that id or domain. Raises `ServiceError` (not_found)."""
        tenant = self._directory.find_tenant(tenant_name)
        for one in self.list_all(home_id) if tenant is not None else ():
            if tenant is not None and one.tenant.id == tenant.id:
                return one
        message = f"You have no account in a tenant '{tenant_name}', and nothing there is delegated to you."
        raise ServiceError(Category.NOT_FOUND, "TenantNotFound", message, target="tenant")

    def _iter_delegating(self, account: Account, known: set[UUID]) -> Iterator[Tenant]:
        for owner in self._access.list_delegating_tenants(self._directory.principal_of(account)) - known:
            tenant = self._directory.find_tenant(str(owner))
            if tenant is not None:
                yield tenant
