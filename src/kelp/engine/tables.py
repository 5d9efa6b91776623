"""Which tables are open, and opening them: after a start every table sleeps until something touches it.

Blocks; for worker threads. Thread-safe.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import touch_table
from kelp.engine.connection import run
from kelp.engine.errors import EngineTableNotFound, map_engine_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.ddl import SchemaStatement
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.connection import Connection
    from kelp.engine.disks import WorkspaceDisks


class OpenTables:
    """The tables of this process that were touched with their key at hand."""

    def __init__(self, disks: WorkspaceDisks) -> None:
        self._disks = disks
        self._open: set[EngineTable] = set()
        self._lock = threading.Lock()

    def open(self, connection: Connection, tables: Iterable[EngineTable]) -> None:
        """Wake those of the tables that sleep. Raises `WorkspaceKeyUnavailable`, `EngineTableNotFound`."""
        for table in tables:
            if table not in self._open:
                self._touch(connection, table)

    def run(self, connection: Connection, statement: SchemaStatement) -> None:
        """Run a statement that concerns tables, with the keys it needs. Raises `EngineError`."""
        self.open(connection, statement.touches)
        for table in statement.removes:
            with suppress(
                EngineTableNotFound
            ):  # then there is nothing to remove, which the statement may allow
                self.open(connection, (table,))
        if statement.creates:
            with self._disks.lend_keys({table.database for table in statement.creates}):
                _run(connection, statement.sql)
                for table in statement.creates:
                    _run(connection, touch_table(table))  # one that existed may sleep
        else:
            _run(connection, statement.sql)
        with self._lock:
            self._open -= statement.removes
            self._open |= statement.creates

    def forget(self, database: str) -> None:
        """Note that the tables of a database are closed."""
        with self._lock:
            self._open = {table for table in self._open if table.database != database}

    def _touch(self, connection: Connection, table: EngineTable) -> None:
        with self._disks.lend_keys((table.database,)):
            _run(connection, touch_table(table))
        with self._lock:
            self._open.add(table)


def _run(connection: Connection, sql: str) -> None:
    try:
        run(connection, sql)
    except RuntimeError as failure:
        raise map_engine_error(str(failure)) from failure
