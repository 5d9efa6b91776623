"""What reads a table's archive into a table of its own: a search job (`X_SRCH`) or a restore (`X_RST`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

SEARCH_ENDING, RESTORE_ENDING = "_SRCH", "_RST"


class ReadingKind(StrEnum):
    """What is read: the rows that a query finds, or all rows of a range of time."""

    SEARCH = "search"
    RESTORE = "restore"


class ReadingStatus(StrEnum):
    """How far it is; the last three are final."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True)
class ArchiveReading:
    """The order and its outcome. Rows from `start_at` up to, not including, `end_at` are read.

    `query`, `description` and `limit` are a search job's. `rows` and `scanned_bytes` count what is done when it ended.
    """

    kind: ReadingKind
    source_table: str
    start_at: datetime
    end_at: datetime
    query: str = ""
    description: str = ""
    limit: int | None = None
    operation_id: UUID | None = None
    status: ReadingStatus = ReadingStatus.IN_PROGRESS
    rows: int = 0
    scanned_bytes: int = 0
    error: str = ""
