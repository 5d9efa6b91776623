"""Tables that a search job or a restore fills: the members of a table's document that order them, and cancelling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kelp.api.management.documents import encode_moment, present
from kelp.catalog.archive_search import ORIGINAL_TIME, ORIGINAL_TYPE, PlannedSearch
from kelp.catalog.table_access import RoleAccess
from kelp.kql.literals import read_datetime
from kelp.kql.types import ScalarType
from kelp.resources.archive_reading import ArchiveReading, ReadingKind, ReadingStatus
from kelp.resources.errors import AccessDenied, Problem
from kelp.resources.reading_table import DEFAULT_LIMIT_ROWS
from kelp.resources.table import TableColumn

if TYPE_CHECKING:
    from kelp.api.management.call import Call
    from kelp.api.management.reader import DocumentReader
    from kelp.resources.resource import Resource
    from kelp.resources.table import Table
    from kelp.resources.workspace import Workspace

_SEARCH, _RESTORE = "searchResults", "restoredLogs"
_GB = 10**9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS_PER_MICROSECOND = 10
_TIME = TableColumn("TimeGenerated", ScalarType.DATETIME)


def find_order(properties: DocumentReader) -> ArchiveReading | None:
    """Return the reading that a table's document orders; None if it is no such table's."""
    names = properties.names()
    if _SEARCH in names:
        section = properties.section(_SEARCH)
        limit = section.find_integer("limit")
        if not section.text("query").strip():
            section.refuse("query", "'query' says what to look for.")
        return ArchiveReading(
            ReadingKind.SEARCH,
            "",
            _read_time(section, "startSearchTime"),
            _read_time(section, "endSearchTime"),
            query=section.text("query"),
            description=section.text("description"),
            limit=DEFAULT_LIMIT_ROWS if limit is None else limit,
        )
    if _RESTORE in names:
        section = properties.section(_RESTORE)
        if not section.text("sourceTable"):
            section.refuse("sourceTable", "'sourceTable' names the table whose rows are to be restored.")
        return ArchiveReading(
            ReadingKind.RESTORE,
            section.text("sourceTable"),
            _read_time(section, "startRestoreTime"),
            _read_time(section, "endRestoreTime"),
        )
    return None


def plan_reading(
    call: Call, workspace: Resource[Workspace], order: ArchiveReading
) -> tuple[ArchiveReading, tuple[TableColumn, ...], list[Problem]]:
    """Return the order with its source, the columns of its table, and all that is wrong with what it reads.

    Raises `AccessDenied` where the caller may not read all of the source.
    """
    search = call.services.archive_search
    if search is None:
        return (
            order,
            (),
            [Problem("properties", "Search jobs and restores are not offered here.", "NotSupported")],
        )
    columns: tuple[TableColumn, ...]
    if order.kind is ReadingKind.SEARCH:
        planned = search.plan(workspace, order.query) if order.query.strip() else []
        if not isinstance(planned, PlannedSearch):
            return order, (), planned
        order = replace(order, source_table=planned.source_table)
        columns = (_TIME, *planned.columns, ORIGINAL_TIME, ORIGINAL_TYPE)
    else:
        found = search.find_columns(workspace, order.source_table)
        if found is None:
            problem = Problem(
                f"properties.{_RESTORE}.sourceTable",
                f"There is no table '{order.source_table}' in the workspace '{workspace.id.name}'; case counts.",
            )
            return order, (), [problem] if order.source_table else []
        columns = (_TIME, *found)
    _require_reading(call, workspace, order.source_table)
    return order, columns, []


def encode_reading(call: Call, table: Resource[Table]) -> dict[str, Any]:
    """Return the members that a table of a search job or a restore has besides those of every table."""
    reading = table.properties.reading
    if reading is None:
        return {}
    operation = str(reading.operation_id) if reading.operation_id is not None else None
    if reading.kind is ReadingKind.RESTORE:
        order: dict[str, Any] = {
            "startRestoreTime": encode_moment(reading.start_at),
            "endRestoreTime": encode_moment(reading.end_at),
            "sourceTable": reading.source_table,
            "azureAsyncOperationId": operation,
        }
        return {_RESTORE: present(order), "resultStatistics": _encode_statistics(call, table, reading)}
    order = {
        "query": reading.query,
        "description": reading.description or None,
        "limit": reading.limit,
        "startSearchTime": encode_moment(reading.start_at),
        "endSearchTime": encode_moment(reading.end_at),
        "sourceTable": reading.source_table,
        "azureAsyncOperationId": operation,
    }
    return {_SEARCH: present(order), "resultStatistics": _encode_statistics(call, table, reading)}


def state_of(table: Resource[Table]) -> str:
    """Return the provisioning state of a table."""
    reading = table.properties.reading
    if reading is None or reading.status in (ReadingStatus.SUCCEEDED, ReadingStatus.CANCELED):
        return "Succeeded"
    return reading.status


def _encode_statistics(call: Call, table: Resource[Table], reading: ArchiveReading) -> dict[str, float]:
    rows, scanned_bytes, share = reading.rows, reading.scanned_bytes, 1.0
    if reading.status is ReadingStatus.IN_PROGRESS:
        progress = call.services.find_progress(table.uid)
        share = progress.share if progress is not None else 0.0
        rows = progress.rows if progress is not None else 0
        scanned_bytes = progress.scanned_bytes if progress is not None else 0
    return {
        "progress": round(share * 100, 1),
        "ingestedRecords": rows,
        "scannedGb": round(scanned_bytes / _GB, 6),
    }


def _require_reading(call: Call, workspace: Resource[Workspace], table: str) -> None:
    """Refuse who may not read every row of the source, because the new table has rights of its own."""
    ways = RoleAccess(call.services.access, call.principal).decide_reading(workspace, table)
    allowed = [decision for decision in ways if decision.allowed]
    if all(decision.limits for decision in allowed):
        missing = "a role's condition leaves out rows" if allowed else "no role grants it"
        raise AccessDenied(
            f"You may not read all of the table '{table}', which a search job or restore needs: {missing}.",
            missing,
            target=table,
        )


def _read_time(section: DocumentReader, name: str) -> datetime:
    text = section.text(name)
    ticks = read_datetime(text) if text else None
    if ticks is None:
        section.refuse(name, f"'{name}' must be a time such as 2026-01-31T00:00:00Z.")
        return _EPOCH
    return _EPOCH + timedelta(microseconds=ticks // _TICKS_PER_MICROSECOND)
