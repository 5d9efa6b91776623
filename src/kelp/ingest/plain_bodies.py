"""Bodies that were unpacked to be checked, kept in memory until they are loaded, so that it need not be done again.

Within a budget: what has no room is unpacked a second time.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from kelp.ingest.journal import FrameRef


class PlainBodies:
    """Plain bodies by frame. Safe for concurrent use."""

    def __init__(self, maximum_bytes: int) -> None:
        self._maximum_bytes = maximum_bytes
        self._held_bytes = 0
        self._lock = threading.Lock()
        self._bodies: dict[FrameRef, tuple[UUID, bytes]] = {}

    def put(self, ref: FrameRef, workspace_id: UUID, plain: bytes) -> None:
        """Keep a body if there is room. What came first is loaded first, so it is not displaced."""
        with self._lock:
            if self._held_bytes + len(plain) <= self._maximum_bytes:
                self._bodies[ref] = (workspace_id, plain)
                self._held_bytes += len(plain)

    def take(self, ref: FrameRef) -> bytes | None:
        """Return the body of a frame, which is not kept any longer; None if it is not here."""
        with self._lock:
            found = self._bodies.pop(ref, None)
            if found is None:
                return None
            self._held_bytes -= len(found[1])
            return found[1]

    def drop(self, refs: Iterable[FrameRef]) -> None:
        """Forget the bodies of frames that will not be loaded."""
        for ref in refs:
            self.take(ref)

    def forget(self, workspace_id: UUID) -> None:
        """Drop a workspace's bodies, as a revocation of its key asks for."""
        with self._lock:
            own = [ref for ref, (owner, _) in self._bodies.items() if owner == workspace_id]
        self.drop(own)
