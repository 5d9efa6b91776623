"""How far a job is with each thing it does: JSON by name. Synchronous; a call is one short transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from sqlalchemy import delete, insert, select

from kelp.catalog.schema import JOB_STATE, METADATA

if TYPE_CHECKING:
    from kelp.resources.database import Database

S = TypeVar("S")


class JobStates:
    """The states of all jobs. Thread-safe; belongs on worker threads."""

    def __init__(self, database: Database) -> None:
        """Make the database table where it is missing."""
        self._database = database
        with database.write() as connection:
            METADATA.create_all(connection)

    def find(self, name: str, kind: type[S]) -> S | None:
        """Return what was kept under a name."""
        with self._database.read() as connection:
            text = connection.execute(select(JOB_STATE.c.value).where(JOB_STATE.c.name == name)).scalar()
        return None if text is None else msgspec.json.decode(text, type=kind)

    def put(self, name: str, state: object) -> None:
        """Keep a state under a name, in place of what was there."""
        with self._database.write() as connection:
            connection.execute(delete(JOB_STATE).where(JOB_STATE.c.name == name))
            value = msgspec.json.encode(state).decode()
            connection.execute(insert(JOB_STATE).values(name=name, value=value))

    def remove(self, name: str) -> None:
        """Forget a state."""
        with self._database.write() as connection:
            connection.execute(delete(JOB_STATE).where(JOB_STATE.c.name == name))
