"""The text of an insert whose rows are told apart from those of any other insert. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kelp.clickhouse.ddl import LOAD_COLUMN
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.clickhouse.types import EngineTable


@dataclass(frozen=True, slots=True)
class LoadedPartitions:
    """The partitions (by id) that already hold the rows of an insert. `key` is the table's partition key as SQL."""

    key: str = ""
    ids: frozenset[str] = frozenset()


def load_token(token: str) -> int:
    """Return what `LOAD_COLUMN` holds for rows of an insert with that token; 0 for the empty token."""
    return int.from_bytes(hashlib.sha256(token.encode()).digest()[:8]) if token else 0


def find_loaded_partitions(table: EngineTable, token: str) -> str:
    """Give the ids of the partitions that hold rows of an insert, one row each.

    A partition takes the rows of an insert as one part, at once: it holds all of them or none.
    """
    condition = f"{quote_identifier(LOAD_COLUMN)} = {load_token(token)}"
    return f"SELECT DISTINCT _partition_id FROM {table.sql} WHERE {condition}"


def find_partition_key(table: EngineTable) -> str:
    """Give the table's partition key as SQL, in one row."""
    database, name = quote_string(table.database), quote_string(table.name)
    return f"SELECT partition_key FROM system.tables WHERE database = {database} AND name = {name}"


def print_insert(
    table: EngineTable,
    columns: tuple[str, ...],
    *,
    source: str,
    select: str,
    token: str,
    settings: str,
    loaded: LoadedPartitions,
) -> str:
    """Return an insert of what `select` gives from the relation `source` for `columns`, by position.

    `source`, `select` and `settings` are printed SQL. Rows of `loaded` partitions are left out.
    """
    names = [quote_identifier(column) for column in columns]
    target = f"{table.sql} ({', '.join([*names, quote_identifier(LOAD_COLUMN)])})"
    values = ", ".join([*names, str(load_token(token))])
    text = (
        f"INSERT INTO {target} SETTINGS {settings}\n"
        f"WITH source AS ({source})\n"
        f"SELECT {values} FROM (\n{select}\n) AS rows ({', '.join(names)})"
    )
    if not loaded.ids:
        return text
    ids = ", ".join(quote_string(one) for one in sorted(loaded.ids))
    return f"{text}\nWHERE toString({loaded.key}) NOT IN ({ids})"
