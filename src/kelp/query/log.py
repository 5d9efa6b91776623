"""The record of one query, for the `LAQueryLogs` tables of the workspaces that it reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

from kelp.base.errors import Category
from kelp.engine.errors import EngineError

if TYPE_CHECKING:
    from kelp.engine.contract import QueryStatistics
    from kelp.query.request import QueryRequest


@dataclass(frozen=True, slots=True)
class QueryLogEntry:
    """What was asked, by whom, over what, what it cost and what became of it.

    `workspace_ids` are the workspaces of the request, its first one in front, and those that the text names and reads.
    `failure` is what was raised instead of an answer; asyncio's `CancelledError` when nobody waited for one any more.
    """

    request: QueryRequest
    workspace_ids: tuple[UUID, ...]
    failure: BaseException | None
    is_partial: bool
    duration_seconds: float
    """From the request to the last row taken, with all waiting."""
    used: QueryStatistics


class QueryLog(Protocol):
    """Takes entries without making the query wait."""

    def record(self, entry: QueryLogEntry) -> None:
        """Keep an entry; must not block nor raise."""
        ...


def report_engine_failure(failure: BaseException, tag: str) -> None:
    """Write to the service's own log what the engine said, where that is a fault and not the caller's doing.

    The caller is shown the correlation id only.
    """
    if isinstance(failure, EngineError) and failure.category is Category.INTERNAL:
        structlog.get_logger("kelp.query").error(
            "engine failed a query",
            tag=tag,
            correlation_id=failure.correlation_id,
            engine_code=failure.engine_code,
            engine_message=failure.engine_message,
        )
