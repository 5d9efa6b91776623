"""Tickets of sign-ins that wait for the second factor: they say that the password was right, and for whom.

In memory: after a restart those users begin again.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from kelp.base.clock import Clock

LIFETIME = timedelta(minutes=5)
_TRIES = 5
_MAXIMUM_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-in whose password was right: of the account `home_id`, to the tenant of that name."""

    home_id: UUID
    tenant_name: str
    expires_at: datetime
    tries: int


class SignInTickets:
    """Gives tickets and takes each once. Safe for concurrent use."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()

    def issue(self, home_id: UUID, tenant_name: str) -> str:
        """Return a ticket for who has just given the right password."""
        ticket = secrets.token_urlsafe(32)
        waiting = Waiting(home_id, tenant_name, self._clock.now() + LIFETIME, _TRIES)
        with self._lock:
            self._waiting[ticket] = waiting
            if len(self._waiting) > _MAXIMUM_WAITING:
                self._waiting.popitem(last=False)
        return ticket

    def take(self, ticket: str) -> Waiting | None:
        """Return what a ticket is for, once; None for one that was used, is too old or never was."""
        with self._lock:
            waiting = self._waiting.pop(ticket, None)
        return None if waiting is None or waiting.expires_at <= self._clock.now() else waiting

    def give_back(self, ticket: str, waiting: Waiting) -> bool:
        """Let a ticket be tried once more after a wrong code; return False where it was tried often enough."""
        left = replace(waiting, tries=waiting.tries - 1)
        if left.tries <= 0:
            return False
        with self._lock:
            self._waiting[ticket] = left
        return True
