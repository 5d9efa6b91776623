"""The recorded hashes of the parts of all tables, kept outside of the engine. Synchronous; for worker threads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, delete, insert, select

from kelp.catalog.schema import PART_HASH
from kelp.engine.manifest import PartHash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from kelp.resources.database import Database


class PartManifest:
    """What each part of each table was when it was first seen. Safe for concurrent use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, store_id: UUID, table: str) -> frozenset[PartHash]:
        """Return the recorded parts of a table."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(PART_HASH.c.part, PART_HASH.c.digest).where(_is(store_id, table))
            )
            return frozenset(PartHash(row.part, row.digest) for row in rows)

    def replace(self, store_id: UUID, table: str, parts: Iterable[PartHash]) -> None:
        """Record the parts of a table in place of those recorded before."""
        values = [
            {"workspace_id": store_id, "table_name": table, "part": part.name, "digest": part.digest}
            for part in parts
        ]
        with self._database.write() as connection:
            connection.execute(delete(PART_HASH).where(_is(store_id, table)))
            if values:
                connection.execute(insert(PART_HASH), values)

    def remove_workspace(self, workspace_id: UUID) -> None:
        """Strike out everything of a workspace."""
        with self._database.write() as connection:
            connection.execute(delete(PART_HASH).where(PART_HASH.c.workspace_id == workspace_id))


def _is(store_id: UUID, table: str) -> ColumnElement[bool]:
    return and_(PART_HASH.c.workspace_id == store_id, PART_HASH.c.table_name == table)
