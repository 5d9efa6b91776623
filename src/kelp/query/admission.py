"""Who may run now: so many queries a caller, so many in all, a bounded queue, and a rate.

The engine has no admission control of its own. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kelp.query.errors import QueryThrottled, QueryTimeout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kelp.base.clock import Clock
    from kelp.base.settings import QuerySettings


class Admission:
    """Admits queries in the order they came, as soon as both the caller and the node have room."""

    def __init__(self, settings: QuerySettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._running: Counter[str] = Counter()
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()
        self._recent: dict[str, deque[float]] = {}

    @asynccontextmanager
    async def admit(self, caller_id: str, timeout_seconds: float) -> AsyncIterator[None]:
        """Hold a place while the body runs.

        Raises `QueryThrottled` when the caller's rate is used up or the queue is full, `QueryTimeout` when no
        place came free in time.
        """
        self._count_request(caller_id)
        await self._take_place(caller_id, timeout_seconds)
        try:
            yield
        finally:
            self._release(caller_id)

    def _count_request(self, caller_id: str) -> None:
        now = self._clock.now().timestamp()
        window = self._settings.request_window_seconds
        self._forget_before(now - window)
        recent = self._recent.setdefault(caller_id, deque())
        if len(recent) >= self._settings.requests_per_caller:
            wait = max(1, round(recent[0] + window - now))
            limit = f"{self._settings.requests_per_caller} queries in {window:g} seconds"
            raise QueryThrottled(f"You sent more than {limit}. Try again in {wait} seconds.", wait)
        recent.append(now)

    def _forget_before(self, moment: float) -> None:
        for caller_id in list(self._recent):
            recent = self._recent[caller_id]
            while recent and recent[0] <= moment:
                recent.popleft()
            if not recent:
                del self._recent[caller_id]

    def _has_room(self, caller_id: str) -> bool:
        settings = self._settings
        return (
            self._running.total() < settings.concurrent
            and self._running[caller_id] < settings.concurrent_per_caller
        )

    async def _take_place(self, caller_id: str, timeout_seconds: float) -> None:
        if self._has_room(caller_id) and not any(waiting == caller_id for waiting, _ in self._waiting):
            self._running[caller_id] += 1
            return
        if len(self._waiting) >= self._settings.queue_length:
            raise QueryThrottled(f"{len(self._waiting)} queries are waiting already. Try again later.", 5)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (caller_id, place)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(timeout_seconds):
                await asyncio.shield(place)
        except BaseException as error:
            if place.done():
                self._release(caller_id)
            else:
                self._waiting.remove(entry)
            if isinstance(error, TimeoutError):
                raise QueryTimeout(timeout_seconds) from None
            raise

    def _release(self, caller_id: str) -> None:
        self._running[caller_id] -= 1
        if not self._running[caller_id]:
            del self._running[caller_id]
        self._wake()

    def _wake(self) -> None:
        """Give free places to those who wait, first come first served among those whose caller has room."""
        for entry in list(self._waiting):
            caller_id, place = entry
            if self._has_room(caller_id):
                self._waiting.remove(entry)
                self._running[caller_id] += 1
                place.set_result(None)
