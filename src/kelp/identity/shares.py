"""Links to places of the portal with their state, under short names. They carry no rows and no rights."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from kelp.base.clock import as_utc
from kelp.identity.schema import SHARE

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.identity.accounts import Connections
    from kelp.identity.personal_keys import PersonalKeys

MAXIMUM_SHARES = 1_000
_NAME_BYTES = 12
_KIND = "share"


@dataclass(frozen=True, slots=True)
class Share:
    """A link that an account made; `content` is where it leads."""

    id: str
    object_id: UUID
    at: datetime
    content: bytes = field(repr=False)


class Shares:
    """Keeps links, sealed with the key of who made them. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, keys: PersonalKeys, clock: Clock) -> None:
        self._connections = connections
        self._keys = keys
        self._clock = clock

    def create(self, object_id: UUID, content: bytes) -> str:
        """Keep a link and return its name; the oldest of the account go where there are too many."""
        name = secrets.token_urlsafe(_NAME_BYTES)
        with self._connections.write() as connection:
            sealed = self._keys.ensure(connection, object_id).seal(_KIND, name, content)
            connection.execute(
                insert(SHARE).values(id=name, object_id=object_id, at=self._clock.now(), sealed=sealed)
            )
            newest = select(SHARE.c.id).where(SHARE.c.object_id == object_id).order_by(SHARE.c.at.desc())
            surplus = connection.execute(newest.offset(MAXIMUM_SHARES)).scalars().all()
            if surplus:
                connection.execute(delete(SHARE).where(SHARE.c.id.in_(surplus)))
        return name

    def find(self, name: str) -> Share | None:
        """Return the link of that name."""
        with self._connections.read() as connection:
            row = connection.execute(select(SHARE).where(SHARE.c.id == name)).first()
            seal = None if row is None else self._keys.find(connection, row.object_id)
        if row is None or seal is None:
            return None
        return Share(row.id, row.object_id, as_utc(row.at), seal.open(_KIND, row.id, row.sealed))
