"""How many bytes of bodies requests may hold at a time; who comes later waits, and not for long."""

from __future__ import annotations

import asyncio
from collections import deque

from kelp.base.errors import Category, ServiceError

_RETRY_AFTER_SECONDS = 2


class BodyBudget:
    """Belongs to one event loop. Requests are served in the order in which they ask."""

    def __init__(self, maximum_bytes: int, patience_seconds: float = 5.0) -> None:
        self._maximum_bytes = maximum_bytes
        self._patience_seconds = patience_seconds
        self._held_bytes = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def hold(self, size_bytes: int) -> int:
        """Wait until there is room for a body of this size; return what to `release` once it is gone.

        A body that is larger than the budget has it to itself. Raises `ServiceError` (throttled) if it takes too long.
        """
        size_bytes = min(size_bytes, self._maximum_bytes)
        if self._waiting or self._held_bytes + size_bytes > self._maximum_bytes:
            await self._wait(size_bytes)
        else:
            self._held_bytes += size_bytes
        return size_bytes

    def release(self, held_bytes: int) -> None:
        """Give back what `hold` returned."""
        self._held_bytes -= held_bytes
        if self._waiting:
            self._admit()

    async def _wait(self, size_bytes: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size_bytes, turn))
        try:
            async with asyncio.timeout(self._patience_seconds):
                await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.done() and not turn.cancelled():
                self._held_bytes -= size_bytes
            self._waiting = deque(entry for entry in self._waiting if entry[1] is not turn)
            self._admit()
            if isinstance(error, asyncio.CancelledError):
                raise
            raise ServiceError(
                Category.THROTTLED,
                "TooManyRequests",
                "The request was not accepted because this node is reading as many bodies as it has memory for. "
                f"Try again in {_RETRY_AFTER_SECONDS} seconds.",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            ) from None

    def _admit(self) -> None:
        while self._waiting and self._held_bytes + self._waiting[0][0] <= self._maximum_bytes:
            size_bytes, turn = self._waiting.popleft()
            if not turn.done():
                self._held_bytes += size_bytes
                turn.set_result(None)
