"""The statements that make, change and remove what is stored. Pure: text from frozen values; nothing is run here.

Layout of a table: sorted by TimeGenerated, because questions to logs name a time range; partitioned by day or month,
the unit that retention drops; texts as ZSTD(3), which takes half of LZ4's space and hardly more time to write; times as
differences of differences. Parts are flushed before an insert returns, so an acknowledged row survives a power cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.clickhouse.types import EngineTable, expression_type, print_moment, required_type
from kelp.kql.types import Column, ScalarType
from kelp.plan.scope import PropertyPath

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIME_COLUMN = "TimeGenerated"
RECEIPT_COLUMN = "_TimeReceived"
CUSTOMER_COLUMN = "_CustomerId"
"""The customer whose key or identity the sender used; empty where the workspace's own was."""
LOAD_COLUMN = "_LoadToken"
"""In every table, hidden: which insert brought the row (UInt64). It becomes durable with the row and in the same step,
which the engine's own log of deduplication tokens does not."""

_DATABASE_PREFIX = "ws_"


class Partitioning(StrEnum):
    """The span of time that one partition holds."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class MaterializedColumn:
    """A column the engine computes from the others as rows arrive. `type` and `expression` are SQL printed by Kelp.

    `path` is the property that it holds.
    """

    name: str
    type: str
    expression: str
    path: PropertyPath


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """What a stored table looks like. It has a never-null TimeGenerated; so is `_TimeReceived`, where there is one.

    `columns` are all that Kelp gave it, without `LOAD_COLUMN`, which comes with every table. `term_indexed` columns
    are strings that `has` finds by index; `low_cardinality` columns are strings of few values.
    """

    columns: tuple[Column, ...]
    partitioning: Partitioning
    term_indexed: frozenset[str] = frozenset()
    low_cardinality: frozenset[str] = frozenset()
    materialized: tuple[MaterializedColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class EncryptedDisk:
    """A folder whose files the engine encrypts. Keys are named by the environment variables that briefly hold them.

    With `outer_key_variable` (double encryption), what the first key made unreadable is encrypted again with AES-128.
    """

    path: str
    key_variable: str
    outer_key_variable: str | None = None


@dataclass(frozen=True, slots=True)
class TableStorage:
    """Where and how an engine keeps the tables of one database."""

    disk: EncryptedDisk | None = None
    engine: str = "MergeTree"
    settings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchemaStatement:
    """A statement without rows, and the tables it concerns: an engine opens tables, and lends keys, by these.

    `touches` exist before and after, `creates` only after, `removes` only before.
    """

    sql: str
    touches: frozenset[EngineTable] = frozenset()
    creates: frozenset[EngineTable] = frozenset()
    removes: frozenset[EngineTable] = frozenset()

    @property
    def tables(self) -> frozenset[EngineTable]:
        """All of them."""
        return self.touches | self.creates | self.removes


def database_name(store_id: UUID) -> str:
    """Return the name of a store's database; that of a workspace's store at home bears the workspace's id."""
    return _DATABASE_PREFIX + store_id.hex


def find_store(database: str) -> UUID | None:
    """Return the store whose database that is; None for any other database."""
    if not database.startswith(_DATABASE_PREFIX):
        return None
    try:
        store_id = UUID(hex=database.removeprefix(_DATABASE_PREFIX))
    except ValueError:
        return None
    return store_id if database_name(store_id) == database else None


def normalized_terms(sql: str) -> str:
    """Return the expression over which terms are indexed and searched; `sql` is a printed string expression.

    Lower case, and what is neither ASCII nor a letter or decimal digit becomes a space, because the engine's tokenizer
    splits at ASCII characters only. Index and query must use this very expression.
    """
    other = quote_string(r"[^\x00-\x7F\p{L}\p{Nd}]")
    return f"if(isValidASCII({sql}), lower({sql}), replaceRegexpAll(lowerUTF8({sql}), {other}, ' '))"


def create_database(database: str) -> str:
    """Make a database whose tables sleep until used: at start-up, a lost key of one must not stop the others."""
    name = quote_identifier(database)
    return f"CREATE DATABASE IF NOT EXISTS {name} ENGINE = Atomic SETTINGS lazy_load_tables = 1"


def drop_database(database: str) -> str:
    """Remove a database with all tables and wait until their files are gone."""
    return f"DROP DATABASE IF EXISTS {quote_identifier(database)} SYNC"


def list_databases() -> str:
    """Give the names of all databases, one row each, in hexadecimal: a name may hold a line end."""
    return "SELECT hex(name) FROM system.databases"


def list_tables(database: str) -> str:
    """Give the names of a database's attached tables, as `list_databases` does."""
    return f"SELECT hex(name) FROM system.tables WHERE database = {quote_string(database)}"


def list_detached_tables(database: str) -> str:
    """Give the names of a database's detached tables, as `list_databases` does."""
    return f"SELECT hex(table) FROM system.detached_tables WHERE database = {quote_string(database)}"


def list_active_parts(table: EngineTable) -> str:
    """Give the name and the folder of each part that a table consists of, one row each."""
    database, name = quote_string(table.database), quote_string(table.name)
    return f"SELECT name, path FROM system.parts WHERE active AND database = {database} AND table = {name}"


def create_table(table: EngineTable, definition: TableDefinition, storage: TableStorage) -> SchemaStatement:
    """Make a table. Raises `ValueError` where the definition contradicts itself."""
    _check_definition(definition)
    parts = [
        *(column_definition(column, definition) for column in definition.columns),
        *(_materialized_definition(column) for column in definition.materialized),
        f"{quote_identifier(LOAD_COLUMN)} UInt64 DEFAULT 0 CODEC(ZSTD(1))",
        *(f"INDEX {_term_index(name)}" for name in sorted(definition.term_indexed)),
        *_receipt_index(definition),
        f"INDEX {quote_identifier('load')} {quote_identifier(LOAD_COLUMN)} TYPE bloom_filter(0.01)",
    ]
    body = ",\n  ".join(parts)
    sql = (
        f"CREATE TABLE IF NOT EXISTS {table.sql} (\n  {body}\n) ENGINE = {storage.engine}\n"
        f"PARTITION BY {_partition_key(definition.partitioning)}\n"
        f"ORDER BY {quote_identifier(TIME_COLUMN)}\n"
        f"SETTINGS {_print_table_settings(storage)}"
    )
    return SchemaStatement(sql, creates=frozenset({table}))


def drop_table(table: EngineTable) -> SchemaStatement:
    """Remove a table and wait until its files are gone."""
    return SchemaStatement(f"DROP TABLE IF EXISTS {table.sql} SYNC", removes=frozenset({table}))


def exchange_tables(first: EngineTable, second: EngineTable) -> SchemaStatement:
    """Swap the names of two tables in one step."""
    return SchemaStatement(
        f"EXCHANGE TABLES {first.sql} AND {second.sql}", touches=frozenset({first, second})
    )


def rename_table(table: EngineTable, new_name: EngineTable) -> SchemaStatement:
    """Give a table another name."""
    return SchemaStatement(
        f"RENAME TABLE {table.sql} TO {new_name.sql}",
        removes=frozenset({table}),
        creates=frozenset({new_name}),
    )


def detach_table(table: EngineTable) -> SchemaStatement:
    """Close a table until it is attached again, or the engine starts anew; its files stay."""
    return SchemaStatement(f"DETACH TABLE IF EXISTS {table.sql} SYNC", removes=frozenset({table}))


def attach_table(table: EngineTable) -> SchemaStatement:
    """Open a detached table again."""
    return SchemaStatement(f"ATTACH TABLE IF NOT EXISTS {table.sql}", creates=frozenset({table}))


def add_column(table: EngineTable, column: Column, definition: TableDefinition) -> SchemaStatement:
    """Add a column of the new `definition`, with its term index if it has one; rows that exist read as null or ''."""
    actions = [f"ADD COLUMN IF NOT EXISTS {column_definition(column, definition)}"]
    if column.name in definition.term_indexed:
        actions.append(_add_term_index(column.name))
    return _alter(table, ", ".join(actions))


def add_materialized_column(table: EngineTable, column: MaterializedColumn) -> SchemaStatement:
    """Add a computed column; parts that exist compute it when read, until they are merged."""
    return _alter(table, f"ADD COLUMN IF NOT EXISTS {_materialized_definition(column)}")


def materialize_column(table: EngineTable, column: str) -> SchemaStatement:
    """Have the engine compute a computed column for the parts that exist, in the background."""
    return _alter(table, f"MATERIALIZE COLUMN {quote_identifier(column)}")


def add_term_index(table: EngineTable, column: str) -> SchemaStatement:
    """Index a column's terms in new parts; searches stay exact on parts without it, only slower."""
    return _alter(table, _add_term_index(column))


def drop_term_index(table: EngineTable, column: str) -> SchemaStatement:
    """Remove the index of a column's terms."""
    return _alter(table, f"DROP INDEX IF EXISTS {_term_index_name(column)}")


def drop_column(table: EngineTable, column: str) -> SchemaStatement:
    """Remove a column, and first the index over it."""
    index = f"DROP INDEX IF EXISTS {_term_index_name(column)}"
    return _alter(table, f"{index}, DROP COLUMN IF EXISTS {quote_identifier(column)}")


def drop_partition(table: EngineTable, partition_id: str) -> SchemaStatement:
    """Remove a partition. An insert that is repeated later brings its rows again."""
    return _alter(table, f"DROP PARTITION ID {quote_string(partition_id)}")


def attach_partition(table: EngineTable, source: EngineTable, partition_id: str) -> SchemaStatement:
    """Copy a partition of `source`, a table of the same structure, also across disks and keys."""
    return SchemaStatement(
        f"ALTER TABLE {table.sql} ATTACH PARTITION ID {quote_string(partition_id)} FROM {source.sql}",
        touches=frozenset({table, source}),
    )


def copy_rows(
    table: EngineTable, source: EngineTable, columns: Sequence[str], received_before_ticks: int
) -> SchemaStatement:
    """Copy rows of `source` that were received before a moment (in ticks), with the tokens they bear."""
    names = ", ".join(quote_identifier(name) for name in (*columns, LOAD_COLUMN))
    older = print_before(received_before_ticks, RECEIPT_COLUMN)
    sql = f"INSERT INTO {table.sql} ({names}) SELECT {names} FROM {source.sql} WHERE {older}"
    return SchemaStatement(sql, touches=frozenset({table, source}))


def insert_rows(
    table: EngineTable,
    values: Sequence[tuple[str, str]],
    select: str,
    sources: frozenset[EngineTable],
    limit_rows: int | None,
) -> SchemaStatement:
    """Fill columns of a table with printed expressions over the rows of a SELECT over `sources`, or the first of them.

    Not durable in one step: what a failure leaves is the caller's to remove.
    """
    names = ", ".join(quote_identifier(name) for name, _ in values)
    cells = ", ".join(expression for _, expression in values)
    limit = "" if limit_rows is None else f" LIMIT {limit_rows}"
    sql = f"INSERT INTO {table.sql} ({names}) SELECT {cells} FROM ({select}){limit}"
    return SchemaStatement(sql, touches=frozenset({table}) | sources)


def print_time(ticks: int) -> str:
    """Return a moment, given in 100 ns since 1970, as an expression."""
    return f"CAST({quote_string(print_moment(ticks))}, 'DateTime64(7, ''UTC'')')"


def delete_rows(table: EngineTable, predicate: str) -> SchemaStatement:
    """Remove the rows for which the printed predicate holds, from the files too, and wait for it."""
    sql = f"ALTER TABLE {table.sql} DELETE WHERE {predicate} SETTINGS mutations_sync = 2"
    return SchemaStatement(sql, touches=frozenset({table}))


def print_before(ticks: int, column: str = TIME_COLUMN) -> str:
    """Return the predicate of rows whose time is before a moment, given in 100 ns since 1970."""
    return f"{quote_identifier(column)} < {print_time(ticks)}"


def print_of_customers_before(customer_ids: Sequence[str], ticks: int) -> str:
    """Return the predicate of rows of some customers whose time is before a moment."""
    ids = ", ".join(quote_string(one) for one in customer_ids)
    return f"{quote_identifier(CUSTOMER_COLUMN)} IN ({ids}) AND {print_before(ticks)}"


def is_partition_before(partition_id: str, moment: datetime) -> bool:
    """Tell whether all rows of the partition are of before a moment, by the day or month that is its id."""
    return partition_id < moment.strftime("%Y%m%d")[: len(partition_id)]


def optimize_partition(table: EngineTable, partition_id: str) -> SchemaStatement:
    """Merge a partition into one part."""
    sql = f"OPTIMIZE TABLE {table.sql} PARTITION ID {quote_string(partition_id)} FINAL"
    return SchemaStatement(sql, touches=frozenset({table}))


def column_definition(column: Column, definition: TableDefinition) -> str:
    """Return how a column of the definition is declared: name, type, codec."""
    name = quote_identifier(column.name)
    if column.name in (TIME_COLUMN, RECEIPT_COLUMN):
        return f"{name} {required_type(column.type)} CODEC(DoubleDelta, ZSTD(1))"
    if column.name in definition.low_cardinality:
        return f"{name} LowCardinality(String) CODEC(ZSTD(1))"
    return f"{name} {expression_type(column.type)} CODEC({_codec(column.type)})"


def _codec(scalar_type: ScalarType) -> str:
    match scalar_type:
        case ScalarType.STRING | ScalarType.DYNAMIC:
            return "ZSTD(3)"
        case ScalarType.DATETIME:
            return "DoubleDelta, ZSTD(1)"
        case _:
            return "ZSTD(1)"


def _materialized_definition(column: MaterializedColumn) -> str:
    return f"{quote_identifier(column.name)} {column.type} MATERIALIZED {column.expression} CODEC(ZSTD(1))"


def _add_term_index(column: str) -> str:
    return f"ADD INDEX IF NOT EXISTS {_term_index(column)}"


def _term_index(column: str) -> str:
    expression = normalized_terms(quote_identifier(column))
    tokenizer = "text(tokenizer = splitByNonAlpha, posting_list_codec = 'bitpacking')"
    return f"{_term_index_name(column)} {expression} TYPE {tokenizer}"


def _term_index_name(column: str) -> str:
    return quote_identifier(f"terms_{column}")


def _receipt_index(definition: TableDefinition) -> tuple[str, ...]:
    if not any(column.name == RECEIPT_COLUMN for column in definition.columns):
        return ()
    return (f"INDEX {quote_identifier('receipt')} {quote_identifier(RECEIPT_COLUMN)} TYPE minmax",)


def _partition_key(partitioning: Partitioning) -> str:
    time = quote_identifier(TIME_COLUMN)
    match partitioning:
        case Partitioning.DAY:
            return f"toYYYYMMDD({time})"
        case Partitioning.MONTH:
            return f"toYYYYMM({time})"


def _print_table_settings(storage: TableStorage) -> str:
    settings = {
        "fsync_after_insert": 1,
        # Fails every insert on an encrypted disk that has a `path` of its own; ours has none.
        "fsync_part_directory": 1,
        **storage.settings,
    }
    printed = [f"{name} = {value}" for name, value in settings.items()]
    if storage.disk is not None:
        printed.append(f"disk = {_print_disk(storage.disk)}")
    return ", ".join(printed)


def _print_disk(disk: EncryptedDisk) -> str:
    inner = f"disk(type = local, path = {quote_string(disk.path)})"
    if disk.outer_key_variable is not None:
        inner = _print_encrypted("AES_128_CTR", disk.outer_key_variable, inner)
    return _print_encrypted("AES_256_CTR", disk.key_variable, inner)


def _print_encrypted(algorithm: str, key_variable: str, inner: str) -> str:
    key = quote_string(f"from_env {key_variable}")
    return f"disk(type = encrypted, algorithm = '{algorithm}', key_hex = {key}, disk = {inner})"


def _alter(table: EngineTable, actions: str) -> SchemaStatement:
    return SchemaStatement(f"ALTER TABLE {table.sql} {actions}", touches=frozenset({table}))


def _check_definition(definition: TableDefinition) -> None:
    types = {column.name: column.type for column in definition.columns}
    if len(types) != len(definition.columns):
        raise ValueError("two columns of a table have the same name")
    if LOAD_COLUMN in types:
        raise ValueError(f"{LOAD_COLUMN} is Kelp's own column")
    if types.get(TIME_COLUMN) is not ScalarType.DATETIME:
        raise ValueError(f"a table needs a column {TIME_COLUMN} of type datetime")
    for name in definition.term_indexed | definition.low_cardinality:
        if types.get(name) is not ScalarType.STRING:
            raise ValueError(f"{name} is no string column of the table")
    if both := definition.term_indexed & definition.low_cardinality:
        raise ValueError(f"{min(both)} can't be both term-indexed and of low cardinality")
