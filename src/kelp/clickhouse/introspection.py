"""Questions to the engine about what it holds, and reading its type names. Pure: text in, text out.

Names and types need no key: the engine answers from its metadata also while a table sleeps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import TIME_COLUMN, print_before
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.ddl import MaterializedColumn
    from kelp.clickhouse.types import EngineTable

_SAMPLED_ROWS = 50_000
_WRAPPER = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)")
_SCALAR_TYPES = {
    "Bool": ScalarType.BOOL,
    "Date": ScalarType.DATETIME,
    "Date32": ScalarType.DATETIME,
    "Float32": ScalarType.REAL,
    "Float64": ScalarType.REAL,
    "String": ScalarType.STRING,
    "UUID": ScalarType.GUID,
    **dict.fromkeys(("Int8", "Int16", "Int32", "UInt8", "UInt16"), ScalarType.INT),
    **dict.fromkeys(("Int64", "UInt32", "UInt64"), ScalarType.LONG),
}


def select_databases() -> str:
    """Return a query for the names of all databases: `name`."""
    return "SELECT name FROM system.databases ORDER BY name"


def select_columns(database: str, table: str | None = None) -> str:
    """Return a query for the stored columns of one or all tables of a database, in order: `table`, `name`, `type`."""
    only = "" if table is None else f" AND table = {quote_string(table)}"
    return (
        "SELECT table, name, type FROM system.columns "
        f"WHERE database = {quote_string(database)}{only} AND default_kind = '' ORDER BY table, position"
    )


def select_tables_ending(ending: str) -> str:
    """Return a query for the tables of all databases whose names end so: `database`, `name`."""
    return f"SELECT database, name FROM system.tables WHERE endsWith(name, {quote_string(ending)})"


def select_table_id(table: EngineTable) -> str:
    """Return a query for the engine's own id of a table, which stays when names are swapped; no row without one."""
    return (
        "SELECT toString(uuid) FROM system.tables "
        f"WHERE database = {quote_string(table.database)} AND name = {quote_string(table.name)}"
    )


def read_scalar_type(engine_type: str) -> ScalarType | None:
    """Return the KQL type that stands for an engine type; None where there is none, such as for arrays.

    Dynamic values and timespans are stored as texts and numbers, and are not told apart from them.
    """
    while wrapped := _WRAPPER.fullmatch(engine_type):
        engine_type = wrapped[1]
    if engine_type.startswith("DateTime"):
        return ScalarType.DATETIME
    if engine_type.startswith("Decimal"):
        return ScalarType.DECIMAL
    if engine_type.startswith("FixedString"):
        return ScalarType.STRING
    return _SCALAR_TYPES.get(engine_type)


def select_count(table: EngineTable, predicate: str) -> str:
    """Return a query for the number of rows for which the printed predicate holds."""
    return f"SELECT count() FROM {table.sql} WHERE {predicate}"


def select_sizes(table: EngineTable) -> str:
    """Return a query for the number of rows, and the first and last TimeGenerated in ticks since 1970."""
    time = quote_identifier(TIME_COLUMN)
    return (
        f"SELECT count(), reinterpretAsInt64(min({time})), reinterpretAsInt64(max({time})) FROM {table.sql}"
    )


def select_variety(table: EngineTable, column: MaterializedColumn) -> str:
    """Return a query for how many rows were looked at, and how many different values the column has in them."""
    source = quote_identifier(column.path.column)
    sample = f"SELECT {source} FROM {table.sql} LIMIT {_SAMPLED_ROWS}"
    return f"SELECT count(), uniq({column.expression}) FROM ({sample})"


def select_partitions_before(table: EngineTable, ticks: int) -> str:
    """Return a query for the ids of the partitions that hold rows of before a moment (in ticks): `id`."""
    return (
        f"SELECT DISTINCT _partition_id FROM {table.sql} WHERE {print_before(ticks)} ORDER BY _partition_id"
    )


def explain_plan(select: str) -> str:
    """Return a query for the engine's plan of a SELECT with the use of its indexes, a line each.

    Nothing of the SELECT is run but scalar subqueries.
    """
    return f"EXPLAIN indexes = 1 {select}"


def estimate_rows(select: str) -> str:
    """Return a query for what a SELECT would read: `database`, `table`, `parts`, `rows`, `marks`; as `explain_plan`."""
    return f"EXPLAIN ESTIMATE {select}"


def select_usage(identities: Iterable[str]) -> str:
    """Return a query for what the running statements of those `log_comment`s have used: microseconds of CPU, the peaks
    of their memory in bytes, and how many the engine knows of.
    """
    named = ", ".join(quote_string(identity) for identity in identities)
    return (
        "SELECT sum(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']), "
        "sum(peak_memory_usage), count() "
        f"FROM system.processes WHERE Settings['log_comment'] IN ({named})"
    )


def select_column_sizes(table: EngineTable) -> str:
    """Return a query for the stored columns of a table: `column`, rows, its bytes as they are stored, and the bytes of
    parts that are so small that the engine does not tell columns apart in them.
    """
    return (
        "SELECT column, sum(rows), sum(column_bytes_on_disk), sumIf(bytes_on_disk, column_bytes_on_disk = 0) "
        "FROM system.parts_columns "
        f"WHERE database = {quote_string(table.database)} AND table = {quote_string(table.name)} AND active "
        "GROUP BY column ORDER BY column"
    )
