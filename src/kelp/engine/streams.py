"""The reader's side of a running query of the embedded engine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kelp.engine.errors import QueryCancelled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

    from kelp.engine.contract import QueryStatistics
    from kelp.engine.errors import EngineError
    from kelp.engine.running import Running


class EmbeddedResultStream:
    """Fulfils `engine.contract.ResultStream`."""

    def __init__(self, running: Running, stop: Callable[[Running, EngineError], Awaitable[None]]) -> None:
        self._running = running
        self._stop = stop

    @property
    def statistics(self) -> QueryStatistics:
        return self._running.statistics

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._running.channel.take()
        if chunk is None:
            await self._running.ended.wait()
            raise StopAsyncIteration
        return chunk

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        self._running.channel.abandon()
        await asyncio.shield(self._stop(self._running, QueryCancelled()))
