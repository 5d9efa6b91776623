"""The frames that wait to be loaded, by origin, and whose turn it is. Pure but for the time that it is told."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from kelp.ingest.flow import Origin
    from kelp.ingest.journal import PendingFrame

_INSERT_SECONDS = 0.02
"""What an insert costs at least, however small: ten milliseconds of the engine, and as much around it."""
_MAXIMUM_FRAMES = 20_000
"""Of one load; so many small bodies are worth a load at once."""


@dataclass(slots=True)
class _Waiting:
    frames: list[PendingFrame] = field(default_factory=list)
    body_bytes: int = 0
    since: float = 0.0


class BacklogQueue:
    """One load at a time for each origin; among workspaces, the one that was served longest ago comes first."""

    def __init__(self, flush_seconds: float, flush_bytes: int, concurrent_loads: int) -> None:
        self._flush_seconds = flush_seconds
        self._flush_bytes = flush_bytes
        self._concurrent_loads = concurrent_loads
        self._waiting: dict[Origin, _Waiting] = {}
        self._busy: set[Origin] = set()
        self._not_before: dict[Origin, float] = {}
        self._loads_of: Counter[UUID] = Counter()
        self._turn_of: defaultdict[UUID, int] = defaultdict(int)
        self._turns = 0

    def __len__(self) -> int:
        """The number of origins that wait or are being loaded."""
        return len(self._waiting.keys() | self._busy)

    def add(self, origin: Origin, frames: Iterable[PendingFrame], now: float) -> None:
        """Queue frames of an origin."""
        waiting = self._waiting.get(origin)
        if waiting is None:
            waiting = self._waiting[origin] = _Waiting(since=now)
        for frame in frames:
            waiting.frames.append(frame)
            waiting.body_bytes += frame.body_bytes

    def put_back(self, origin: Origin, frames: Sequence[PendingFrame], since: float) -> None:
        """Queue frames again that were taken and not loaded, before those that came meanwhile."""
        waiting = self._waiting.setdefault(origin, _Waiting())
        waiting.frames[:0] = frames
        waiting.body_bytes += sum(frame.body_bytes for frame in frames)
        waiting.since = since

    def take(
        self, now: float, *, is_held: Callable[[Origin], bool], everything: bool = False
    ) -> tuple[Origin, list[PendingFrame], float] | None:
        """Return the frames whose turn it is, and since when they waited; None if nothing is due.

        The origin is busy then until `finish`. `everything` is due at once, also what has not waited long.
        """
        due = [
            origin
            for origin, waiting in self._waiting.items()
            if origin not in self._busy
            and self._not_before.get(origin, 0.0) <= now
            and (everything or self._is_due(waiting, now))
            and not is_held(origin)
        ]
        if not due:
            return None
        origin = min(due, key=self._rank)
        waiting = self._waiting.pop(origin)
        self._busy.add(origin)
        self._not_before.pop(origin, None)
        self._loads_of[origin.workspace_id] += 1
        self._turns += 1
        self._turn_of[origin.workspace_id] = self._turns
        return origin, waiting.frames, waiting.since

    def finish(self, origin: Origin, not_before: float = 0.0) -> None:
        """Note that the load is over; the next one of the origin may come at `not_before`."""
        self._busy.discard(origin)
        self._loads_of[origin.workspace_id] -= 1
        if not self._loads_of[origin.workspace_id]:
            del self._loads_of[origin.workspace_id]
        if not_before:
            self._not_before[origin] = not_before
        if len(self._turn_of) > 2 * len(self) + 1_000:
            present = {one.workspace_id for one in (*self._waiting, *self._busy)}
            self._turn_of = defaultdict(int, {key: self._turn_of[key] for key in present})

    def forget_pauses(self) -> None:
        """Let everything be taken again whose time to be tried once more had not come."""
        self._not_before.clear()

    def busy_origins(self) -> frozenset[Origin]:
        """Return the origins that are being loaded."""
        return frozenset(self._busy)

    def _is_due(self, waiting: _Waiting, now: float) -> bool:
        if waiting.body_bytes >= self._flush_bytes or len(waiting.frames) >= _MAXIMUM_FRAMES:
            return True
        # Many busy tables wait longer, so that inserts stay few enough to keep up with.
        interval = max(self._flush_seconds, len(self) * _INSERT_SECONDS / self._concurrent_loads)
        return now - waiting.since >= interval

    def _rank(self, origin: Origin) -> tuple[int, int, float]:
        workspace_id = origin.workspace_id
        return (
            self._loads_of.get(workspace_id, 0),
            self._turn_of.get(workspace_id, 0),
            self._waiting[origin].since,
        )
