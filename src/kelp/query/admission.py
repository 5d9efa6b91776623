"""Who may run now: so many queries a caller, so many in all, a bounded queue for each caller, and a rate.

The engine has no admission control of its own. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kelp.query.errors import QueryThrottled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kelp.base.clock import Clock
    from kelp.base.settings import QuerySettings

LONGEST_WAIT_SECONDS = 180.0
"""A query that was not started by then is throttled (cf. Azure Monitor's service limits, "query queue")."""
_RETRY_SECONDS = 5


class Admission:
    """Admits queries as soon as both their caller and the node have room.

    A caller's own queries are admitted in the order they came. Of several callers that wait, the one with the fewest
    running comes first, so that nobody's burst keeps others out.
    """

    def __init__(self, settings: QuerySettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """Callers in the order in which they began to wait."""
        self._recent: dict[str, deque[float]] = {}
        self._places: dict[str, tuple[str, asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def admit(self, caller_id: str, timeout_seconds: float, tag: str = "") -> AsyncIterator[None]:
        """Hold a place while the body runs. `tag` is for `find_position`.

        Raises `QueryThrottled` when the caller's rate is used up, its queue is full, or no place came free in time.
        """
        self._count_request(caller_id)
        await self._take_place(caller_id, min(timeout_seconds, LONGEST_WAIT_SECONDS), tag)
        try:
            yield
        finally:
            self._release(caller_id)

    def find_position(self, tag: str) -> int | None:
        """Return at which place of its caller's queue a query waits, the first is 1; None if it does not wait."""
        caller_id, place = self._places.get(tag, ("", None))
        queue = self._waiting.get(caller_id, ())
        return list(queue).index(place) + 1 if place is not None and place in queue else None

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

    async def _take_place(self, caller_id: str, timeout_seconds: float, tag: str) -> None:
        queue = self._waiting.get(caller_id, ())
        if not queue and self._has_room(caller_id):
            self._running[caller_id] += 1
            return
        if len(queue) >= self._settings.queue_length:
            message = f"{len(queue)} of your queries are waiting already. Try again later."
            raise QueryThrottled(message, _RETRY_SECONDS)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(caller_id, deque()).append(place)
        self._places[tag] = (caller_id, place)
        try:
            async with asyncio.timeout(timeout_seconds):
                await asyncio.shield(place)
        except BaseException as error:
            self._give_up(caller_id, place)
            if isinstance(error, TimeoutError):
                message = (
                    f"The query waited {timeout_seconds:g} seconds for others to end and was not started. "
                    "Try again later."
                )
                raise QueryThrottled(message, _RETRY_SECONDS) from None
            raise
        finally:
            self._places.pop(tag, None)

    def _give_up(self, caller_id: str, place: asyncio.Future[None]) -> None:
        """Leave the queue, or give back the place that was got in the same moment."""
        if place.done():
            self._release(caller_id)
            return
        queue = self._waiting[caller_id]
        queue.remove(place)
        if not queue:
            del self._waiting[caller_id]

    def _release(self, caller_id: str) -> None:
        self._running[caller_id] -= 1
        if not self._running[caller_id]:
            del self._running[caller_id]
        self._wake()

    def _wake(self) -> None:
        """Give the places that are free to those who wait."""
        while ready := [caller_id for caller_id in self._waiting if self._has_room(caller_id)]:
            caller_id = min(ready, key=self._running.__getitem__)
            queue = self._waiting[caller_id]
            self._running[caller_id] += 1
            queue.popleft().set_result(None)
            if not queue:
                del self._waiting[caller_id]
