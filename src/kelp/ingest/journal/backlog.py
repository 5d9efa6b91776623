"""How much is accepted and not yet loaded, per workspace and in total, and when to accept no more.

It counts bodies with an allowance for what a frame costs besides. Ages are kept in steps of ten seconds.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.base.errors import Category, ServiceError
from kelp.ingest.journal.frame import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from kelp.base.clock import Clock

FRAME_ALLOWANCE_BYTES = 512
"""What a frame costs in memory and on the disk besides its body."""

_AGE_STEP_US = 10_000_000
_PRESSURE = 0.75
_RETRY_SOON_SECONDS = 5
_RETRY_LATER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class BacklogLimits:
    """When to refuse. In the last quarter of `total_bytes` each busy workspace gets an equal share of the whole."""

    total_bytes: int = 4 * 2**30
    workspace_bytes: int = 1 * 2**30
    workspace_age_seconds: int = 4 * 3600


@dataclass(frozen=True, slots=True)
class Backlog:
    """What awaits loading. `oldest_at` is exact to ten seconds and None if nothing waits."""

    frames: int
    size_bytes: int
    oldest_at: datetime | None


@dataclass(slots=True)
class _Account:
    frames: int = 0
    size_bytes: int = 0
    steps: dict[int, int] = field(default_factory=lambda: defaultdict(int))


class BacklogLedger:
    """Counts frames from the moment they are handed in. Safe for concurrent use."""

    def __init__(self, limits: BacklogLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._accounts: dict[UUID, _Account] = {}
        self._total_bytes = 0

    def charge(self, workspace_id: UUID, body_bytes: int, received_us: int) -> None:
        """Count a frame."""
        size_bytes = body_bytes + FRAME_ALLOWANCE_BYTES
        with self._lock:
            account = self._accounts.get(workspace_id)
            if account is None:
                account = self._accounts[workspace_id] = _Account()
            account.frames += 1
            account.size_bytes += size_bytes
            account.steps[received_us // _AGE_STEP_US] += 1
            self._total_bytes += size_bytes

    def discharge(self, workspace_id: UUID, body_bytes: int, received_us: int) -> None:
        """Stop counting a frame that was charged with the same numbers."""
        size_bytes = body_bytes + FRAME_ALLOWANCE_BYTES
        step = received_us // _AGE_STEP_US
        with self._lock:
            account = self._accounts[workspace_id]
            account.frames -= 1
            account.size_bytes -= size_bytes
            account.steps[step] -= 1
            if not account.steps[step]:
                del account.steps[step]
            if not account.frames:
                del self._accounts[workspace_id]
            self._total_bytes -= size_bytes

    def measure(self, workspace_id: UUID | None = None) -> Backlog:
        """Return the backlog of a workspace, or of all."""
        with self._lock:
            if workspace_id is None:
                accounts = list(self._accounts.values())
            else:
                accounts = [self._accounts[workspace_id]] if workspace_id in self._accounts else []
            oldest = min((min(account.steps) for account in accounts), default=None)
            return Backlog(
                sum(account.frames for account in accounts),
                sum(account.size_bytes for account in accounts),
                None if oldest is None else from_microseconds(oldest * _AGE_STEP_US),
            )

    def check(self, workspace_id: UUID, body_bytes: int) -> None:
        """Raise `ServiceError` (throttled) if a body of this size should be refused now."""
        limits = self._limits
        size_bytes = body_bytes + FRAME_ALLOWANCE_BYTES
        with self._lock:
            account = self._accounts.get(workspace_id)
            held_bytes = account.size_bytes if account else 0
            oldest = min(account.steps) if account else None
            total_bytes = self._total_bytes + size_bytes
            busy = len(self._accounts) + (account is None)
        if total_bytes > limits.total_bytes:
            raise _throttled("this node's backlog is full", _RETRY_SOON_SECONDS)
        if held_bytes and held_bytes + size_bytes > limits.workspace_bytes:
            raise _throttled("the workspace's backlog is full", _RETRY_SOON_SECONDS)
        under_pressure = total_bytes > limits.total_bytes * _PRESSURE
        if under_pressure and held_bytes + size_bytes > limits.total_bytes // busy:
            raise _throttled("this node's backlog is nearly full", _RETRY_SOON_SECONDS)
        if oldest is not None:
            age_seconds = (to_microseconds(self._clock.now()) - oldest * _AGE_STEP_US) // 1_000_000
            if age_seconds > limits.workspace_age_seconds:
                raise _throttled("the workspace's backlog is too old", _RETRY_LATER_SECONDS)


def _throttled(reason: str, retry_after_seconds: int) -> ServiceError:
    return ServiceError(
        Category.THROTTLED,
        "TooManyRequests",
        f"The request was not accepted because {reason}. Try again in {retry_after_seconds} seconds.",
        retry_after_seconds=retry_after_seconds,
    )
