"""What an engine must do for the layers above. Nothing above this package knows which engine runs.

SQL comes only from Kelp's own printers; an engine gives no protection between workspaces by itself. All methods belong
to one event loop. Errors are `engine.errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Self

    from kelp.clickhouse.types import EngineTable


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


class ResultStream(Protocol):
    """The bytes of one result, in chunks of whole rows. A reader that stops reading stops the query, not the memory.

    Iterating raises `EngineError`. Call `aclose` (or use `async with`) when leaving before the end: it kills the query.
    One reader only.
    """

    @property
    def statistics(self) -> QueryStatistics:
        """What was used so far; all of it once the stream has ended."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def __anext__(self) -> bytes: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exception: object) -> None: ...

    async def aclose(self) -> None:
        """End the query if it still runs and wait until it has. Safe to call again."""
        ...


class Engine(Protocol):
    """An engine that runs statements. Safe for concurrent use from the tasks of one event loop."""

    async def query(
        self,
        sql: str,
        *,
        format: ResultFormat,  # noqa: A002 - the word of the field
        limits: QueryLimits,
        tag: str,
        tables: frozenset[EngineTable] = frozenset(),
    ) -> ResultStream:
        """Start a read-only SELECT (without FORMAT or SETTINGS) and return once its first rows, or its end, are there.

        `tables` are all tables that the statement reads: they are opened first where they sleep. `tag` is for `kill`;
        several queries may share it. Raises `EngineError` for what goes wrong before the first rows; iterating raises
        the rest.
        """
        ...

    async def execute(self, sql: str, *, tag: str = "", tables: frozenset[EngineTable] = frozenset()) -> None:
        """Run a statement that returns no rows. `tables` are those it touches and that exist. Raises `EngineError`."""
        ...

    async def kill(self, tag: str) -> int:
        """Kill everything that runs or waits under the tag; wait for its end; return how many there were."""
        ...

    async def close(self) -> None:
        """Refuse new work, kill what runs, wait for it, close. Safe to call again."""
        ...
