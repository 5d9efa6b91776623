"""Remembers what was presented, so that it is not accepted a second time; also over restarts."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, insert, select

from kelp.base.clock import Clock
from kelp.identity.accounts import Connections
from kelp.identity.schema import USED_ONCE


class UsedOnce:
    """Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock

    def claim(self, thing: str, expires_at: datetime) -> bool:
        """Tell whether this is the first time the thing comes, and remember it until it expires."""
        digest = hashlib.sha256(thing.encode()).digest()
        with self._connections.write() as connection:
            connection.execute(delete(USED_ONCE).where(USED_ONCE.c.expires_at <= self._clock.now()))
            known = connection.execute(select(USED_ONCE.c.digest).where(USED_ONCE.c.digest == digest)).first()
            if known is not None:
                return False
            connection.execute(insert(USED_ONCE).values(digest=digest, expires_at=expires_at))
        return True
