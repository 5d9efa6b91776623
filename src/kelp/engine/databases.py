"""Making, closing and removing the database of a store in the embedded engine. Blocks; for worker threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import (
    create_database,
    detach_table,
    drop_database,
    list_databases,
    list_detached_tables,
    list_tables,
)
from kelp.clickhouse.types import EngineTable
from kelp.engine.connection import run

if TYPE_CHECKING:
    from kelp.engine.connection import Connection
    from kelp.engine.contract import DatabaseSpec
    from kelp.engine.disks import WorkspaceDisks
    from kelp.engine.tables import OpenTables

_CACHES = (
    "MARK CACHE",
    "UNCOMPRESSED CACHE",
    "INDEX MARK CACHE",
    "INDEX UNCOMPRESSED CACHE",
    "QUERY CONDITION CACHE",
    "TEXT INDEX CACHES",
)


class Databases:
    """The databases of one engine, their tables and their disks."""

    def __init__(self, disks: WorkspaceDisks, tables: OpenTables) -> None:
        self._disks = disks
        self._tables = tables

    def open(self, connection: Connection, spec: DatabaseSpec) -> None:
        """Make the database, or attach what was detached. Raises `WorkspaceKeyUnavailable`."""
        if not _exists(connection, spec.name):
            # A folder without its database is the rest of a removal that was cut short.
            self._disks.remove(spec.name)
        self._disks.prepare(spec.name, double_encryption=spec.double_encryption, cluster_id=spec.cluster_id)
        run(connection, create_database(spec.name))
        detached = _names(connection, list_detached_tables(spec.name))
        self._tables.open(connection, [EngineTable(spec.name, table) for table in detached])

    def detach(self, connection: Connection, database: str) -> None:
        """Close the database's tables and drop what caches hold of them. Needs no key."""
        self._detach_tables(connection, database)
        for cache in _CACHES:
            run(connection, f"SYSTEM DROP {cache}")

    def drop(self, connection: Connection, database: str) -> None:
        """Remove the database and its folder. Needs no key: tables are closed before, and files deleted after."""
        if _exists(connection, database):
            self._detach_tables(connection, database)
            run(connection, drop_database(database))
        self._disks.remove(database)

    def _detach_tables(self, connection: Connection, database: str) -> None:
        for table in _names(connection, list_tables(database)):
            run(connection, detach_table(EngineTable(database, table)).sql)
        self._tables.forget(database)


def _exists(connection: Connection, database: str) -> bool:
    return database in _names(connection, list_databases())


def _names(connection: Connection, listing: str) -> list[str]:
    return [bytes.fromhex(line.decode()).decode() for line in run(connection, listing).split()]
