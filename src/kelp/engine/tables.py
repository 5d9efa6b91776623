"""Which tables are open, and opening them: after a start every table sleeps until something touches it.

Blocks; for worker threads. Thread-safe.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import attach_table, detach_table, find_store
from kelp.engine.connection import run
from kelp.engine.errors import EngineTableNotFound, map_engine_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.ddl import SchemaStatement
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.connection import Connection
    from kelp.engine.disks import WorkspaceDisks


class OpenTables:
    """The tables of this process that were made or woken in it."""

    def __init__(self, disks: WorkspaceDisks) -> None:
        self._disks = disks
        self._open: set[EngineTable] = set()
        self._lock = threading.Lock()

    def open(self, connection: Connection, tables: Iterable[EngineTable]) -> None:
        """Wake those of the tables that sleep. Raises `WorkspaceKeyUnavailable`, `EngineTableNotFound`."""
        for table in tables:
            if table not in self._open:
                with self._disks.lend_keys((table.database,)):
                    self._wake(connection, table)

    def run(self, connection: Connection, statement: SchemaStatement) -> None:
        """Run a statement that concerns tables, with the keys it needs. Raises `EngineError`."""
        self.open(connection, statement.touches)
        # A table that is not there can't be opened to be removed; the statement says whether that is an error.
        with suppress(EngineTableNotFound):
            self.open(connection, statement.removes)
        if statement.creates:
            with self._disks.lend_keys({table.database for table in statement.creates}):
                _run(connection, statement.sql)
                for table in statement.creates:
                    self._wake(connection, table)  # one that existed may sleep
        else:
            _run(connection, statement.sql)
        with self._lock:
            self._open -= statement.removes

    def forget(self, database: str) -> None:
        """Note that the tables of a database are closed."""
        with self._lock:
            self._open = {table for table in self._open if table.database != database}

    def _wake(self, connection: Connection, table: EngineTable) -> None:
        """Open a table while its key is lent, which one thread does at a time.

        A table that wakes by being read remains behind a proxy that knows neither mutations nor partitions of other
        tables. One that is attached is itself. Only tables of stores sleep; others may hold rows in memory alone.
        """
        if table in self._open:
            return
        if find_store(table.database) is not None:
            _run(connection, detach_table(table).sql)
            _run(connection, attach_table(table).sql)
        with self._lock:
            self._open.add(table)


def _run(connection: Connection, sql: str) -> None:
    try:
        run(connection, sql)
    except RuntimeError as failure:
        raise map_engine_error(str(failure)) from failure
