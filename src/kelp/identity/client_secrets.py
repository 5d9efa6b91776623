"""What is known of applications' secrets, which is everything but the secrets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from kelp.base.clock import as_utc
from kelp.identity.accounts import Connections
from kelp.identity.schema import CLIENT_SECRET


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret; `hint` are its first characters, by which its owner knows it."""

    id: UUID
    object_id: UUID
    name: str
    hint: str
    begins_at: datetime
    expires_at: datetime


def read_client_secrets(
    connections: Connections, object_ids: Collection[UUID]
) -> Mapping[UUID, tuple[ClientSecret, ...]]:
    """Return the secrets of each of the applications."""
    found: dict[UUID, tuple[ClientSecret, ...]] = dict.fromkeys(object_ids, ())
    chosen = select(CLIENT_SECRET).where(CLIENT_SECRET.c.object_id.in_(list(object_ids)))
    with connections.read() as connection:
        for row in connection.execute(chosen.order_by(CLIENT_SECRET.c.created_at)):
            secret = ClientSecret(
                row.id, row.object_id, row.name, row.hint, as_utc(row.created_at), as_utc(row.expires_at)
            )
            found[row.object_id] += (secret,)
    return found
