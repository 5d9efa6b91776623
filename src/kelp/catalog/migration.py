"""From the columns that a table has to those it should have. Pure: additions only, and a type never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError
from kelp.clickhouse import ddl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kelp.clickhouse.ddl import SchemaStatement, TableDefinition, TableStorage
    from kelp.clickhouse.types import EngineTable
    from kelp.kql.types import Column, ScalarType


class ColumnTypeConflict(ServiceError):
    """Columns have another type than asked for. `details` has one error for each, with the column as its target."""

    def __init__(self, table: str, conflicts: Iterable[tuple[str, ScalarType, ScalarType]]) -> None:
        details = tuple(
            ServiceError(
                Category.CONFLICT,
                "ColumnTypeConflict",
                f"Column '{name}' of '{table}' is {present} and can't take {wanted}.",
                target=name,
            )
            for name, present, wanted in conflicts
        )
        message = " ".join(detail.message for detail in details)
        super().__init__(Category.CONFLICT, "ColumnTypeConflict", message, target=table, details=details)


def check_types(table: str, present: Mapping[str, ScalarType], wanted: Iterable[Column]) -> None:
    """Raise `ColumnTypeConflict` for columns that are there with another type."""
    conflicts = [
        (column.name, present[column.name], column.type)
        for column in wanted
        if present.get(column.name, column.type) is not column.type
    ]
    if conflicts:
        raise ColumnTypeConflict(table, conflicts)


def plan_migration(
    table: EngineTable, existing: Collection[str], wanted: TableDefinition, storage: TableStorage
) -> tuple[SchemaStatement, ...]:
    """Return the statements after which a table with the columns `existing` (none: no table) has all of `wanted`."""
    if not existing:
        return (ddl.create_table(table, wanted, storage),)
    columns = [column for column in wanted.columns if column.name not in existing]
    computed = [column for column in wanted.materialized if column.name not in existing]
    return (
        *(ddl.add_column(table, column, wanted) for column in columns),
        *(ddl.add_materialized_column(table, column) for column in computed),
    )
