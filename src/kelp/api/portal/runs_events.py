"""What happens to a run, told as it happens: server-sent events (HTML standard, "Server-sent events")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.api.errors import FailureContext, RefusedQuery, query_error
from kelp.api.portal.kql_findings import finding_document
from kelp.api.portal.runs import RunState
from kelp.api.query.encoder import render_document

if TYPE_CHECKING:
    from datetime import datetime

    from kelp.api.portal.runs import Run, Runs, RunTable
    from kelp.api.query.streaming import Chunks

_TICK_SECONDS = 0.25
_FIRST_ROWS = 1_000
"""When so many are there, a page begins to show them."""


@dataclass(slots=True)
class _Told:
    """What one reader has heard."""

    position: int | None = None
    schemas: int = 0
    rows: dict[int, int] = field(default_factory=dict)


async def iter_events(runs: Runs, run: Run, now: datetime) -> Chunks:
    """Yield the events of a run, from its state at present to its end; while they are read, the run goes on."""
    told = _Told()
    with runs.watch(run):
        yield b": begun\n\n"
        while run.state is not RunState.ENDED:
            seen = run.version
            if events := await _tell_progress(runs, run, told):
                yield events
            await run.wait_for_change(seen, _TICK_SECONDS)
        yield _tell_tables(run, told, is_last=True) + _event("done", done_document(run, now))


async def _tell_progress(runs: Runs, run: Run, told: _Told) -> bytes:
    position = runs.find_position(run)
    if position is not None:
        if position == told.position:
            return b""
        told.position = position
        return _event("queued", {"position": position})
    await runs.measure(run)
    return _event("progress", progress_document(run)) + _tell_tables(run, told, is_last=False)


def _tell_tables(run: Run, told: _Told, *, is_last: bool) -> bytes:
    events = b""
    for index, table in enumerate(run.tables):
        if index >= told.schemas:
            told.schemas = index + 1
            events += _event("schema", schema_document(index, table))
        is_enough = is_last or table.is_whole or table.rows >= _FIRST_ROWS
        if is_enough and told.rows.get(index) != table.rows:
            told.rows[index] = table.rows
            events += _event("rows", {"table": index, "count": table.rows})
    return events


def progress_document(run: Run) -> dict[str, Any]:
    """Return what the run has used so far; null for what the engine has not measured."""
    usage = run.usage
    return {
        "rowsRead": usage.rows_read if usage else None,
        "rowsTotal": (usage.rows_to_read or None) if usage else None,
        "bytesRead": usage.bytes_read if usage else None,
        "cpuSeconds": usage.cpu_seconds if usage else None,
        "peakMemoryBytes": usage.peak_memory_bytes if usage else None,
        "elapsedSeconds": run.elapsed_seconds,
    }


def schema_document(index: int, table: RunTable) -> dict[str, Any]:
    """Return the columns of a table of the result."""
    columns = [{"name": column.name, "type": column.type.value} for column in table.columns]
    return {"table": index, "name": table.name, "columns": columns}


def run_document(run: Run) -> dict[str, Any]:
    """Return what a run is and how far it is."""
    request = run.request
    return {
        "id": run.id,
        "query": request.query,
        "workspaces": request.workspaces,
        "timespan": request.timespan,
        "maximumRows": request.maximum_rows,
        "purpose": request.purpose.value,
        "parent": request.parent or None,
        "background": run.is_background,
        "state": run.state.value,
        "startedAt": run.started_at,
        "elapsedSeconds": run.elapsed_seconds,
        "rowCount": run.rows,
        "hasRows": not run.is_forgotten,
        "progress": progress_document(run),
        "error": run.failure.message if run.failure else None,
        "errorCode": run.failure.code if run.failure else None,
    }


def done_document(run: Run, now: datetime) -> dict[str, Any]:
    """Return how a run ended."""
    partial, usage = run.partial_error, run.usage
    text = run.request.query
    warnings: list[dict[str, Any]] = [finding_document(found, text) for found in run.warnings]
    if partial is not None:
        warnings.insert(0, {"severity": "warning", "code": partial.code, "message": partial.message})
    document: dict[str, Any] = {
        "rowCount": run.rows,
        "isTruncated": partial is not None,
        "statistics": {
            "elapsedSeconds": run.elapsed_seconds,
            "rowsRead": run.used.rows_read,
            "bytesRead": run.used.bytes_read,
            "resultRows": run.rows,
            "resultBytes": run.held_bytes,
            "cpuSeconds": usage.cpu_seconds if usage else None,
            "peakMemoryBytes": usage.peak_memory_bytes if usage else None,
        },
        "render": render_document(run.visualization) if run.visualization else None,
        "error": None,
        "warnings": warnings,
    }
    if partial is not None:
        document["limit"] = {"kind": partial.limit or "failure", "code": partial.code}
    if run.failure is not None:
        document["error"] = query_error(run.failure, FailureContext(run.origin.correlation_id, "", now))
        if run.failure.retry_after_seconds is not None:
            document["error"]["retryAfterSeconds"] = run.failure.retry_after_seconds
        if isinstance(run.failure, RefusedQuery):
            found = [finding_document(one, text) for one in run.failure.diagnostics]
            document["error"]["diagnostics"] = found
    return document


def _event(name: str, document: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(document) + b"\n\n"
