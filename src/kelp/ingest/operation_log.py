"""Tells the owner of a workspace what became of the data: rows of its `Operation` table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.ingest.discovery import Misfit
    from kelp.ingest.internal_rows import InternalRows

TABLE = "Operation"
CATEGORY = "Data Collection Status"
_REPEAT_SECONDS = 3600.0
_REMEMBERED = 50_000


class OperationLog:
    """Belongs to one event loop. Nothing here blocks nor raises."""

    def __init__(self, rows: InternalRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock
        self._told: dict[tuple[UUID, str, str], datetime] = {}

    def report_misfit(self, workspace_id: UUID, table: str, misfit: Misfit, reject_key: str) -> None:
        """Tell that values of a property did not convert and are null in the table."""
        self._add(
            workspace_id,
            f"{table}.{misfit.property}",
            f"{misfit.values} values of '{misfit.property}' in table '{table}' are no {misfit.type} and were stored as "
            f"null. The first one is '{misfit.sample}'. The records are kept as '{reject_key}'.",
        )

    def report_lost(self, workspace_id: UUID, table: str, reason: str, reject_key: str) -> None:
        """Tell that records could not be loaded at all."""
        detail = (
            f"Records for table '{table}' could not be stored: {reason}. They are kept as '{reject_key}'."
        )
        self._add(workspace_id, table, detail)

    def report_untaken(self, workspace_id: UUID, table: str, name: str, reason: str) -> None:
        """Tell, at most once an hour, that a property of the records is in no column."""
        now = self._clock.now()
        key = (workspace_id, table, name)
        told = self._told.get(key)
        if told is not None and (now - told).total_seconds() < _REPEAT_SECONDS:
            return
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told[key] = now
        self._add(
            workspace_id,
            f"{table}.{name}",
            f"The property '{name}' of records for table '{table}' is in no column: {reason}. It stays in the archive.",
        )

    def _add(self, workspace_id: UUID, key: str, detail: str) -> None:
        self._rows.add(
            workspace_id, TABLE, operation_row(self._clock.now(), "Warning", CATEGORY, key, detail)
        )


def operation_row(at: datetime, status: str, category: str, key: str, detail: str) -> dict[str, object]:
    """Return a row of `Operation`: what it is about (`key`), and what its owner should know."""
    return {
        "TimeGenerated": at,
        "SourceSystem": "Kelp",
        "OperationStatus": status,
        "OperationCategory": category,
        "OperationKey": key,
        "Solution": "LogManagement",
        "Detail": detail,
    }
