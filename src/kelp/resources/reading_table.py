"""Tables that a search job (`X_SRCH`) or a restore (`X_RST`) fills: made, ended and cancelled here.

What they read is checked by who knows the language and the tables; here are the rules about the document.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError
from kelp.resources.archive_reading import (
    RESTORE_ENDING,
    SEARCH_ENDING,
    ArchiveReading,
    ReadingKind,
    ReadingStatus,
)
from kelp.resources.errors import Problem, ResourceConflict, ResourceNotFound, refuse_if_any
from kelp.resources.table import Table, TableColumn, check_retention
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kelp.base.ids import ResourceId
    from kelp.resources.operation import Operation
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

DEFAULT_LIMIT_ROWS, MAXIMUM_LIMIT_ROWS = 1_000_000, 100_000_000
_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
_MEMBERS = {ReadingKind.SEARCH: "searchResults", ReadingKind.RESTORE: "restoredLogs"}
_TIMES = {
    ReadingKind.SEARCH: ("startSearchTime", "endSearchTime"),
    ReadingKind.RESTORE: ("startRestoreTime", "endRestoreTime"),
}
_ENDINGS = {ReadingKind.SEARCH: SEARCH_ENDING, ReadingKind.RESTORE: RESTORE_ENDING}


def put_reading_table(
    transaction: Transaction,
    table_id: ResourceId,
    draft: Table,
    columns: Sequence[TableColumn],
    problems: Sequence[Problem],
) -> tuple[Resource[Table], Operation | None]:
    """Order the reading that the draft describes, into a table of these columns; or change that table's retention.

    Returns the table and the operation that has begun, none where the reading was ordered before. `problems` are what
    others found wrong. Raises `InvalidDocument` with all of it, `ResourceNotFound` (no such workspace),
    `ResourceConflict` where the name is taken by another reading.
    """
    order = draft.reading
    assert order is not None
    refuse_if_any([*_check(table_id.name, order, transaction.now), *check_retention(draft), *problems])
    existing = transaction.find(Table, table_id)
    if existing is not None:
        return _change(transaction, existing, draft), None
    parent = table_id.parent
    assert parent is not None
    workspace = transaction.get(Workspace, parent)
    made = replace(draft, columns=tuple(columns))
    table = transaction.put(table_id, made)
    operation = transaction.start_operation(
        table, workspace.properties.settings.location, f"{table_id.type}/write"
    )
    started = replace(made, reading=replace(order, operation_id=operation.id))
    return transaction.put(table_id, started), operation


def end_reading(
    transaction: Transaction, table: Resource[Table], reading: ArchiveReading
) -> Resource[Table] | None:
    """Record how a reading ended, unless its table is gone or another one by now."""
    present = transaction.find(Table, table.id)
    if present is None or present.uid != table.uid or present.properties.reading is None:
        return None
    if reading.operation_id is not None:
        if reading.status is ReadingStatus.SUCCEEDED:
            transaction.succeed_operation(reading.operation_id)
        else:
            code = "SearchCanceled" if reading.status is ReadingStatus.CANCELED else "ReadingFailed"
            message = reading.error or "It was cancelled."
            transaction.fail_operation(reading.operation_id, ServiceError(Category.CONFLICT, code, message))
    return transaction.put(table.id, replace(present.properties, reading=reading))


def cancel_search(transaction: Transaction, table_id: ResourceId) -> Resource[Table]:
    """Stop a search job; the rows found so far stay. Does nothing to one that was cancelled before.

    Raises `ResourceNotFound`, `ResourceConflict` where there is nothing to stop.
    """
    table = transaction.find(Table, table_id)
    if table is None:
        raise ResourceNotFound(table_id)
    reading = table.properties.reading
    if reading is None or reading.kind is not ReadingKind.SEARCH:
        raise ResourceConflict(
            "InvalidOperation", f"The table '{table_id.name}' is not of a search job.", target=str(table_id)
        )
    if reading.status is ReadingStatus.CANCELED:
        return table
    if reading.status is not ReadingStatus.IN_PROGRESS:
        raise ResourceConflict(
            "InvalidOperation",
            f"The search job '{table_id.name}' has ended and can't be cancelled; delete the table to be rid of its "
            "results.",
            target=str(table_id),
        )
    ended = end_reading(transaction, table, replace(reading, status=ReadingStatus.CANCELED))
    assert ended is not None
    return ended


def _change(transaction: Transaction, existing: Resource[Table], draft: Table) -> Resource[Table]:
    """Change what may be changed of the table of a reading: how long it is kept, and how it is described."""
    before = existing.properties
    assert draft.reading is not None
    if before.reading is None or _order_of(before.reading) != _order_of(draft.reading):
        raise ResourceConflict(
            "TableAlreadyExists",
            f"The table '{existing.id.name}' exists with other contents; delete it, or take another name.",
            target=str(existing.id),
        )
    changed = replace(
        before,
        retention_in_days=draft.retention_in_days,
        total_retention_in_days=draft.total_retention_in_days,
        description=draft.description,
        display_name=draft.display_name,
    )
    return transaction.put(existing.id, changed)


def _order_of(reading: ArchiveReading) -> ArchiveReading:
    return ArchiveReading(
        reading.kind,
        reading.source_table,
        reading.start_at,
        reading.end_at,
        reading.query,
        reading.description,
        reading.limit,
    )


def _check(name: str, order: ArchiveReading, now: datetime) -> list[Problem]:
    member, ending = f"properties.{_MEMBERS[order.kind]}", _ENDINGS[order.kind]
    start, end = _TIMES[order.kind]
    problems = []
    if not _NAME.fullmatch(name) or not name.endswith(ending) or name == ending:
        problems.append(
            Problem(
                "name",
                f"'{name}' is no name of such a table: up to 100 letters, digits and '_', ending in '{ending}'.",
                "InvalidResourceName",
            )
        )
    if order.start_at >= order.end_at:
        problems.append(Problem(f"{member}.{start}", f"'{start}' must lie before '{end}'."))
    elif order.start_at > now:
        problems.append(Problem(f"{member}.{start}", f"'{start}' lies in the future."))
    if order.limit is not None and not 1 <= order.limit <= MAXIMUM_LIMIT_ROWS:
        problems.append(
            Problem(f"{member}.limit", f"'limit' is 1 to {MAXIMUM_LIMIT_ROWS:,} rows, not {order.limit:,}.")
        )
    return problems
