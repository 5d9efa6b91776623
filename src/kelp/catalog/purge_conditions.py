"""What a purge order means for a table as it is: which rows are to go, as a condition of the engine's statements."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kelp.base.clock import to_ticks
from kelp.catalog.archive_search import ArchiveSearch
from kelp.catalog.storage_rules import CONSTANT_COLUMNS
from kelp.clickhouse.ddl import RECEIPT_COLUMN, print_before
from kelp.clickhouse.row_predicate import compile_row_predicate
from kelp.kql.types import Column, ScalarType
from kelp.plan.scope import ScopedTable
from kelp.resources.purge import print_filters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.catalog.workspace_schema import WorkspaceTable
    from kelp.resources.purge import PurgeOrder
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.table import Table

RECEIPT_SPAN = timedelta(minutes=1)
"""Rows that are loaded together count as received with the last of them."""


class PurgeConditions:
    """Answers from memory but for the orders themselves, whose filters are sealed: for worker threads."""

    def __init__(self, store: ResourceStore, directory: WorkspaceDirectory) -> None:
        self._store = store
        self._directory = directory
        self._search = ArchiveSearch(directory)

    def list_orders(self, workspace_id: WorkspaceId, table: str) -> list[PurgeOrder]:
        """Return the orders about a table, carried out or not, oldest first."""
        return [order for order in self._store.list_purges(workspace_id) if order.table == table]

    def print_condition(self, order: PurgeOrder, stored: Sequence[Column]) -> str:
        """Return the condition of the rows that an order wants gone from a stored table with these columns.

        Raises what the key provider raises, `QueryRefusedError`.
        """
        condition = self.print_filter(order, stored)
        if any(column.name == RECEIPT_COLUMN for column in stored):
            until = to_ticks(order.requested_at + RECEIPT_SPAN)
            condition = f"{condition} AND {print_before(until, RECEIPT_COLUMN)}"
        return condition

    def print_filter(self, order: PurgeOrder, stored: Sequence[Column]) -> str:
        """Return the condition whenever the rows were received. A column that is not stored is null."""
        filters = self._store.open_purge(order)
        columns = self._find_columns(order.workspace_id, order.table)
        for one in filters:
            columns.setdefault(one.column, ScalarType.STRING)
        constants = self._find_constants(order.workspace_id, order.table)
        held = {column.name: column.type for column in stored}
        table = ScopedTable("", order.table, True, held, None, constants=constants)
        text = print_filters(filters, columns)
        wanted = tuple(Column(name, kind) for name, kind in columns.items())
        return compile_row_predicate(text, table, wanted, to_ticks(order.requested_at))

    def print_copy_condition(self, order: PurgeOrder, copy: Resource[Table], stored: Sequence[Column]) -> str:
        """Return the condition of the rows to go from what a search job or a restore copied out of the table.

        Whenever they were copied. Where the copy has not all columns that the filters are about, or a search computed
        them anew, nobody can tell which rows are meant: then all go. Raises as `print_condition`.
        """
        workspace = self._directory.find_workspaces(str(order.workspace_id))[0]
        reading = copy.properties.reading
        assert reading is not None
        kept = {column.name for column in stored} | CONSTANT_COLUMNS
        if reading.query:
            kept &= self._search.find_unchanged(workspace, reading.query) | CONSTANT_COLUMNS
        if not all(one.column in kept for one in self._store.open_purge(order)):
            return "1"
        return self.print_filter(order, stored)

    def _find_columns(self, workspace_id: UUID, name: str) -> dict[str, ScalarType]:
        table = self._find_table(workspace_id, name)
        return {column.name: column.type for column in table.schema.columns} if table is not None else {}

    def _find_constants(self, workspace_id: UUID, name: str) -> dict[str, str]:
        table = self._find_table(workspace_id, name)
        return dict(table.parts[0].table.constants) if table is not None and table.parts else {}

    def _find_table(self, workspace_id: UUID, name: str) -> WorkspaceTable | None:
        found = self._directory.find_workspaces(str(workspace_id))
        return self._directory.get_schema(found[0]).find_table(name) if found else None
