"""The standard tables in the form in which the resource store asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.resources.table import BuiltInTable, TableColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.catalog.tables.standard import StandardTable, StandardTables


class StandardBuiltInTables:
    """Fulfils `resources.table.BuiltInTables`."""

    def __init__(self, tables: StandardTables) -> None:
        self._tables = tables
        self._made: dict[str, BuiltInTable] = {}

    def find_built_in(self, name: str) -> BuiltInTable | None:
        canonical = self._tables.find_canonical_name(name)
        return None if canonical is None else self._get(canonical)

    def iter_built_in(self) -> Iterable[BuiltInTable]:
        return map(self._get, self._tables.names())

    def _get(self, name: str) -> BuiltInTable:
        if (made := self._made.get(name)) is not None:
            return made
        table = self._tables.find(name)
        assert table is not None
        return self._made.setdefault(name, _make_built_in(table))


def _make_built_in(table: StandardTable) -> BuiltInTable:
    return BuiltInTable(
        name=table.name,
        columns=tuple(TableColumn(column.name, column.type) for column in table.schema.columns),
        categories=table.categories,
        solutions=table.solutions,
        supports_basic_plan=table.offers_basic_plan,
    )
