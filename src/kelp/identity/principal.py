"""The authenticated caller, as every surface passes it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class AccountKind(StrEnum):
    """What an account of the directory is."""

    USER = "User"
    SERVICE_PRINCIPAL = "ServicePrincipal"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: an account of a tenant. What it may do is for `resources.access` to decide.

    `name` is for people: a user's sign-in name or an application's display name. `application_id` is the application
    itself, or the one a user signed in with.
    """

    tenant_id: UUID
    object_id: UUID
    kind: AccountKind
    name: str
    application_id: UUID | None = None
    group_ids: frozenset[UUID] = frozenset()
    address: str = field(default="", compare=False)
    """From where the request came; empty for one that came over no network."""
