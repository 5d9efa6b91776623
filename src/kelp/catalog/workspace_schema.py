"""One workspace's tables at one moment: the standard ones, its own, and what the engine has of them.

Immutable and in memory. A table is put together when it is first asked for, from parts that all workspaces share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from kelp.catalog.storage_rules import CONSTANT_COLUMNS, NON_NULL_COLUMNS, constant_values
from kelp.catalog.tables import with_canonical_columns
from kelp.clickhouse.ddl import RECEIPT_COLUMN, database_name
from kelp.kql.types import Column, RowSchema
from kelp.plan.scope import ScopedTable
from kelp.resources.table import TablePlan, interactive_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from kelp.catalog.ledger import StoredTable, StoredTables
    from kelp.catalog.tables import StandardTable, StandardTables
    from kelp.resources.resource import Resource
    from kelp.resources.table import Table
    from kelp.resources.workspace import Workspace


Stores: TypeAlias = "Sequence[tuple[UUID, StoredTables]]"
"""The tables of a workspace's stores, by store."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A table in one store. `table` is without a predicate: the caller's rights and the time add it.

    No row is older than `first_ticks` (100 ns since 1970); None where that is not known.
    """

    table: ScopedTable
    first_ticks: int | None


@dataclass(frozen=True, slots=True)
class WorkspaceTable:
    """A table as queries see it, and the stored ones behind it: in each store that has it, or one that has no rows."""

    name: str
    schema: RowSchema
    parts: tuple[StoredPart, ...]
    retention_days: int
    limited_plan: str = ""
    """The plan of a table that answers simple queries only; empty for one that answers all."""


class WorkspaceSchema:
    """The tables of a workspace. Safe for concurrent use."""

    def __init__(
        self,
        workspace: Resource[Workspace],
        declared: Mapping[str, Resource[Table]],
        stored: Stores,
        standard: StandardTables,
    ) -> None:
        """`declared` is by name in lower case, as in `resources.snapshot`; `stored` has the store at home first."""
        self.workspace = workspace
        self._declared = declared
        self._stored = stored
        self._standard = standard
        self._tables: dict[str, WorkspaceTable | None] = {}
        self._names_with_rows: tuple[str, ...] | None = None

    def is_of(
        self, workspace: Resource[Workspace], declared: Mapping[str, Resource[Table]], stored: Stores
    ) -> bool:
        """Tell whether it was made of these very objects and so need not be made again."""
        if self.workspace is not workspace or self._declared is not declared:
            return False
        pairs = zip(self._stored, stored, strict=False)
        return len(self._stored) == len(stored) and all(
            one[0] == other[0] and one[1] is other[1] for one, other in pairs
        )

    def find_table(self, name: str) -> WorkspaceTable | None:
        """Return the table of that exact name."""
        try:
            return self._tables[name]
        except KeyError:
            return self._tables.setdefault(name, self._make_table(name))

    def names(self) -> Iterable[str]:
        """All names: standard tables and the workspace's own."""
        yield from self._standard.names()
        for resource in self._declared.values():
            if self._standard.find_canonical_name(resource.id.name) is None:
                yield resource.id.name

    def names_with_rows(self) -> tuple[str, ...]:
        """The names of tables that were given rows, in order."""
        if self._names_with_rows is None:
            held = {name for _, tables in self._stored for name, table in tables.items() if table.holds_rows}
            self._names_with_rows = tuple(name for name in sorted(held) if self.find_table(name) is not None)
        return self._names_with_rows

    def find_declaration(self, name: str) -> Resource[Table] | None:
        """Return what decides about a custom table of that exact name; a standard table needs no declaration."""
        declared = self._declared.get(name.lower())
        if declared is None or declared.id.name != name or self._standard.find(name) is not None:
            return None
        return declared

    def _make_table(self, name: str) -> WorkspaceTable | None:
        standard = self._standard.find(name)
        declared = self._declared.get(name.lower())
        if standard is None and (declared is None or declared.id.name != name):
            return None
        own = find_own_in_stores(self._stored, name, declared if standard is None else None)
        found = [(store_id, table) for store_id, table in own if table.definition is not None]
        plan = _find_limited_plan(declared)
        parts = tuple(self._part(store_id, name, table) for store_id, table in found) or (
            self._part(self._stored[0][0], name, None),
        )
        return WorkspaceTable(
            name=name,
            schema=make_schema(standard, declared, [table for _, table in own]),
            parts=tuple(
                replace(part, table=replace(part.table, has_limited_plan=True)) if plan else part
                for part in parts
            ),
            retention_days=self._retention_days(name, declared),
            limited_plan=plan,
        )

    def _part(self, store_id: UUID, name: str, stored: StoredTable | None) -> StoredPart:
        workspace_id = self.workspace.properties.workspace_id
        definition = stored.definition if stored is not None else None
        columns = definition.columns if definition is not None else ()
        table = ScopedTable(
            database=database_name(store_id),
            table=name,
            exists=definition is not None,
            stored_columns={column.name: column.type for column in columns},
            predicate=None,
            term_indexed=definition.term_indexed if definition is not None else frozenset(),
            non_null=NON_NULL_COLUMNS,
            constants=constant_values(name, str(workspace_id)),
            promoted={column.path: column.name for column in definition.materialized} if definition else {},
        )
        return StoredPart(table, stored.first_ticks if stored is not None else None)

    def _retention_days(self, name: str, declared: Resource[Table] | None) -> int:
        settings = self.workspace.properties.settings
        return interactive_days(settings, name, declared.properties if declared is not None else None)


def _find_limited_plan(declared: Resource[Table] | None) -> str:
    if declared is None or declared.properties.plan is TablePlan.ANALYTICS:
        return ""
    return declared.properties.plan.value


def find_own_in_stores(
    stored: Stores, name: str, declared: Resource[Table] | None
) -> list[tuple[UUID, StoredTable]]:
    """Return what `find_own` finds in each store that has it."""
    found = ((store_id, find_own(tables, name, declared)) for store_id, tables in stored)
    return [(store_id, table) for store_id, table in found if table is not None]


def find_own(stored: StoredTables, name: str, declared: Resource[Table] | None) -> StoredTable | None:
    """Return what is stored of a table; of a custom table only what was stored for this very declaration.

    What a table of the same name left behind, which is about to be removed, is none of the new one's.
    """
    found = stored.get(name)
    if found is None or (declared is not None and found.resource_uid != declared.uid):
        return None
    return found


def _declared_columns(standard: StandardTable | None, declared: Resource[Table] | None) -> tuple[Column, ...]:
    own = (
        tuple(Column(column.name, column.type) for column in declared.properties.columns) if declared else ()
    )
    if standard is None:
        return with_canonical_columns(own)
    if not own:
        return standard.schema.columns
    names = {column.name for column in standard.schema.columns}
    return standard.schema.columns + tuple(column for column in own if column.name not in names)


def make_schema(
    standard: StandardTable | None, declared: Resource[Table] | None, stored: Sequence[StoredTable]
) -> RowSchema:
    """Return the columns in order; where documents and the engine disagree about a type, what is stored decides.

    `declared` is of the owner, and adds to the columns of a standard table; `stored` is what each store has. Columns
    that the owner removed are stored and not shown.
    """
    known = _declared_columns(standard, declared)
    definitions = [table.definition for table in stored if table.definition is not None]
    if not definitions:
        return standard.schema if standard is not None and declared is None else RowSchema(known)
    held: dict[str, Column] = {}
    for definition in definitions:
        for column in definition.columns:
            if column.name != RECEIPT_COLUMN:
                held.setdefault(column.name, column)
    columns = tuple(
        column if column.name in CONSTANT_COLUMNS else held.pop(column.name, column) for column in known
    )
    removed = {column.name for column in declared.properties.removed_columns} if declared else set()
    columns += tuple(column for column in held.values() if column.name not in removed)
    if standard is not None and columns == standard.schema.columns:
        return standard.schema
    return RowSchema(columns)
