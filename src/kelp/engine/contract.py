"""What an engine must do for the layers above. Nothing above this package knows which engine runs.

SQL comes only from Kelp's own printers; an engine gives no protection between workspaces by itself. All methods belong
to one event loop. Errors are `engine.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from kelp.clickhouse.ddl import database_name

if TYPE_CHECKING:
    from typing import Self
    from uuid import UUID

    from kelp.clickhouse.ddl import SchemaStatement, TableStorage
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.data_versions import DataVersion


class ResultFormat(StrEnum):
    """How the bytes of a result are written."""

    JSON_ROWS = "JSONCompactEachRow"
    """A row is one line, a JSON array by position. Times ISO 8601 with 7 digits and `Z`, 64-bit integers as numbers,
    decimals as strings, NaN and infinities as strings (`"nan"`, `"inf"`, `"-inf"`), always valid UTF-8."""
    JSON_EACH_ROW = "JSONEachRow"
    """A row is one line, a JSON object; values as in `JSON_ROWS`."""
    ARROW = "ArrowStream"
    """All chunks together are one Arrow IPC stream, also when there are no rows."""
    CSV = "CSVWithNames"
    """A line of names, then one row a line (a quoted value may hold line ends)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """What one query may use; None is no limit. Reaching one fails the query, it never cuts the result."""

    deadline_seconds: float
    """Wall time from the call to the last byte taken, with the wait for a worker and for the reader."""
    max_result_rows: int | None = None
    max_result_bytes: int | None = None
    """Of the result as the engine holds it, which is close to its size as text."""
    max_memory_bytes: int | None = None
    max_threads: int | None = None
    max_rows_to_read: int | None = None
    max_bytes_to_read: int | None = None


@dataclass(frozen=True, slots=True)
class QueryStatistics:
    """What a query used. Complete once its stream has ended."""

    elapsed_seconds: float = 0.0
    rows_read: int = 0
    bytes_read: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    """Bytes handed to the reader."""


@dataclass(frozen=True, slots=True)
class QueryUsage:
    """What the statements of a tag that run now have used, as the engine measures it while they run."""

    rows_read: int = 0
    bytes_read: int = 0
    rows_to_read: int = 0
    """Of the tables, as far as the engine has looked into them; 0 while it has not."""
    cpu_seconds: float | None = None
    """None where the engine has not measured it yet."""
    peak_memory_bytes: int | None = None


class ResultStream(Protocol):
    """The bytes of one result, in chunks of whole rows. A reader that stops reading stops the query, not the memory.

    Iterating raises `EngineError`. Call `aclose` (or use `async with`) when leaving before the end: it kills the query.
    One reader only.
    """

    @property
    def statistics(self) -> QueryStatistics:
        """What was used so far; all of it once the stream has ended."""
        ...

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the query if it still runs and wait until it has. Safe to call again."""
        ...


class InputFormat(StrEnum):
    """How the bytes of an insert are to be read.

    Engines convert while reading, and not as KQL does: in a column of a number type, what is too large wraps round, ""
    is 0 and true is 1; a number becomes a time of that many seconds. Declare columns as `String` and convert in the
    SELECT.
    """

    JSON_EACH_ROW = "JSONEachRow"
    """JSON objects, one after the other with or without line ends, or one array of them. A `String` column takes the
    exact text of an object, array, number or truth value, but a string without its quotes; null is the empty string.
    Of names that come twice the first counts; names not declared are skipped."""
    JSON_AS_STRING = "JSONAsString"
    """JSON objects as above; each is the exact text of the one `String` column."""
    LINES = "LineAsString"
    """Each line, without its end, is the value of the one `String` column."""
    ARROW = "ArrowStream"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of an insert's body and its engine type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SourceBody:
    """A body that a statement reads as a relation.

    With a `record_column` (of JSON objects only), the relation has the exact text of each whole object beside the
    columns of `structure`.
    """

    structure: tuple[SourceColumn, ...]
    format: InputFormat
    body: tuple[bytes, ...]
    """Chunks of one document; a chunk may end anywhere."""
    record_column: str = ""


NO_SOURCES: Mapping[str, SourceBody] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertStatement:
    """Rows for one table, computed by the engine from the bytes of the body.

    `select` is a SELECT of Kelp's own that reads the relation `source` (the body's columns `structure`) and gives the
    values of `columns` by position; TimeGenerated must be among them. All its rows of a partition become visible and
    durable at once, as one part.

    With a `deduplication_token`, partitions that already hold the rows of that token take none: an insert that failed
    or whose fate is unknown is repeated with the same token, body and select, also after a crash. Each insert has a
    token of its own.
    """

    table: EngineTable
    columns: tuple[str, ...]
    structure: tuple[SourceColumn, ...]
    select: str
    format: InputFormat
    body: tuple[bytes, ...]
    """Chunks of one document; a chunk may end anywhere."""
    deduplication_token: str = ""
    """Empty: rows are always added."""
    first_attempt: bool = False
    """The token was never sent before, not even by a process that died: don't look for its rows."""
    max_memory_bytes: int | None = None
    record_column: str = ""

    @property
    def source(self) -> SourceBody:
        """What `select` reads."""
        return SourceBody(self.structure, self.format, self.body, self.record_column)


@dataclass(frozen=True, slots=True)
class InsertOutcome:
    """What an insert did. `rows` are those it added, without those of the token that were there before."""

    rows: int
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class DatabaseSpec:
    """The database of a store. What follows its id counts when the database is made and can't be changed later.

    With a `cluster_id` its files lie in that cluster's folder.
    """

    store_id: UUID
    double_encryption: bool = False
    cluster_id: UUID | None = None

    @property
    def name(self) -> str:
        """What the engine calls it."""
        return database_name(self.store_id)


class Engine(Protocol):
    """An engine that runs statements. Safe for concurrent use from the tasks of one event loop.

    Tables sleep after a start and need their workspace's key to wake: whoever runs a statement says which tables it
    concerns, and the engine does the rest. All raise `EngineError`; of these `WorkspaceKeyUnavailable` concerns one
    workspace only, and `EngineUnavailable` comes when the engine is closing.
    """

    async def query(
        self,
        sql: str,
        *,
        format: ResultFormat,  # noqa: A002 - the word of the field
        limits: QueryLimits,
        tag: str,
        tables: frozenset[EngineTable] = frozenset(),
        sources: Mapping[str, SourceBody] = NO_SOURCES,
    ) -> ResultStream:
        """Start a read-only SELECT (without FORMAT or SETTINGS), or an EXPLAIN of one, and return once its first rows,
        or its end, are there.

        `tables` are all tables that the statement reads; it can read each of `sources` too, as a relation of that name.
        `tag` is for `kill`; several statements may share it. Raises what goes wrong before the first rows; iterating
        raises the rest.
        """
        ...

    async def execute(self, statement: SchemaStatement, *, tag: str = "") -> None:
        """Run a statement that returns no rows and wait for its end."""
        ...

    async def insert(self, statement: InsertStatement, *, tag: str = "") -> InsertOutcome:
        """Add rows and return once they are on the disk.

        After an error the rows of some partitions may have been added: send the same statement again with its token.
        """
        ...

    async def open_database(self, spec: DatabaseSpec) -> None:
        """Make the database if it is missing, and open it again if it was detached. Safe to call again."""
        ...

    async def detach_database(self, database: str) -> None:
        """Make the database unreadable: refuse it, kill what reads or writes it, close its tables, drop caches.

        Needs no key. It stays refused until `open_database`, in this process; after a start its key decides.
        """
        ...

    async def drop_database(self, database: str) -> None:
        """Kill what uses the database and remove it with all its files. Needs no key. Safe to call again."""
        ...

    def version_of(self, tables: frozenset[EngineTable]) -> DataVersion:
        """Return a version of what tables hold: while it is the same, a statement over them reads the same rows."""
        ...

    def table_storage(self, database: str) -> TableStorage:
        """Return how tables of an opened database are to be made, for `clickhouse.ddl.create_table`."""
        ...

    async def measure(self, tag: str) -> QueryUsage | None:
        """Return what runs under the tag has used so far; None if nothing runs, or all that there is still waits."""
        ...

    async def kill(self, tag: str) -> int:
        """Kill everything that runs or waits under the tag; wait for its end; return how many there were."""
        ...

    async def close(self) -> None:
        """Refuse new work, kill what runs, wait for it, close. Safe to call again."""
        ...
