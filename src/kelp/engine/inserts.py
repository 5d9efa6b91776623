"""An insert of the embedded engine: the body in memory, given to the engine as a file that only this process sees.

chDB can push bytes into an insert (`send_insert`), but not through a SELECT, and drops what follows `FROM input(...)`
without a word. A memory file read by `file()` takes the same bytes at the same speed, through any SELECT.

The engine's own deduplication is not used. It notes a token apart from the rows, and on an encrypted disk keeps the
note in memory until the table is closed, so that a killed process forgets it. Rows bear the token themselves instead.
Blocks; for worker threads.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kelp.base.durable_file import write_all
from kelp.clickhouse.insert import (
    LoadedPartitions,
    find_loaded_partitions,
    find_partition_key,
    print_insert,
)
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.engine.connection import run
from kelp.engine.contract import InsertOutcome
from kelp.engine.errors import map_insert_error
from kelp.engine.settings import insert_settings, print_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.clickhouse.types import EngineTable
    from kelp.engine.connection import Connection
    from kelp.engine.contract import InsertStatement


def run_insert(connection: Connection, statement: InsertStatement, identity: str) -> InsertOutcome:
    """Run the insert to its end. Raises `EngineError`."""
    started_at = time.monotonic()
    loaded = LoadedPartitions()
    if statement.deduplication_token and not statement.first_attempt:
        loaded = _find_loaded(connection, statement.table, statement.deduplication_token)
    with _memory_file(statement.body) as path:
        text = print_insert(
            statement.table,
            statement.columns,
            source=_print_source(statement, path),
            select=statement.select,
            token=statement.deduplication_token,
            settings=print_settings(insert_settings(identity, statement.max_memory_bytes)),
            loaded=loaded,
        )
        try:
            rows = connection.query(text, "Null").rows_written()
        except RuntimeError as failure:
            raise map_insert_error(str(failure)) from failure
    return InsertOutcome(rows, time.monotonic() - started_at)


def _find_loaded(connection: Connection, table: EngineTable, token: str) -> LoadedPartitions:
    ids = run(connection, find_loaded_partitions(table, token)).decode().split()
    if not ids:
        return LoadedPartitions()
    return LoadedPartitions(run(connection, find_partition_key(table)).decode().strip(), frozenset(ids))


def _print_source(statement: InsertStatement, path: str) -> str:
    structure = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in statement.structure)
    arguments = ", ".join(quote_string(text) for text in (path, statement.format.value, structure))
    return f"SELECT * FROM file({arguments})"  # noqa: S608 - quoted above


@contextmanager
def _memory_file(chunks: Iterable[bytes]) -> Iterator[str]:
    """Give the path under which this process reads the chunks as one file, for the time of the block."""
    descriptor = os.memfd_create("kelp-insert")
    try:
        for chunk in chunks:
            write_all(descriptor, chunk)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
