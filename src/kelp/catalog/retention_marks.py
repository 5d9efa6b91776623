"""Up to which day the raw bodies of each table were looked through by retention. Synchronous; for worker threads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, insert, select

from kelp.catalog.schema import RETENTION_MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.resources.database import Database


class RetentionMarks:
    """The marks of all workspaces. Safe for concurrent use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, workspace_id: UUID) -> dict[str, date]:
        """Return the first day that is not looked through yet, by table."""
        statement = select(RETENTION_MARK).where(RETENTION_MARK.c.workspace_id == workspace_id)
        with self._database.read() as connection:
            return {row.table_name: date.fromisoformat(row.day) for row in connection.execute(statement)}

    def write(self, workspace_id: UUID, marks: Mapping[str, date]) -> None:
        """Replace the marks of these tables."""
        if not marks:
            return
        values = [
            {"workspace_id": workspace_id, "table_name": name, "day": day.isoformat()}
            for name, day in marks.items()
        ]
        columns = RETENTION_MARK.c
        own = columns.workspace_id == workspace_id, columns.table_name.in_(list(marks))
        with self._database.write() as connection:
            connection.execute(delete(RETENTION_MARK).where(*own))
            connection.execute(insert(RETENTION_MARK), values)

    def remove_workspace(self, workspace_id: UUID) -> None:
        """Strike out everything of a workspace."""
        with self._database.write() as connection:
            connection.execute(delete(RETENTION_MARK).where(RETENTION_MARK.c.workspace_id == workspace_id))
