"""An insert of the embedded engine, at most once for each token.

The engine's own deduplication is not used. It notes a token apart from the rows, and on an encrypted disk keeps the
note in memory until the table is closed, so that a killed process forgets it. Rows bear the token themselves instead.
Blocks; for worker threads.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kelp.clickhouse.insert import (
    LoadedPartitions,
    find_loaded_partitions,
    find_partition_key,
    print_insert,
)
from kelp.engine.connection import run
from kelp.engine.contract import InsertOutcome
from kelp.engine.errors import map_insert_error
from kelp.engine.settings import insert_settings, print_settings
from kelp.engine.sources import printed_source

if TYPE_CHECKING:
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.connection import Connection
    from kelp.engine.contract import InsertStatement


def run_insert(connection: Connection, statement: InsertStatement, identity: str) -> InsertOutcome:
    """Run the insert to its end. Raises `EngineError`."""
    started_at = time.monotonic()
    loaded = LoadedPartitions()
    if statement.deduplication_token and not statement.first_attempt:
        loaded = _find_loaded(connection, statement.table, statement.deduplication_token)
    with printed_source(statement.source) as source:
        text = print_insert(
            statement.table,
            statement.columns,
            source=source,
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
