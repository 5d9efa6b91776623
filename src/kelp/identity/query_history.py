"""The history of queries: what an account asked in the portal, for its own eyes, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import delete, func, insert, select

from kelp.base.clock import as_utc
from kelp.identity.schema import PAST_QUERY

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

    from kelp.base.clock import Clock
    from kelp.identity.accounts import Connections
    from kelp.identity.personal_keys import PersonalKeys, PersonalSeal

KEPT_FOR = timedelta(days=90)
MAXIMUM_ENTRIES = 5_000
_KIND = "query"


class AskedQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A query that ended, well or not; `error` is the message, empty for none. Rows of what it gave are not kept."""

    query: str
    workspaces: tuple[str, ...] = ()
    timespan: str | None = None
    row_count: int = 0
    elapsed_seconds: float = 0.0
    cpu_seconds: float | None = None
    """None where the query was over before the engine measured it."""
    scanned_bytes: int = 0
    error: str | None = None


class PastQuery(msgspec.Struct, frozen=True):
    """An entry of the history."""

    id: UUID
    at: datetime
    asked: AskedQuery


_decode = msgspec.json.Decoder(AskedQuery).decode


class QueryHistory:
    """Keeps entries, sealed with the account's key. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, keys: PersonalKeys, clock: Clock) -> None:
        self._connections = connections
        self._keys = keys
        self._clock = clock

    def record(self, object_id: UUID, asked: AskedQuery) -> UUID:
        """Add an entry of the account and return its id. What is too old, or too much, goes."""
        entry_id, now = uuid4(), self._clock.now()
        with self._connections.write() as connection:
            seal = self._keys.ensure(connection, object_id)
            sealed = seal.seal(_KIND, entry_id, msgspec.json.encode(asked))
            connection.execute(
                insert(PAST_QUERY).values(id=entry_id, object_id=object_id, at=now, sealed=sealed)
            )
            connection.execute(delete(PAST_QUERY).where(PAST_QUERY.c.at <= now - KEPT_FOR))
            newest = (
                select(PAST_QUERY.c.id)
                .where(PAST_QUERY.c.object_id == object_id)
                .order_by(PAST_QUERY.c.at.desc(), PAST_QUERY.c.id)
            )
            surplus = connection.execute(newest.offset(MAXIMUM_ENTRIES)).scalars().all()
            if surplus:
                connection.execute(delete(PAST_QUERY).where(PAST_QUERY.c.id.in_(surplus)))
        return entry_id

    def read(
        self, object_id: UUID, search: str = "", top: int = 100, skip: int = 0
    ) -> tuple[list[PastQuery], int]:
        """Return entries of the account, the newest first, and how many there are.

        With a search those whose text, or error, contains it in any case.
        """
        chosen = self._kept_of(object_id)
        entries = select(PAST_QUERY).where(chosen).order_by(PAST_QUERY.c.at.desc(), PAST_QUERY.c.id)
        with self._connections.read() as connection:
            seal = self._keys.find(connection, object_id)
            if seal is None:
                return [], 0
            if not search:
                total = connection.execute(select(func.count()).where(chosen)).scalar_one()
                rows = connection.execute(entries.limit(top).offset(skip)).all()
                return [_read(seal, row) for row in rows], total
            rows = connection.execute(entries).all()
        wanted = search.lower()
        found = [entry for entry in (_read(seal, row) for row in rows) if _contains(entry.asked, wanted)]
        return found[skip : skip + top], len(found)

    def delete(self, object_id: UUID, entry_id: UUID | None = None) -> int:
        """Remove one entry of the account, else all; return how many."""
        chosen = delete(PAST_QUERY).where(PAST_QUERY.c.object_id == object_id)
        if entry_id is not None:
            chosen = chosen.where(PAST_QUERY.c.id == entry_id)
        with self._connections.write() as connection:
            return connection.execute(chosen).rowcount

    def _kept_of(self, object_id: UUID) -> ColumnElement[bool]:
        return (PAST_QUERY.c.object_id == object_id) & (PAST_QUERY.c.at > self._clock.now() - KEPT_FOR)


def _read(seal: PersonalSeal, row: Row[tuple[object, ...]]) -> PastQuery:
    return PastQuery(row.id, as_utc(row.at), _decode(seal.open(_KIND, row.id, row.sealed)))


def _contains(asked: AskedQuery, wanted: str) -> bool:
    return wanted in asked.query.lower() or wanted in (asked.error or "").lower()
