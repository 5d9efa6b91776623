"""What a run leaves in its user's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.api.errors import RefusedQuery
from kelp.identity.query_history import AskedQuery

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.api.portal.runs import Run
    from kelp.identity.query_history import QueryHistory


def recording_in(history: QueryHistory) -> Callable[[Run], None]:
    """Return what records runs that have ended; it blocks."""

    def record(run: Run) -> None:
        history.record(run.principal.object_id, describe_run(run))

    return record


def describe_run(run: Run) -> AskedQuery:
    """Return what was asked and what became of it."""
    usage, failure, request = run.usage, run.failure, run.request
    message = None if failure is None else failure.message
    if isinstance(failure, RefusedQuery):
        message = failure.first_error.message
    return AskedQuery(
        query=request.query,
        workspaces=request.workspaces,
        timespan=request.timespan,
        row_count=run.rows,
        elapsed_seconds=run.elapsed_seconds,
        cpu_seconds=usage.cpu_seconds if usage else None,
        scanned_bytes=run.used.bytes_read,
        error=message,
    )
