"""The database behind the resource store and the directory: SQLite in a file, or PostgreSQL.

Opens connections and brings the schema up to date; knows no table.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

_BUSY_TIMEOUT_SECONDS = 30
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A pool of connections. Safe for concurrent use; `close` when done."""

    def __init__(self, url: str | URL) -> None:
        """Open `sqlite:///path` or a PostgreSQL URL. A new SQLite file is readable by its owner only."""
        parsed = make_url(url)
        self._is_sqlite = parsed.get_backend_name() == "sqlite"
        if self._is_sqlite:
            _create_owner_only(Path(parsed.database or ""))
            self._engine = create_engine(parsed, connect_args={"timeout": _BUSY_TIMEOUT_SECONDS})
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        else:
            self._engine = create_engine(parsed, isolation_level="SERIALIZABLE")

    @classmethod
    def open_file(cls, path: Path) -> Database:
        """Open, or create, the SQLite database in a file."""
        return cls(URL.create("sqlite", database=str(path)))

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine, for inspection of the schema."""
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection that sees one consistent state; nothing it writes is kept."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Lend a connection in a transaction that excludes other writers.

        It commits unless an exception leaves the block.
        """
        with self._engine.connect().execution_options(kelp_write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def rehearse(self) -> Iterator[Connection]:
        """Lend a connection as `write` does, and keep nothing of what was written with it."""
        with self._engine.connect().execution_options(kelp_write=True) as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to the newest version; does nothing when it is."""
        scripts = ScriptDirectory(str(_MIGRATIONS))

        def list_steps(current: tuple[str, ...], _context: MigrationContext) -> list[MigrationStep]:
            pending = reversed(list(scripts.iterate_revisions("head", current)))
            return [MigrationStep.upgrade_from_script(scripts.revision_map, script) for script in pending]

        with self.write() as connection:
            context = MigrationContext.configure(connection, opts={"fn": list_steps})
            with Operations.context(context):
                context.run_migrations()

    def flush_log(self) -> None:
        """Move what was written into the database's own file, so that its log holds nothing of before. Waits for none.

        While somebody reads, the log may stay.
        """
        if self._is_sqlite:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
                connection.exec_driver_sql("BEGIN")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _create_owner_only(path: Path) -> None:
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver begins transactions too late and never for reads; `_begin_sqlite` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is deleted is not to be found in the file any more.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that turns writer later would fail instead of waiting.
    is_write = connection.get_execution_options().get("kelp_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
