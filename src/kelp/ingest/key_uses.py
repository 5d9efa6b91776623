"""Who signed with an access key lately, and with which: as far as this process saw, in memory, gone with it.

For whoever is about to regenerate a key: what still sends with it is refused from then on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.resources.shared_keys import KeySlot

REMEMBERED_FOR = timedelta(days=1)
MAXIMUM_SENDERS = 100
MAXIMUM_OWNERS = 10_000


@dataclass(frozen=True, slots=True)
class KeyUse:
    """Requests from one address that one key signed; `requests` counts since `first_at`."""

    slot: KeySlot
    address: str
    first_at: datetime
    last_at: datetime
    requests: int = 1


class KeyUses:
    """Remembers the last senders of each workspace or customer. Safe for concurrent use."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._of: OrderedDict[UUID, OrderedDict[tuple[KeySlot, str], KeyUse]] = OrderedDict()
        self.since = clock.now()
        """Since when it looks."""

    def note(self, owner_id: UUID, slot: KeySlot, address: str) -> None:
        """Remember that a request from the address was signed with that key of the workspace or customer."""
        now = self._clock.now()
        with self._lock:
            uses = self._of.setdefault(owner_id, OrderedDict())
            self._of.move_to_end(owner_id)
            known = uses.get((slot, address))
            if known is None or known.last_at < now - REMEMBERED_FOR:
                uses[slot, address] = KeyUse(slot, address, now, now)
            else:
                uses[slot, address] = replace(known, last_at=now, requests=known.requests + 1)
            uses.move_to_end((slot, address))
            if len(uses) > MAXIMUM_SENDERS:
                uses.popitem(last=False)
            if len(self._of) > MAXIMUM_OWNERS:
                self._of.popitem(last=False)

    def list_of(self, owner_id: UUID) -> tuple[KeyUse, ...]:
        """Return the uses of the last day, the newest first."""
        earliest = self._clock.now() - REMEMBERED_FOR
        with self._lock:
            uses = tuple(self._of.get(owner_id, OrderedDict()).values())
        return tuple(use for use in reversed(uses) if use.last_at >= earliest)
