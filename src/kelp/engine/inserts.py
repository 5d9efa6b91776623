"""An insert of the embedded engine: the body in memory, given to the engine as a file that only this process sees.

chDB can push bytes into an insert (`send_insert`), but not through a SELECT, and drops what follows `FROM input(...)`
without a word. A memory file read by `file()` takes the same bytes at the same speed, through any SELECT. Blocks; for
worker threads.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kelp.base.durable_file import write_all
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.engine.contract import InsertOutcome
from kelp.engine.settings import insert_settings, print_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.engine.connection import Connection
    from kelp.engine.contract import InsertStatement


def run_insert(connection: Connection, statement: InsertStatement, identity: str) -> InsertOutcome:
    """Run the insert to its end. Raises RuntimeError with the engine's text."""
    started_at = time.monotonic()
    with _memory_file(statement.body) as path:
        rows = connection.query(_print_insert(statement, path, identity), "Null").rows_written()
    return InsertOutcome(rows, time.monotonic() - started_at)


def _print_insert(statement: InsertStatement, path: str, identity: str) -> str:
    structure = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in statement.structure)
    arguments = ", ".join(quote_string(text) for text in (path, statement.format.value, structure))
    columns = ", ".join(quote_identifier(column) for column in statement.columns)
    settings = insert_settings(
        identity=identity,
        deduplication_token=statement.deduplication_token,
        max_memory_bytes=statement.max_memory_bytes,
    )
    target = f"{statement.table.sql} ({columns}) SETTINGS {print_settings(settings)}"
    source = f"WITH source AS (SELECT * FROM file({arguments}))"  # noqa: S608 - quoted above
    return f"INSERT INTO {target}\n{source}\nSELECT * FROM (\n{statement.select}\n)"


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
