"""Answers that are kept for a moment: a page that many have open is worked out once for all who see the same."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from datetime import datetime, timedelta

    from kelp.base.clock import Clock

T = TypeVar("T")
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    at: datetime
    version: Hashable
    task: asyncio.Task[T]


class RecentAnswers(Generic[T]):
    """By a key that holds all that an answer depends on, the caller's rights first. Belongs to one event loop."""

    def __init__(self, clock: Clock, kept_for: timedelta, unchanged_for: timedelta | None = None) -> None:
        """An answer of the same version is kept for `unchanged_for`, one of an older version for `kept_for`."""
        self._clock = clock
        self._kept_for = kept_for
        self._unchanged_for = unchanged_for or kept_for
        self._known: OrderedDict[Hashable, _Kept[T]] = OrderedDict()

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]], version: Hashable = None) -> T:
        """Return the answer of the key; those who ask while it is made wait for it. Raises what `make` raises."""
        now = self._clock.now()
        known = self._known.get(key)
        limit = self._unchanged_for if known is not None and known.version == version else self._kept_for
        if known is None or now - known.at >= limit or _failed(known.task):
            known = self._known[key] = _Kept(now, version, asyncio.ensure_future(_await(make)))
            self._known.move_to_end(key)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        # Whoever leaves does not take the answer from the others.
        return await asyncio.shield(known.task)


async def _await(make: Callable[[], Awaitable[T]]) -> T:
    return await make()


def _failed(task: asyncio.Task[T]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
