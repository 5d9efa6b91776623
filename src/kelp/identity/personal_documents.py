"""Documents that an account keeps for itself under names: preferences, drafts. Each change has a number of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from kelp.base.errors import Category, ServiceError
from kelp.identity.schema import PERSONAL_DOCUMENT

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from kelp.base.clock import Clock
    from kelp.identity.accounts import Connections
    from kelp.identity.personal_keys import PersonalKeys

MAXIMUM_DOCUMENTS = 100
_KIND = "document"


@dataclass(frozen=True, slots=True)
class PersonalDocument:
    """A document as it was at a revision; nothing at revision 0."""

    revision: int
    content: bytes = field(repr=False)


_NOTHING = PersonalDocument(0, b"")


class RevisionConflict(ServiceError):
    """The document was changed since the revision that a change is based on; `current` is what it is now."""

    def __init__(self, current: PersonalDocument) -> None:
        super().__init__(
            Category.CONFLICT,
            "PreconditionFailed",
            f"The document was changed elsewhere: it is at revision {current.revision} now.",
            target="If-Match",
        )
        self.current = current


class PersonalDocuments:
    """Keeps documents, sealed with the account's key. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, keys: PersonalKeys, clock: Clock) -> None:
        self._connections = connections
        self._keys = keys
        self._clock = clock

    def read(self, object_id: UUID, name: str) -> PersonalDocument:
        """Return a document of an account; at revision 0 where there is none."""
        chosen = select(PERSONAL_DOCUMENT).where(_is(object_id, name))
        with self._connections.read() as connection:
            row = connection.execute(chosen).first()
            seal = None if row is None else self._keys.find(connection, object_id)
        if row is None or seal is None:
            return _NOTHING
        return PersonalDocument(row.revision, seal.open(_KIND, name, row.sealed))

    def put(self, object_id: UUID, name: str, content: bytes, revision: int | None = None) -> int:
        """Replace a document and return its new revision; with a revision only if it is still at that one.

        Raises `RevisionConflict`, and `ServiceError` (conflict) where the account has too many.
        """
        table = PERSONAL_DOCUMENT.c
        with self._connections.write() as connection:
            seal = self._keys.ensure(connection, object_id)
            row = connection.execute(select(PERSONAL_DOCUMENT).where(_is(object_id, name))).first()
            current = (
                _NOTHING
                if row is None
                else PersonalDocument(row.revision, seal.open(_KIND, name, row.sealed))
            )
            if revision is not None and revision != current.revision:
                raise RevisionConflict(current)
            values = {
                "revision": current.revision + 1,
                "sealed": seal.seal(_KIND, name, content),
                "changed_at": self._clock.now(),
            }
            if row is not None:
                connection.execute(update(PERSONAL_DOCUMENT).where(_is(object_id, name)).values(values))
                return current.revision + 1
            counting = select(func.count()).where(table.object_id == object_id)
            if connection.execute(counting).scalar_one() >= MAXIMUM_DOCUMENTS:
                message = f"An account keeps {MAXIMUM_DOCUMENTS} documents at the most."
                raise ServiceError(Category.CONFLICT, "TooManyDocuments", message)
            connection.execute(insert(PERSONAL_DOCUMENT).values(object_id=object_id, name=name, **values))
        return 1

    def delete(self, object_id: UUID, name: str) -> bool:
        """Remove a document; return whether there was one."""
        with self._connections.write() as connection:
            return connection.execute(delete(PERSONAL_DOCUMENT).where(_is(object_id, name))).rowcount == 1


def _is(object_id: UUID, name: str) -> ColumnElement[bool]:
    return (PERSONAL_DOCUMENT.c.object_id == object_id) & (PERSONAL_DOCUMENT.c.name == name)
