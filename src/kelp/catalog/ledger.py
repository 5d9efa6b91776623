"""What the engine holds, by our own books: tables, their columns, how many rows and bytes, from when to when.

The books are kept by store: a workspace has one at home, under its own id, and one in each cluster it was linked to.

The engine can't be asked: a table that nobody touched since the start shows no parts, and it stores two KQL types as
one. Synchronous and thread-safe; what is remembered in memory answers without I/O, a write is one short transaction and
belongs on a worker thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, delete, insert, select, update

from kelp.catalog.schema import COUNTED_PLAN, METADATA, PART_HASH, STORED_TABLE
from kelp.clickhouse.ddl import TableDefinition

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

    from kelp.resources.database import Database


@dataclass(frozen=True, slots=True)
class TableSize:
    """How much a table was given. Times are TimeGenerated in ticks of 100 ns since 1970; None without rows.

    No row is older than `first_ticks`, on which queries rely; it is None also once a load did not tell its times.
    """

    rows: int = 0
    bytes: int = 0
    first_ticks: int | None = None
    last_ticks: int | None = None


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table of the engine.

    `definition` is what it has, None before it was made; `pending` what it is being changed to. `resource_uid` is that
    of the custom table it was made for: a table of the same name declared later has another. `holds_rows` and
    `first_ticks` follow from its size and are not entered with it.
    """

    name: str
    definition: TableDefinition | None = None
    pending: TableDefinition | None = None
    resource_uid: UUID | None = None
    holds_rows: bool = False
    first_ticks: int | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Rows that one load plan brought into a table; `bytes` are those that were accepted for them.

    Times are as in `TableSize`, of the whole table as it was measured after the insert. None where the loader did not
    learn them, which leaves the table's first time unknown until its size is counted anew.
    """

    plan_id: UUID
    store_id: UUID
    table: str
    rows: int
    bytes: int
    first_ticks: int | None
    last_ticks: int | None


StoredTables = Mapping[str, StoredTable]
"""The tables of one store by name. Immutable: another state is another object."""

_NO_TABLES: StoredTables = MappingProxyType({})


@dataclass(slots=True)
class _Book:
    """The state of one store in memory."""

    tables: StoredTables = field(default_factory=lambda: _NO_TABLES)
    sizes: dict[str, TableSize] = field(default_factory=dict)


class TableLedger:
    """The books of all stores."""

    def __init__(self, database: Database) -> None:
        """Make the ledger's own database tables where they are missing, and read everything."""
        self._database = database
        self._lock = threading.Lock()
        self._books: dict[UUID, _Book] = {}
        self._revision = 0
        with database.write() as connection:
            METADATA.create_all(connection)
        self.refresh()

    def refresh(self) -> None:
        """Take over what other processes wrote."""
        with self._lock, self._database.read() as connection:
            books: dict[UUID, dict[str, Row[Any]]] = {}
            for row in connection.execute(select(STORED_TABLE)):
                books.setdefault(row.workspace_id, {})[row.name] = row
            for gone in self._books.keys() - books.keys():
                del self._books[gone]
                self._revision += 1
            for store_id, rows in books.items():
                book = self._books.setdefault(store_id, _Book())
                tables = {name: _read_table(row) for name, row in rows.items()}
                self._replace_tables(book, tables)
                book.sizes = {name: _read_size(row) for name, row in rows.items()}

    @property
    def revision(self) -> int:
        """Grows with every change of what tables there are, their columns, which hold rows, and since when."""
        return self._revision

    def tables(self, store_id: UUID) -> StoredTables:
        """Return the store's tables, from memory."""
        book = self._books.get(store_id)
        return book.tables if book is not None else _NO_TABLES

    def sizes(self, store_id: UUID) -> Mapping[str, TableSize]:
        """Return the sizes of the store's tables, from memory."""
        book = self._books.get(store_id)
        return dict(book.sizes) if book is not None else {}

    def store_ids(self) -> frozenset[UUID]:
        """Return the stores that have tables, from memory."""
        return frozenset(store_id for store_id, book in self._books.items() if book.tables)

    def put(self, store_id: UUID, table: StoredTable) -> None:
        """Enter a table, or change its definition; its size stays."""
        self.change(store_id, table.name, lambda _: table)

    def change(
        self, store_id: UUID, name: str, change: Callable[[StoredTable | None], StoredTable]
    ) -> StoredTable:
        """Replace a table's entry by what `change` makes of it, and return that; other writers wait.

        What `change` raises leaves everything as it was. The size stays.
        """
        with self._lock:
            with self._database.write() as connection:
                row = connection.execute(select(STORED_TABLE).where(_is(store_id, name))).one_or_none()
                table = change(None if row is None else _read_table(row))
                values = {
                    "resource_uid": table.resource_uid,
                    "definition": _encode(table.definition),
                    "pending": _encode(table.pending),
                }
                if row is None:
                    values |= {"workspace_id": store_id, "name": name}
                    connection.execute(insert(STORED_TABLE).values(values))
                else:
                    connection.execute(update(STORED_TABLE).where(_is(store_id, name)).values(values))
            self._remember(store_id, [name])
        return table

    def remove_table(self, store_id: UUID, name: str) -> None:
        """Strike out a table."""
        with self._lock:
            with self._database.write() as connection:
                connection.execute(delete(STORED_TABLE).where(_is(store_id, name)))
            self._remember(store_id, [name])

    def remove_store(self, store_id: UUID) -> None:
        """Strike out everything of a store."""
        with self._lock:
            with self._database.write() as connection:
                for table in (STORED_TABLE, COUNTED_PLAN, PART_HASH):
                    connection.execute(delete(table).where(table.c.workspace_id == store_id))
            self._books.pop(store_id, None)
            self._revision += 1

    def record_loads(self, loads: Sequence[Load]) -> None:
        """Count the rows of loads, each plan once however often it is recorded.

        A load into a table that is no longer in the ledger is not counted.
        """
        with self._lock:
            with self._database.write() as connection:
                counted = _find_counted(connection, {load.plan_id for load in loads})
                fresh = {load.plan_id: load for load in loads if load.plan_id not in counted}
                for load in fresh.values():
                    _add(connection, load)
                    plan = {"plan_id": load.plan_id, "workspace_id": load.store_id}
                    connection.execute(insert(COUNTED_PLAN).values(plan))
            for load in fresh.values():
                self._remember(load.store_id, [load.table])

    def forget_plans(self, plan_ids: Iterable[UUID]) -> None:
        """Forget which plans were counted, once they are marked done and can't be replayed."""
        with self._database.write() as connection:
            connection.execute(delete(COUNTED_PLAN).where(COUNTED_PLAN.c.plan_id.in_(list(plan_ids))))

    def replace_size(self, store_id: UUID, name: str, size: TableSize, *, instead_of: TableSize) -> bool:
        """Enter a size that was counted anew, after rows were removed or replaced.

        `instead_of` is what the ledger had before the count began. Where it has another by now, because of a load
        that the count may have missed, nothing changes and the answer is False: count again.
        """
        values = {
            "row_count": size.rows,
            "byte_count": size.bytes,
            "first_ticks": size.first_ticks,
            "last_ticks": size.last_ticks,
        }
        with self._lock:
            with self._database.write() as connection:
                row = connection.execute(select(STORED_TABLE).where(_is(store_id, name))).one_or_none()
                is_current = row is not None and _read_size(row) == instead_of
                if is_current:
                    connection.execute(update(STORED_TABLE).where(_is(store_id, name)).values(values))
            self._remember(store_id, [name])
        return is_current

    def _remember(self, store_id: UUID, names: Iterable[str]) -> None:
        """Take what is committed of these tables over into memory; the caller holds the lock."""
        book = self._books.setdefault(store_id, _Book())
        tables = dict(book.tables)
        with self._database.read() as connection:
            for name in names:
                row = connection.execute(select(STORED_TABLE).where(_is(store_id, name))).one_or_none()
                if row is None:
                    tables.pop(name, None)
                    book.sizes.pop(name, None)
                else:
                    tables[name] = _read_table(row)
                    book.sizes[name] = _read_size(row)
        self._replace_tables(book, tables)

    def _replace_tables(self, book: _Book, tables: dict[str, StoredTable]) -> None:
        if tables != dict(book.tables):
            book.tables = MappingProxyType(tables)
            self._revision += 1


def _add(connection: Connection, load: Load) -> None:
    columns = STORED_TABLE.c
    row = connection.execute(select(STORED_TABLE).where(_is(load.store_id, load.table))).one_or_none()
    if row is None or load.rows == 0:
        return
    size = _read_size(row)
    connection.execute(
        update(STORED_TABLE)
        .where(_is(load.store_id, load.table))
        .values(
            {
                columns.row_count: columns.row_count + load.rows,
                columns.byte_count: columns.byte_count + load.bytes,
                columns.first_ticks: load.first_ticks if size.rows == 0 else _first(size, load),
                columns.last_ticks: _greatest(size.last_ticks, load.last_ticks),
            }
        )
    )


def _first(size: TableSize, load: Load) -> int | None:
    """A time that neither the rows of before nor those of the load are older than."""
    if size.first_ticks is None or load.first_ticks is None:
        return None
    return min(size.first_ticks, load.first_ticks)


def _greatest(*ticks: int | None) -> int | None:
    return max((moment for moment in ticks if moment is not None), default=None)


def _find_counted(connection: Connection, plan_ids: Iterable[UUID]) -> frozenset[UUID]:
    statement = select(COUNTED_PLAN.c.plan_id).where(COUNTED_PLAN.c.plan_id.in_(list(plan_ids)))
    return frozenset(connection.execute(statement).scalars())


def _is(store_id: UUID, name: str) -> ColumnElement[bool]:
    return and_(STORED_TABLE.c.workspace_id == store_id, STORED_TABLE.c.name == name)


def _read_table(row: Row[Any]) -> StoredTable:
    return StoredTable(
        name=row.name,
        definition=_decode(row.definition),
        pending=_decode(row.pending),
        resource_uid=row.resource_uid,
        holds_rows=row.row_count > 0,
        first_ticks=row.first_ticks,
    )


def _read_size(row: Row[Any]) -> TableSize:
    return TableSize(row.row_count, row.byte_count, row.first_ticks, row.last_ticks)


def _encode(definition: TableDefinition | None) -> str | None:
    return None if definition is None else msgspec.json.encode(definition).decode()


def _decode(text: str | None) -> TableDefinition | None:
    return None if text is None else msgspec.json.decode(text, type=TableDefinition)
