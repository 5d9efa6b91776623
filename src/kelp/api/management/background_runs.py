"""Work that goes on after its request was answered: deployments, deletions of groups; each on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

from kelp.base.errors import Category, ServiceError

_MAXIMUM_RUNS = 16
_REMEMBERED_STARTERS = 1_000


class BackgroundRuns:
    """Starts, cancels and ends runs. Safe for concurrent use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, tuple[threading.Thread, threading.Event]] = {}
        self._starters: dict[UUID, UUID] = {}

    def check_room(self) -> None:
        """Raise `ServiceError` (throttled) while too many run."""
        if len(self._runs) >= _MAXIMUM_RUNS:
            raise ServiceError(
                Category.THROTTLED,
                "TooManyDeployments",
                f"{_MAXIMUM_RUNS} deployments or deletions run at the moment. Try again when one has ended.",
                retry_after_seconds=5,
            )

    def start(self, key: str, work: Callable[[threading.Event], None]) -> None:
        """Run the work; it should end soon after the event it is given is set."""
        stop = threading.Event()

        def run() -> None:
            try:
                work(stop)
            finally:
                with self._lock:
                    del self._runs[key]

        # A daemon: what is cut off by the end of the process is told to have been, at the next start.
        thread = threading.Thread(target=run, name=f"run {key}", daemon=True)
        with self._lock:
            self._runs[key] = (thread, stop)
        thread.start()

    def is_running(self, key: str) -> bool:
        """Tell whether there is such a run."""
        return key in self._runs

    def join(self, key: str, timeout_seconds: float) -> bool:
        """Wait for a run to end, and tell whether it did. Belongs on a worker thread."""
        with self._lock:
            found = self._runs.get(key)
        if found is not None:
            found[0].join(timeout_seconds)
        return not self.is_running(key)

    def note_starter(self, operation_id: UUID, object_id: UUID) -> None:
        """Remember for some time who started an operation."""
        with self._lock:
            while len(self._starters) >= _REMEMBERED_STARTERS:
                del self._starters[next(iter(self._starters))]
            self._starters[operation_id] = object_id

    def find_starter(self, operation_id: UUID) -> UUID | None:
        """Return who started an operation; None where that is not remembered."""
        return self._starters.get(operation_id)

    def cancel(self, key: str) -> bool:
        """Ask a run to stop; return whether there was one."""
        with self._lock:
            found = self._runs.get(key)
        if found is not None:
            found[1].set()
        return found is not None

    def close(self, timeout_seconds: float = 10.0) -> None:
        """Ask all runs to stop, and wait for them."""
        with self._lock:
            runs = list(self._runs.values())
        for _, stop in runs:
            stop.set()
        for thread, _ in runs:
            thread.join(timeout_seconds)
