"""A stored table: its columns, what it lacks, and the predicates it must not be read without."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from kelp.clickhouse.ddl import RECEIPT_COLUMN
from kelp.clickhouse.functions.spelling import JsonPath, Lowered, StoredText, literal, null_of
from kelp.clickhouse.lowering.expressions import lower_predicate
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.lowering.values import no_rows
from kelp.clickhouse.sql import SqlColumn, SqlSharedSource, SqlTable
from kelp.clickhouse.types import EngineTable, is_nullable
from kelp.kql.types import ScalarType
from kelp.plan.rewrite import referenced_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Expression
    from kelp.plan.nodes import ScopedScan
    from kelp.plan.scope import PropertyPath, ScopedTable


def lower_scan(context: LoweringContext, plan: ScopedScan) -> Level:
    """Return the level that reads the table; no rows where the engine does not have it yet."""
    if not plan.table.exists:
        return no_rows(context, plan.columns)
    alias = context.fresh_alias()
    source: SqlTable | SqlSharedSource = SqlSharedSource(plan.table.table)
    if not plan.table.is_relation:
        source = SqlTable(EngineTable(plan.table.database, plan.table.table))
        context.tables.add(source.table)
    wanted: dict[str, ScalarType] = {column.name: column.type for column in plan.columns}
    for name in referenced_columns(plan.filters):
        wanted.setdefault(name, plan.table.stored_columns[name])
    reads = context.property_reads.setdefault(source.table, set()) if isinstance(source, SqlTable) else set()
    columns = {name: _column(plan.table, alias, name, kind, reads) for name, kind in wanted.items()}
    level = Level(source, alias, columns)
    for predicate in plan.filters:
        level.where.extend(lower_predicate(context, predicate, level))
    level.columns = {column.name: columns[column.name] for column in plan.columns}
    if RECEIPT_COLUMN in plan.table.stored_columns:
        # No schema names it, so a result never shows it; `ingestion_time()` looks for it.
        level.columns[RECEIPT_COLUMN] = _column(plan.table, alias, RECEIPT_COLUMN, ScalarType.DATETIME, reads)
    return level


def _column(table: ScopedTable, alias: str, name: str, kind: ScalarType, reads: set[PropertyPath]) -> Lowered:
    if name in table.constants:
        return Lowered(literal(table.constants[name]), kind, nullable=False)
    if name not in table.stored_columns:
        return Lowered(null_of(kind), kind, is_nullable(kind))
    nullable = is_nullable(kind) and name not in table.non_null
    column = SqlColumn(alias, name)
    origin = None
    if kind is ScalarType.DYNAMIC and not table.is_relation:
        origin = JsonPath(column, stored=StoredText(column, table.promoted, reads))
    return Lowered(column, kind, nullable, term_indexed=name in table.term_indexed, origin=origin)


def guard_of(table: ScopedTable, alias: str) -> list[SqlExpression]:
    """Return the conditions that a SELECT over the table, under that alias, must hold."""
    if table.predicate is None or not table.exists:
        return []
    return conditions_of(table, table.predicate, table.stored_columns, alias)


def conditions_of(
    table: ScopedTable, predicate: Expression, types: Mapping[str, ScalarType], alias: str
) -> list[SqlExpression]:
    """Return the conditions that hold for the rows of the table for which the predicate is true.

    `types` are of the columns that it names; one that is not stored has its constant, or is null.
    """
    columns = {
        name: _column(table, alias, name, types[name], set()) for name in referenced_columns([predicate])
    }
    return lower_predicate(LoweringContext(_no_inner_queries), predicate, Level(None, alias, columns))


def _no_inner_queries(operator: object) -> NoReturn:
    raise AssertionError(f"a scope's predicate holds a query: {operator!r}")
