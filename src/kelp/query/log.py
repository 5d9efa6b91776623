"""The record of one query, for the `LAQueryLogs` table of the workspace it ran over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class QueryLogEntry:
    """What was asked, by whom, over what, and what it cost."""

    workspace_ids: tuple[UUID, ...]
    tag: str
    caller_id: str
    client: str
    text: str
    received_at: datetime
    time_range: tuple[datetime, datetime] | None
    response_code: int
    """As an HTTP status: 200, or what the failure would be answered with."""
    duration_seconds: float
    cpu_seconds: float
    rows_read: int
    bytes_read: int
    result_rows: int
    result_bytes: int


class QueryLog(Protocol):
    """Takes entries without making the query wait."""

    def record(self, entry: QueryLogEntry) -> None:
        """Keep an entry; must not block nor raise."""
        ...
