"""Keys of accounts: each account has one that seals what it keeps for itself, and that goes when the account goes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from kelp.base.keys import DataKey
from kelp.base.sealing import open_sealed, seal
from kelp.identity.schema import PERSONAL_KEY

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from kelp.base.keys import KeyProvider
    from kelp.identity.accounts import Connections

_KEY_BYTES = 32
_VERSION = 1


class PersonalSeal:
    """Seals and opens for one account. `kind` and `name` say what; content opens as nothing else."""

    def __init__(self, object_id: UUID, key: DataKey) -> None:
        self._object_id = object_id
        self._key = key

    def seal(self, kind: str, name: object, plain: bytes) -> bytes:
        """Return the content sealed."""
        return seal(self._key, plain, self._context(kind, name))

    def open(self, kind: str, name: object, sealed: bytes) -> bytes:
        """Return what was sealed as this. Raises `SealBroken`."""
        return open_sealed(self._key, sealed, self._context(kind, name))

    def _context(self, kind: str, name: object) -> bytes:
        return f"personal/{self._object_id}/{kind}/{name}".encode()


class PersonalKeys:
    """Makes and finds the keys, which lie wrapped. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, keys: KeyProvider) -> None:
        self._connections = connections
        self._keys = keys

    def find(self, connection: Connection, object_id: UUID) -> PersonalSeal | None:
        """Return the seal of an account; None where it never kept anything."""
        chosen = select(PERSONAL_KEY.c.wrapped).where(PERSONAL_KEY.c.object_id == object_id)
        wrapped = connection.execute(chosen).scalar()
        if wrapped is None:
            return None
        return PersonalSeal(object_id, DataKey(_VERSION, self._keys.unwrap(_purpose(object_id), wrapped)))

    def ensure(self, connection: Connection, object_id: UUID) -> PersonalSeal:
        """Return the seal of an account, in a transaction that writes."""
        found = self.find(connection, object_id)
        if found is not None:
            return found
        secret = os.urandom(_KEY_BYTES)
        wrapped = self._keys.wrap(_purpose(object_id), secret)
        connection.execute(insert(PERSONAL_KEY).values(object_id=object_id, wrapped=wrapped))
        return PersonalSeal(object_id, DataKey(_VERSION, secret))

    def rewrap(self) -> int:
        """Wrap every key anew with the installation's newest key; return how many there were."""
        with self._connections.write() as connection:
            rows = connection.execute(select(PERSONAL_KEY)).all()
            for row in rows:
                purpose = _purpose(row.object_id)
                wrapped = self._keys.wrap(purpose, self._keys.unwrap(purpose, row.wrapped))
                chosen = PERSONAL_KEY.c.object_id == row.object_id
                connection.execute(update(PERSONAL_KEY).where(chosen).values(wrapped=wrapped))
        return len(rows)


def _purpose(object_id: UUID) -> str:
    return f"personal-key/{object_id}"
