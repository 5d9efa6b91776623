"""Guests: accounts of one tenant as which people of another tenant sign in, with the credentials they have at home.

A guest is invited by address. The invitation is redeemed when the user of that name signs in at the host tenant, or
when any user follows the invitation's link and signs in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import delete, insert, select

from kelp.base.clock import as_utc
from kelp.base.errors import Category, ServiceError
from kelp.identity.accounts import Account, Tenant, account_conflict, account_missing
from kelp.identity.principal import AccountKind
from kelp.identity.schema import INVITATION

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.identity.accounts import Connections
    from kelp.identity.directory import Directory

INVITATION_LIFETIME = timedelta(days=30)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Invitation:
    """A guest who was just invited, and the token of the link to follow; it can't be read again."""

    guest: Account
    token: str = field(repr=False)


class Guests:
    """Invites, redeems and recognises guests. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, directory: Directory, clock: Clock) -> None:
        self._connections = connections
        self._directory = directory
        self._clock = clock

    def invite(self, tenant: Tenant, mail: str, name: str = "", redirect_url: str = "") -> Invitation:
        """Make a pending guest of a tenant, or a new link for one that is pending.

        Raises `ServiceError`: invalid for what is no address, conflict for a user of the tenant itself or a guest who
        has redeemed already.
        """
        mail = mail.strip().lower()
        local_part, at, domain = mail.rpartition("@")
        if not local_part or not at or not domain or " " in mail:
            raise ServiceError(
                Category.INVALID,
                "BadRequest",
                f"'{mail}' is no address to invite.",
                target="invitedUserEmailAddress",
            )
        if domain in tenant.domains:
            raise account_conflict(
                f"'{mail}' ends in a domain of the tenant itself: its users are no guests."
            )
        user_name = f"{mail.replace('@', '_')}#ext#@{tenant.domain}"
        guest = self._directory.find_user(user_name)
        if guest is not None and guest.home_object_id is not None:
            raise account_conflict(f"'{mail}' is a guest of the tenant already.")
        if guest is None:
            draft = Account(
                uuid4(),
                tenant.id,
                AccountKind.USER,
                name or mail,
                user_name=user_name,
                mail=mail,
                is_guest=True,
            )
            guest = self._directory.add_account(draft)
        return Invitation(guest, self._begin(guest, redirect_url))

    def find_guest_of(self, token: str) -> Account | None:
        """Return whom an invitation link is for; None when it was followed, is too old or never was."""
        with self._connections.read() as connection:
            row = connection.execute(select(INVITATION).where(INVITATION.c.digest == _digest(token))).first()
        if row is None or as_utc(row.expires_at) <= self._clock.now():
            return None
        return self._directory.find_account(row.object_id)

    def redeem(self, token: str, home: Account) -> tuple[Account, str]:
        """Make an account the guest that the link invites; return the guest and where to go on.

        Raises `ServiceError`: not_found for a link that is not good any more, conflict when the account can't be that
        guest.
        """
        guest = self.find_guest_of(token)
        if guest is None:
            raise account_missing("open invitation", "redeem")
        with self._connections.read() as connection:
            redirect_url = connection.execute(
                select(INVITATION.c.redirect_url).where(INVITATION.c.digest == _digest(token))
            ).scalar()
        return self._bind(guest, home), redirect_url or ""

    def find_or_redeem(self, tenant: Tenant, home: Account) -> Account | None:
        """Return the guest as which an account that just signed in is known in a tenant; None when it is none.

        A pending invitation of exactly the account's sign-in name is redeemed. Names of users end in a domain that
        their tenant owns, mail addresses in their profiles may not; so only names count.
        """
        known = self._directory.find_guest(tenant.id, home.object_id)
        if known is not None or home.user_name is None or home.is_guest:
            return known
        pending = self._directory.find_user(f"{home.user_name.replace('@', '_')}#ext#@{tenant.domain}")
        if pending is None or pending.tenant_id != tenant.id or pending.mail != home.user_name:
            return None
        return self._bind(pending, home) if pending.home_object_id is None else None

    def _bind(self, guest: Account, home: Account) -> Account:
        if home.kind is not AccountKind.USER or home.is_guest or home.tenant_id == guest.tenant_id:
            raise account_conflict("Only a user of another tenant can redeem an invitation.")
        if guest.home_object_id is not None:
            raise account_conflict("The invitation was redeemed already.")
        if self._directory.find_guest(guest.tenant_id, home.object_id) is not None:
            raise account_conflict(f"'{home.user_name}' is a guest of the tenant already.")
        bound = self._directory.update_account(
            guest.object_id, home_object_id=home.object_id, redeemed_at=self._clock.now()
        )
        with self._connections.write() as connection:
            connection.execute(delete(INVITATION).where(INVITATION.c.object_id == guest.object_id))
        return bound

    def _begin(self, guest: Account, redirect_url: str) -> str:
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock.now()
        with self._connections.write() as connection:
            connection.execute(delete(INVITATION).where(INVITATION.c.object_id == guest.object_id))
            connection.execute(
                insert(INVITATION).values(
                    digest=_digest(token),
                    object_id=guest.object_id,
                    redirect_url=redirect_url,
                    expires_at=now + INVITATION_LIFETIME,
                )
            )
        return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
