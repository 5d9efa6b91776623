"""OpenID Connect providers that tenants let their users sign in with, and who is who there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, insert, select

from kelp.base.clock import as_utc
from kelp.identity.accounts import Account
from kelp.identity.principal import AccountKind
from kelp.identity.schema import OUTSIDE_IDENTITY, OUTSIDE_PROVIDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kelp.base.clock import Clock
    from kelp.base.keys import KeyProvider
    from kelp.identity.accounts import Connections
    from kelp.identity.directory import Directory


@dataclass(frozen=True, slots=True)
class OutsideProvider:
    """A provider of a tenant. With `matches_mail` somebody new is recognised by a verified address."""

    id: UUID
    tenant_id: UUID
    name: str
    issuer: str
    client_id: str
    matches_mail: bool
    created_at: datetime


class OutsideProviders:
    """Keeps providers; their secrets lie wrapped. Safe for concurrent use; belongs on a worker thread."""

    def __init__(
        self, connections: Connections, keys: KeyProvider, directory: Directory, clock: Clock
    ) -> None:
        self._connections = connections
        self._keys = keys
        self._directory = directory
        self._clock = clock

    def read(self, tenant_id: UUID) -> tuple[OutsideProvider, ...]:
        """Return the providers of a tenant."""
        chosen = select(OUTSIDE_PROVIDER).where(OUTSIDE_PROVIDER.c.tenant_id == tenant_id)
        with self._connections.read() as connection:
            return tuple(map(_read, connection.execute(chosen.order_by(OUTSIDE_PROVIDER.c.created_at))))

    def find(self, provider_id: UUID) -> OutsideProvider | None:
        """Return a provider."""
        chosen = select(OUTSIDE_PROVIDER).where(OUTSIDE_PROVIDER.c.id == provider_id)
        with self._connections.read() as connection:
            row = connection.execute(chosen).first()
        return _read(row) if row is not None else None

    def read_secret(self, provider: OutsideProvider) -> str:
        """Return what we prove ourselves with to a provider."""
        chosen = select(OUTSIDE_PROVIDER.c.wrapped_secret).where(OUTSIDE_PROVIDER.c.id == provider.id)
        with self._connections.read() as connection:
            wrapped = connection.execute(chosen).scalar_one()
        return self._keys.unwrap(_purpose(provider.id), wrapped).decode()

    def create(
        self, tenant_id: UUID, name: str, issuer: str, client_id: str, secret: str, *, matches_mail: bool
    ) -> OutsideProvider:
        """Keep a new provider."""
        made = OutsideProvider(
            uuid4(), tenant_id, name, issuer.rstrip("/"), client_id, matches_mail, self._clock.now()
        )
        with self._connections.write() as connection:
            connection.execute(
                insert(OUTSIDE_PROVIDER).values(
                    id=made.id,
                    tenant_id=tenant_id,
                    name=name,
                    issuer=made.issuer,
                    client_id=client_id,
                    wrapped_secret=self._keys.wrap(_purpose(made.id), secret.encode()),
                    matches_mail=matches_mail,
                    created_at=made.created_at,
                )
            )
        return made

    def delete(self, provider_id: UUID) -> None:
        """Forget a provider and who is who there."""
        with self._connections.write() as connection:
            connection.execute(delete(OUTSIDE_PROVIDER).where(OUTSIDE_PROVIDER.c.id == provider_id))

    def find_account(self, provider: OutsideProvider, claims: Mapping[str, Any]) -> Account | None:
        """Return the user of the tenant whom the claims of a provider are about; None when it knows none.

        The subject decides, once it is known. Before that a verified address that is a user's sign-in name or, of one
        user only, mail address; then the subject is known.
        """
        subject = str(claims["sub"])[:512]
        table = OUTSIDE_IDENTITY.c
        chosen = (table.provider_id == provider.id) & (table.subject == subject)
        with self._connections.read() as connection:
            object_id = connection.execute(select(table.object_id).where(chosen)).scalar()
        if object_id is not None:
            return self._directory.find_account(object_id)
        is_verified = claims.get("email_verified") is True
        if not provider.matches_mail or not is_verified or not claims.get("email"):
            return None
        found = self._find_by_mail(provider.tenant_id, str(claims["email"]).lower())
        if found is not None:
            with self._connections.write() as connection:
                connection.execute(
                    insert(OUTSIDE_IDENTITY).values(
                        provider_id=provider.id, subject=subject, object_id=found.object_id
                    )
                )
        return found

    def _find_by_mail(self, tenant_id: UUID, mail: str) -> Account | None:
        users = [
            one
            for one in self._directory.iter_accounts(tenant_id)
            if one.kind is AccountKind.USER and not one.is_guest
        ]
        named = [one for one in users if one.user_name == mail] or [one for one in users if one.mail == mail]
        return named[0] if len(named) == 1 else None


def _read(row: Row[tuple[object, ...]]) -> OutsideProvider:
    return OutsideProvider(
        row.id,
        row.tenant_id,
        row.name,
        row.issuer,
        row.client_id,
        row.matches_mail,
        as_utc(row.created_at),
    )


def _purpose(provider_id: UUID) -> str:
    return f"outside-provider/{provider_id}"
