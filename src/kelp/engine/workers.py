"""Threads that each own one connection to the embedded engine.

A connection is a session and serves one statement at a time, so it belongs to one thread. Statements never run on the
main thread: it could not take signals while the engine works.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.engine.connection import Connection

Result = TypeVar("Result")


class Workers:
    """A fixed number of threads for one kind of work. Work beyond them waits in order."""

    def __init__(self, name: str, threads: int, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"kelp-engine-{name}")

    def submit(self, work: Callable[[Connection], Result]) -> Future[Result]:
        """Queue work; it gets the connection of the thread that runs it, opened at its first work."""
        return self._pool.submit(self._run, work)

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Queue work and wait for it. Cancelling the wait doesn't stop work that has begun."""
        return await asyncio.wrap_future(self.submit(work))

    def discard(self, connection: Connection) -> None:
        """Close the connection of this thread, whose next work gets a new one."""
        self._local.connection = None
        self._connections.remove(connection)
        connection.close()

    def close(self) -> None:
        """Drop what waits, join the threads, close their connections. Blocks; not for the event loop."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _run(self, work: Callable[[Connection], Result]) -> Result:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            self._connections.append(connection)
        return work(connection)
