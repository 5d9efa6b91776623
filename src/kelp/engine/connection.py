"""The part of chDB that the embedded engine uses, with types. Everything here blocks: for worker threads only.

A connection takes one statement at a time, and an open stream holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import chdb

from kelp.clickhouse.quoting import quote_string
from kelp.engine.settings import SESSION_SETTINGS, print_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Chunk(Protocol):
    """Some rows of a result, formatted."""

    def bytes(self) -> bytes: ...
    def rows_read(self) -> int: ...
    def rows_written(self) -> int: ...


class Stream(Protocol):
    """A running query. Raises RuntimeError with the engine's text. Only the thread that fetches may cancel."""

    def fetch(self) -> Chunk | None: ...
    def cancel(self) -> None: ...


class Connection(Protocol):
    """A session. Raises RuntimeError with the engine's text."""

    def query(self, query: str, format: str = ...) -> Chunk: ...  # noqa: A002 - chDB's word
    def send_query(self, query: str, format: str = ...) -> Stream: ...  # noqa: A002 - chDB's word
    def set_progress_callback(self, callback: Callable[[Mapping[str, int]], None] | None) -> None: ...
    def close(self) -> None: ...


def engine_version() -> str:
    """Return the version of the engine in this process, such as `26.9.2.1`."""
    return str(chdb.engine_version)


def connect(store: Path, configuration: Path) -> Connection:
    """Open a session on the store; the first one of the process starts the engine."""
    connection = cast("Connection", chdb.connect(f"{store}?config-file={configuration}"))
    run(connection, f"SET {print_settings(SESSION_SETTINGS)}")
    return connection


def run(connection: Connection, sql: str) -> bytes:
    """Run one statement to its end and return its rows, tab-separated and raw."""
    return connection.query(sql, "TabSeparatedRaw").bytes()


def kill(connection: Connection, identity: str) -> None:
    """Ask the statements of other connections with that `log_comment` to end, and don't wait for it."""
    run(connection, f"KILL QUERY WHERE Settings['log_comment'] = {quote_string(identity)} ASYNC")
