"""One workspace's tables at one moment: the standard ones, its own, and what the engine has of them.

Immutable and in memory. A table is put together when it is first asked for, from parts that all workspaces share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.catalog.storage_rules import CONSTANT_COLUMNS, NON_NULL_COLUMNS, constant_values
from kelp.catalog.tables import with_canonical_columns
from kelp.clickhouse.ddl import RECEIPT_COLUMN, database_name
from kelp.kql.types import Column, RowSchema
from kelp.plan.scope import ScopedTable
from kelp.resources.table import interactive_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kelp.catalog.ledger import StoredTable, StoredTables
    from kelp.catalog.tables import StandardTable, StandardTables
    from kelp.resources.resource import Resource
    from kelp.resources.table import Table
    from kelp.resources.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WorkspaceTable:
    """A table as queries see it. `stored` is without a predicate: the caller's rights and the time add it.

    No row is older than `first_ticks` (100 ns since 1970); None where that is not known.
    """

    name: str
    schema: RowSchema
    stored: ScopedTable
    retention_days: int
    first_ticks: int | None


class WorkspaceSchema:
    """The tables of a workspace. Safe for concurrent use."""

    def __init__(
        self,
        workspace: Resource[Workspace],
        declared: Mapping[str, Resource[Table]],
        stored: StoredTables,
        standard: StandardTables,
    ) -> None:
        """`declared` is by name in lower case, as in `resources.snapshot`."""
        self.workspace = workspace
        self._declared = declared
        self._stored = stored
        self._standard = standard
        self._tables: dict[str, WorkspaceTable | None] = {}
        self._names_with_rows: tuple[str, ...] | None = None

    def is_of(
        self, workspace: Resource[Workspace], declared: Mapping[str, Resource[Table]], stored: StoredTables
    ) -> bool:
        """Tell whether it was made of these very objects and so need not be made again."""
        return self.workspace is workspace and self._declared is declared and self._stored is stored

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
            held = sorted(name for name, table in self._stored.items() if table.holds_rows)
            self._names_with_rows = tuple(name for name in held if self.find_table(name) is not None)
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
        stored = find_own(self._stored, name, declared if standard is None else None)
        return WorkspaceTable(
            name=name,
            schema=make_schema(standard, declared, stored),
            stored=self._scope(name, stored),
            retention_days=self._retention_days(name, declared),
            first_ticks=stored.first_ticks if stored is not None else None,
        )

    def _scope(self, name: str, stored: StoredTable | None) -> ScopedTable:
        workspace_id = self.workspace.properties.workspace_id
        definition = stored.definition if stored is not None else None
        columns = definition.columns if definition is not None else ()
        return ScopedTable(
            database=database_name(workspace_id),
            table=name,
            exists=definition is not None,
            stored_columns={column.name: column.type for column in columns},
            predicate=None,
            term_indexed=definition.term_indexed if definition is not None else frozenset(),
            non_null=NON_NULL_COLUMNS,
            constants=constant_values(name, str(workspace_id)),
            promoted={column.path: column.name for column in definition.materialized} if definition else {},
        )

    def _retention_days(self, name: str, declared: Resource[Table] | None) -> int:
        settings = self.workspace.properties.settings
        return interactive_days(settings, name, declared.properties if declared is not None else None)


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
    standard: StandardTable | None, declared: Resource[Table] | None, stored: StoredTable | None
) -> RowSchema:
    """Return the columns in order; where documents and the engine disagree about a type, what is stored decides.

    `declared` is of the owner, and adds to the columns of a standard table.
    """
    known = _declared_columns(standard, declared)
    if stored is None or stored.definition is None:
        return standard.schema if standard is not None and declared is None else RowSchema(known)
    held = {column.name: column for column in stored.definition.columns if column.name != RECEIPT_COLUMN}
    columns = tuple(
        column if column.name in CONSTANT_COLUMNS else held.pop(column.name, column) for column in known
    )
    columns += tuple(held.values())
    if standard is not None and columns == standard.schema.columns:
        return standard.schema
    return RowSchema(columns)
