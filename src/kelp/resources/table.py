"""A workspace's table as its owner wants it: columns, retention, plan.

A custom table is defined here alone. A built-in table needs a record only once something about it was changed; its
own columns come from whoever implements `BuiltInTables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from kelp.kql.types import ScalarType
from kelp.resources.archive_reading import ArchiveReading, ReadingKind
from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.shortening import Shortening, note_shortening
from kelp.resources.workspace import Workspace, WorkspaceSettings

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

MAXIMUM_COLUMNS = 500
MINIMUM_RETENTION_DAYS, MAXIMUM_RETENTION_DAYS = 4, 730
LONG_RETENTION_DAYS = (1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383)
"""Total retentions beyond the longest interactive one: three to twelve years."""
FIXED_RETENTION_DAYS = 30
"""The interactive retention of Basic and Auxiliary tables, which can't be changed."""
LONGER_KEPT_DAYS = {"AzureActivity": 90, "Usage": 90}
"""Tables that are kept this long even where the workspace keeps less."""
KEPT_UNTIL_DELETED_DAYS = 36_500
"""Of restored logs, which stay until their table is deleted."""
PLAN_REST = timedelta(days=7)
"""Between two changes of a table's plan."""
_CUSTOM_NAME = re.compile(r"[A-Za-z0-9_]{1,100}_CL")
_COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_CLASSIC_COLUMN_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
_RESERVED_COLUMNS = frozenset(
    ("tenantid", "type", "id", "uniqueid", "title", "_resourceid", "_subscriptionid", "_itemid")
)
_COLUMN_TYPES = {
    **{
        kind.value: kind
        for kind in ScalarType
        if kind not in (ScalarType.DECIMAL, ScalarType.TIMESPAN, ScalarType.BOOL)
    },
    "bool": ScalarType.BOOL,
    "boolean": ScalarType.BOOL,
}


class TablePlan(StrEnum):
    """How a table is kept and charged."""

    ANALYTICS = "Analytics"
    BASIC = "Basic"
    AUXILIARY = "Auxiliary"


class TableSubType(StrEnum):
    """Who may write to a table: rules only, or the HTTP Data Collector API, which also adds columns."""

    ANY = "Any"
    CLASSIC = "Classic"
    RULE_BASED = "DataCollectionRuleBased"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column. `hint` is one of uri, guid, armPath, ip: how a reader may show a string."""

    name: str
    type: ScalarType
    description: str = ""
    display_name: str = ""
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are all that the owner declared; of a built-in table, those added to it.

    A retention of None is the workspace's; a total retention of None is the interactive one; `shortened` is about the
    total one. A table that a search job or a restore fills has a `reading`. `removed_columns` were declared once:
    stored records have them, and nobody sees them until they are declared again.
    """

    columns: tuple[TableColumn, ...]
    retention_in_days: int | None = None
    total_retention_in_days: int | None = None
    plan: TablePlan = TablePlan.ANALYTICS
    sub_type: TableSubType = TableSubType.RULE_BASED
    description: str = ""
    display_name: str = ""
    plan_modified_at: datetime | None = None
    shortened: Shortening | None = None
    reading: ArchiveReading | None = None
    removed_columns: tuple[TableColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class BuiltInTable:
    """A table that every workspace has."""

    name: str
    columns: tuple[TableColumn, ...]
    description: str = ""
    categories: tuple[str, ...] = ()
    solutions: tuple[str, ...] = ()
    supports_basic_plan: bool = False


class BuiltInTables(Protocol):
    """The tables that every workspace has. Immutable, and safe for concurrent use."""

    def find_built_in(self, name: str) -> BuiltInTable | None:
        """Return the table of that name in any case."""
        ...

    def iter_built_in(self) -> Iterable[BuiltInTable]:
        """Yield all tables in the order of their names."""
        ...


def parse_column_type(text: str) -> ScalarType | None:
    """Return the type that a table or stream declaration names, in any case; None for what a table can't hold."""
    return _COLUMN_TYPES.get(text.lower())


def is_custom_table_name(name: str) -> bool:
    """Whether the name is one that an owner may give to a table."""
    return _CUSTOM_NAME.fullmatch(name) is not None


def interactive_days(settings: WorkspaceSettings, name: str, table: Table | None) -> int:
    """Return for how many days queries read the rows of a table; `table` is what its owner declared, if anything."""
    if table is not None:
        if table.reading is not None and table.reading.kind is ReadingKind.RESTORE:
            return KEPT_UNTIL_DELETED_DAYS
        if table.plan is not TablePlan.ANALYTICS:
            return FIXED_RETENTION_DAYS
        if table.retention_in_days is not None:
            return table.retention_in_days
    return max(settings.retention_in_days, LONGER_KEPT_DAYS.get(name, 0))


def total_days(settings: WorkspaceSettings, name: str, table: Table | None) -> int:
    """Return for how many days the rows of a table are kept, readable or in the archive."""
    interactive = interactive_days(settings, name, table)
    if table is None or table.total_retention_in_days is None:
        return interactive
    return max(interactive, table.total_retention_in_days)


def put_table(
    transaction: Transaction,
    table_id: ResourceId,
    draft: Table,
    built_in_tables: BuiltInTables,
    *,
    if_match: str | None = None,
) -> Resource[Table]:
    """Create or change a table; columns may be added, described and removed, never retyped.

    What records have in a removed column stays stored. Without columns in the draft those present stay. Raises
    `InvalidDocument` with every problem, `ResourceNotFound` when there is no such workspace, `PreconditionFailed`.
    """
    built_in = built_in_tables.find_built_in(table_id.name)
    existing = transaction.find(Table, table_id)
    before = existing.properties if existing else None
    if before is not None:
        draft = replace(
            draft, columns=draft.columns or before.columns, sub_type=before.sub_type, reading=before.reading
        )
    elif built_in is not None:
        draft = replace(draft, sub_type=TableSubType.ANY)
    if built_in is not None:
        draft = replace(draft, columns=_without_echo(draft.columns, built_in))
    if before is not None:
        draft = _note_removed(draft, before)
    problems = check_table(table_id.name, draft, before, built_in)
    refuse_if_any([*problems, *_check_rhythm(before, draft, transaction.now)])
    draft = _note_plan(transaction, before, draft)
    if before is not None or built_in is not None:
        draft = _note_retention(transaction, table_id, before, draft)
    return transaction.put(table_id, draft, if_match=if_match)


def add_columns(
    transaction: Transaction, table_id: ResourceId, columns: Sequence[TableColumn]
) -> Resource[Table]:
    """Give a custom table the columns it lacks, creating it as a classic table if need be.

    For the HTTP Data Collector API, whose records define their table. Columns that exist stay as they are. Raises
    `InvalidDocument` when the table would have too many.
    """
    existing = transaction.find(Table, table_id)
    time_generated = TableColumn("TimeGenerated", ScalarType.DATETIME)
    table = existing.properties if existing else Table((time_generated,), sub_type=TableSubType.CLASSIC)
    present = {column.name for column in table.columns}
    added = tuple(column for column in columns if column.name not in present)
    if existing is not None and not added:
        return existing
    grown = _note_removed(replace(table, columns=table.columns + added), table)
    refuse_if_any(check_table(table_id.name, grown, existing.properties if existing else None, None))
    return transaction.put(table_id, grown)


def migrate_table(transaction: Transaction, table_id: ResourceId) -> Resource[Table]:
    """End a classic table's growing by what the HTTP Data Collector API brings: rules write to it from now on, too.

    Does nothing to one that was migrated. Raises `ResourceNotFound`.
    """
    table = transaction.get(Table, table_id)
    if table.properties.sub_type is not TableSubType.CLASSIC:
        return table
    return transaction.put(table_id, replace(table.properties, sub_type=TableSubType.RULE_BASED))


def delete_table(transaction: Transaction, table_id: ResourceId, built_in_tables: BuiltInTables) -> bool:
    """Remove a custom table and, in time, its rows and what they came of.

    Return whether there was one. Raises `ResourceConflict` for a built-in table, which can't be removed.
    """
    if built_in_tables.find_built_in(table_id.name) is not None:
        raise ResourceConflict(
            "InvalidOperation",
            f"The table '{table_id.name}' is built in and can't be deleted.",
            target=str(table_id),
        )
    existing = transaction.find(Table, table_id)
    if existing is not None and existing.properties.reading is None:
        transaction.request_purge(_get_workspace(transaction, table_id), existing.id.name, ())
    return transaction.delete(table_id)


def check_table(
    name: str, table: Table, before: Table | None, built_in: BuiltInTable | None
) -> list[Problem]:
    """Check a whole table document against its kind and against what is there."""
    problems = []
    if built_in is None and table.reading is None and not is_custom_table_name(name):
        problems.append(
            Problem(
                "name",
                f"'{name}' is neither a built-in table nor the name of a custom table: up to 100 letters, "
                "digits and '_', ending in '_CL'.",
                "InvalidResourceName",
            )
        )
    is_classic = table.sub_type is TableSubType.CLASSIC
    problems += check_columns("properties.schema.columns", table.columns, is_classic=is_classic)
    problems += _check_ownership(table.columns, built_in, is_own=built_in is None and table.reading is None)
    if before is not None:
        problems += _check_types((*before.columns, *before.removed_columns), table)
    problems += _check_plan(table, before, built_in)
    problems += check_retention(table)
    return problems


def check_retention(table: Table) -> list[Problem]:
    """Check the spans for which a table is to be kept."""
    problems = []
    interactive, total = table.retention_in_days, table.total_retention_in_days
    if table.plan is not TablePlan.ANALYTICS:
        if interactive not in (None, FIXED_RETENTION_DAYS):
            problems.append(
                Problem(
                    "properties.retentionInDays",
                    f"A table with the {table.plan} plan keeps {FIXED_RETENTION_DAYS} days; set "
                    "totalRetentionInDays to keep more.",
                )
            )
        interactive = FIXED_RETENTION_DAYS
    elif interactive is not None and not MINIMUM_RETENTION_DAYS <= interactive <= MAXIMUM_RETENTION_DAYS:
        problems.append(
            Problem(
                "properties.retentionInDays",
                f"Retention is {MINIMUM_RETENTION_DAYS} to {MAXIMUM_RETENTION_DAYS} days, or -1 for the "
                f"workspace's, not {interactive}.",
            )
        )
    lowest = interactive or MINIMUM_RETENTION_DAYS
    if total is not None and not _is_total_retention(total, lowest):
        longer = ", ".join(map(str, LONG_RETENTION_DAYS))
        problems.append(
            Problem(
                "properties.totalRetentionInDays",
                f"Total retention is {lowest} to {MAXIMUM_RETENTION_DAYS} days or one of {longer}, or -1 for the "
                f"interactive retention, not {total}.",
            )
        )
    return problems


def _is_total_retention(days: int, lowest: int) -> bool:
    return days in LONG_RETENTION_DAYS or lowest <= days <= MAXIMUM_RETENTION_DAYS


def check_columns(target: str, columns: Sequence[TableColumn], *, is_classic: bool = False) -> list[Problem]:
    """Check names and number of columns; `target` is where in the document they stand.

    The columns of a classic table are named by its records, which may begin with a digit.
    """
    pattern = _CLASSIC_COLUMN_NAME if is_classic else _COLUMN_NAME
    problems = []
    if len(columns) > MAXIMUM_COLUMNS:
        problems.append(
            Problem(target, f"{len(columns)} columns are more than the {MAXIMUM_COLUMNS} allowed.")
        )
    seen: set[str] = set()
    for index, column in enumerate(columns):
        where = f"{target}[{index}].name"
        if not pattern.fullmatch(column.name):
            problems.append(
                Problem(
                    where,
                    f"'{column.name[:120]}' is no column name: a letter or '_', then up to 99 letters, digits and '_'.",
                )
            )
        if column.name in seen:
            problems.append(Problem(where, f"Column '{column.name}' is declared twice."))
        seen.add(column.name)
    return problems


def _get_workspace(transaction: Transaction, table_id: ResourceId) -> Resource[Workspace]:
    parent = table_id.parent
    assert parent is not None
    return transaction.get(Workspace, parent)


def _note_plan(transaction: Transaction, before: Table | None, draft: Table) -> Table:
    plan_changed = before is not None and before.plan is not draft.plan
    modified_at = transaction.now if plan_changed else before.plan_modified_at if before else None
    return replace(draft, plan_modified_at=modified_at)


def _note_retention(
    transaction: Transaction, table_id: ResourceId, before: Table | None, draft: Table
) -> Table:
    settings = _get_workspace(transaction, table_id).properties.settings
    days = total_days(settings, table_id.name, before), total_days(settings, table_id.name, draft)
    known = before.shortened if before is not None else None
    return replace(draft, shortened=note_shortening(known, *days, transaction.now))


def _without_echo(columns: tuple[TableColumn, ...], built_in: BuiltInTable) -> tuple[TableColumn, ...]:
    """Drop the table's own columns, which a client that reads, edits and writes back may repeat."""
    own = {column.name: column.type for column in built_in.columns}
    return tuple(column for column in columns if own.get(column.name) is not column.type)


def _check_ownership(
    columns: Sequence[TableColumn], built_in: BuiltInTable | None, *, is_own: bool
) -> list[Problem]:
    target = "properties.schema.columns"
    problems = []
    for index, column in enumerate(columns):
        if built_in is not None and not column.name.endswith("_CF"):
            problems.append(
                Problem(
                    f"{target}[{index}].name",
                    f"Column '{column.name}' can't be added to '{built_in.name}': custom columns of a built-in "
                    "table end in '_CF'.",
                )
            )
        if is_own and column.name.lower() in _RESERVED_COLUMNS:
            problems.append(
                Problem(f"{target}[{index}].name", f"'{column.name}' is the name of a system column.")
            )
    if built_in is None and not any(
        column.name == "TimeGenerated" and column.type is ScalarType.DATETIME for column in columns
    ):
        problems.append(Problem(target, "A table needs a column 'TimeGenerated' of type dateTime."))
    return problems


def _note_removed(draft: Table, before: Table) -> Table:
    """Return the draft with what it leaves out of the columns that there are, or were."""
    present = {column.name for column in draft.columns}
    known = (*before.columns, *before.removed_columns)
    return replace(draft, removed_columns=tuple(column for column in known if column.name not in present))


def _check_types(before: Sequence[TableColumn], after: Table) -> list[Problem]:
    """Check that what stored records may have keeps its type, and that they don't have ever more of it."""
    target = "properties.schema.columns"
    types = {column.name: column.type for column in after.columns}
    problems = [
        Problem(
            target,
            f"Column '{column.name}' is {column.type}, as stored records have it, and can't become "
            f"{types[column.name]}: add a column of another name.",
        )
        for column in before
        if types.get(column.name, column.type) is not column.type
    ]
    if len(after.columns) + len(after.removed_columns) > 2 * MAXIMUM_COLUMNS:
        problems.append(
            Problem(
                target,
                f"With those that were removed the table would have more than {2 * MAXIMUM_COLUMNS} columns: make a "
                "new table.",
            )
        )
    return problems


def _check_rhythm(before: Table | None, draft: Table, now: datetime) -> list[Problem]:
    """A plan can be changed once a week."""
    if before is None or before.plan is draft.plan or before.plan_modified_at is None:
        return []
    free_at = before.plan_modified_at + PLAN_REST
    if now >= free_at:
        return []
    return [
        Problem(
            "properties.plan",
            f"The plan was changed at {before.plan_modified_at:%Y-%m-%d %H:%M} UTC; it can be changed again at "
            f"{free_at:%Y-%m-%d %H:%M} UTC, a week later.",
        )
    ]


def _check_plan(table: Table, before: Table | None, built_in: BuiltInTable | None) -> list[Problem]:
    target = "properties.plan"
    if built_in is not None and table.plan is not TablePlan.ANALYTICS and not built_in.supports_basic_plan:
        return [Problem(target, f"The table '{built_in.name}' has the Analytics plan only.")]
    if table.sub_type is TableSubType.CLASSIC and table.plan is not TablePlan.ANALYTICS:
        return [Problem(target, "A table written by the Data Collector API has the Analytics plan only.")]
    if before is not None and before.plan is not table.plan:
        if TablePlan.AUXILIARY in (before.plan, table.plan):
            return [Problem(target, f"A table can't change from {before.plan} to {table.plan}.")]
    return []
