"""Who makes a change, and the stamp that the change leaves on a resource."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AuthorKind(StrEnum):
    """What kind of identity it is; `SYSTEM` is Kelp itself."""

    USER = "User"
    APPLICATION = "Application"
    SYSTEM = "System"


@dataclass(frozen=True, slots=True)
class Author:
    """The identity behind a write. `correlation_id` ties together everything one request did."""

    tenant_id: UUID
    object_id: UUID | None
    name: str
    kind: AuthorKind
    correlation_id: str = ""
    client_address: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who touched a resource, and when."""

    at: datetime
    by: str
    kind: AuthorKind


def system_author(tenant_id: UUID, correlation_id: str = "") -> Author:
    """Return Kelp itself as the author, for changes that no caller asked for."""
    return Author(tenant_id, None, "Kelp", AuthorKind.SYSTEM, correlation_id)
