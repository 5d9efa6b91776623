"""A bounded channel for result bytes from a worker thread to the event loop. Knows nothing of engines.

One thread puts, one task takes. The thread waits while the channel is full, so a slow reader holds up the query instead
of filling memory.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress


class ReaderLeft(Exception):
    """The reader wants no more: the worker should stop the query."""


class ChunkChannel:
    """Made in the event loop. `put` and `end` may be called from a worker thread, all else only in the loop."""

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity_bytes = capacity_bytes
        self._loop = asyncio.get_running_loop()
        self._readable = asyncio.Event()
        self._writable = threading.Condition()
        self._chunks: deque[bytes] = deque()
        self._held_bytes = 0
        self._ended = False
        self._abandoned = False
        self._error: BaseException | None = None

    def put(self, chunk: bytes) -> None:
        """Hand over a chunk once less than the capacity is held. Raises `ReaderLeft` when nobody will take it."""
        with self._writable:
            self._writable.wait_for(
                lambda: self._abandoned or self._ended or self._held_bytes < self._capacity_bytes
            )
            if self._abandoned or self._ended:
                raise ReaderLeft
            self._chunks.append(chunk)
            self._held_bytes += len(chunk)
        self._wake_reader()

    def end(self, error: BaseException | None = None) -> None:
        """Say that nothing follows. The first end counts; its error reaches the reader after the chunks before it."""
        with self._writable:
            if not self._ended:
                self._ended = True
                self._error = error
            self._writable.notify()
        self._wake_reader()

    async def wait(self) -> None:
        """Return as soon as there is a chunk or the end. Raises the error if nothing came before it."""
        await self._readable.wait()
        with self._writable:
            if self._error is not None and not self._chunks:
                raise self._error

    async def take(self) -> bytes | None:
        """Return the next chunk, or None at the end. Raises the error given to `end`."""
        while True:
            await self._readable.wait()
            with self._writable:
                if self._chunks:
                    chunk = self._chunks.popleft()
                    self._held_bytes -= len(chunk)
                    self._writable.notify()
                    return chunk
                if self._error is not None:
                    raise self._error
                if self._ended or self._abandoned:
                    return None
                self._readable.clear()

    def abandon(self) -> None:
        """Leave: what is held is dropped and the worker's next `put` raises."""
        with self._writable:
            self._abandoned = True
            self._chunks.clear()
            self._held_bytes = 0
            self._writable.notify()
        self._readable.set()

    def _wake_reader(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody reads any more
            self._loop.call_soon_threadsafe(self._readable.set)
