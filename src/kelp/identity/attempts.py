"""Counts failed sign-ins, so that guessing gets slow and honest mistakes don't.

Kept in memory: a restart forgives, which costs an attacker more time than it gains.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from kelp.base.clock import Clock

_FREE_FAILURES = 10
_FIRST_LOCK = timedelta(seconds=60)
_LONGEST_LOCK = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=1)
_MAXIMUM_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_at: datetime
    locked_until: datetime | None


class Attempts:
    """Failures by whom they concern and where they came from. Safe for concurrent use.

    The tenth failure in a row locks for a minute, each one after it for twice as long, up to a quarter of an hour.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def locked_seconds(self, account: str, address: str) -> int:
        """Return for how many more seconds the pair is locked, 0 when it is not."""
        now = self._clock.now()
        with self._lock:
            failures = self._failures.get((account, address))
        if failures is None or failures.locked_until is None or failures.locked_until <= now:
            return 0
        return max(1, round((failures.locked_until - now).total_seconds()))

    def record_failure(self, account: str, address: str) -> None:
        """Count a wrong secret."""
        now = self._clock.now()
        with self._lock:
            before = self._failures.pop((account, address), None)
            count = before.count + 1 if before and now - before.last_at < _FORGOTTEN_AFTER else 1
            doublings = min(count - _FREE_FAILURES, 10)
            locked_until = now + min(_FIRST_LOCK * 2**doublings, _LONGEST_LOCK) if doublings >= 0 else None
            self._failures[account, address] = _Failures(count, now, locked_until)
            if len(self._failures) > _MAXIMUM_REMEMBERED:
                self._failures.popitem(last=False)

    def record_success(self, account: str, address: str) -> None:
        """Forget the failures of the pair."""
        with self._lock:
            self._failures.pop((account, address), None)
