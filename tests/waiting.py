"""Waiting for what comes true a moment later; the one place where a test waits for the clock of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 60
"""Far longer than anything takes: only what never comes true waits as long."""
_PAUSE_SECONDS = 0.05

Found = TypeVar("Found")


def wait_for(find: Callable[[], Found | None]) -> Found:
    """What `find` returns once that is true, or holds anything. Fails when it does not in PATIENCE_SECONDS."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := find()):
        assert time.monotonic() < end, f"it did not come true; the last that was found: {found!r}"
        time.sleep(_PAUSE_SECONDS)
    return found
