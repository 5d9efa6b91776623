"""Runs the jobs of a server when they are due by the clock: each by itself, so that none delays or stops another.

A job is an action that may be repeated at any time: what it could not finish it takes up again at its next run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import structlog

from kelp.base.errors import ServiceError

if TYPE_CHECKING:
    from kelp.base.clock import Clock

LOOK_SECONDS = 1.0
"""Between two looks at the clock."""
RETRY_INTERVAL = timedelta(minutes=1)
"""After a failure a job is run again so soon, or after its own interval if that is shorter."""

Work: TypeAlias = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every `interval`, counted from the end of the last run; first so long after the start."""

    name: str
    interval: timedelta
    work: Work
    first_after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class JobState:
    """What is known of a job. `last_error` is empty after a run that succeeded; times are None before the first run."""

    name: str
    interval: timedelta
    next_run_at: datetime
    is_running: bool
    last_started_at: datetime | None
    last_ended_at: datetime | None
    last_error: str
    failures: int
    """How many of the last runs failed, one after the other."""


@dataclass(slots=True)
class _Entry:
    job: Job
    due_at: datetime
    running: asyncio.Task[None] | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str = ""
    failures: int = 0
    was_asked: bool = False
    """Asked for while it ran: what it was asked for it may have passed already."""


class Schedule:
    """The jobs of one process. `states` and `request_run` are safe from any thread; the rest belongs to one loop."""

    def __init__(self, jobs: Iterable[Job], clock: Clock) -> None:
        """The names of jobs must differ."""
        self._clock = clock
        self._entries = {job.name: _Entry(job, clock.now() + job.first_after) for job in jobs}
        self._log = structlog.get_logger("kelp.jobs")

    def states(self) -> tuple[JobState, ...]:
        """Return how each job stands, in the order they were given in."""
        return tuple(
            JobState(
                name=entry.job.name,
                interval=entry.job.interval,
                next_run_at=entry.due_at,
                is_running=entry.running is not None,
                last_started_at=entry.started_at,
                last_ended_at=entry.ended_at,
                last_error=entry.error,
                failures=entry.failures,
            )
            for entry in self._entries.values()
        )

    def request_run(self, name: str) -> None:
        """Have a job run at the next look; if it runs now, once more after that. Raises `KeyError` for no job."""
        entry = self._entries[name]
        entry.was_asked = True
        entry.due_at = self._clock.now()

    async def run(self) -> None:
        """Run what is due, again and again, until cancelled; then what runs is cancelled too, and waited for."""
        try:
            while True:
                self.start_due()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            running = [entry.running for entry in self._entries.values() if entry.running is not None]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def start_due(self) -> list[asyncio.Task[None]]:
        """Begin every job that is due and does not run; return the tasks, which never raise."""
        now = self._clock.now()
        for entry in self._entries.values():
            # The clock may have been set back: what was due by it soon is due soon.
            entry.due_at = min(entry.due_at, now + max(entry.job.interval, entry.job.first_after))
        due = [entry for entry in self._entries.values() if entry.running is None and entry.due_at <= now]
        for entry in due:
            entry.running = asyncio.create_task(self._run_once(entry), name=f"job {entry.job.name}")
        return [entry.running for entry in due if entry.running is not None]

    async def _run_once(self, entry: _Entry) -> None:
        entry.started_at, entry.was_asked = self._clock.now(), False
        try:
            await entry.job.work()
        except Exception as failure:
            # The loop of all jobs: whatever goes wrong in one is tried again, and no other job hears of it.
            entry.failures += 1
            entry.error = _describe(failure)
            pause = min(entry.job.interval, RETRY_INTERVAL)
            expected = isinstance(failure, ServiceError | OSError)
            self._log.warning(
                "job_failed",
                job=entry.job.name,
                failures=entry.failures,
                error=entry.error,
                exc_info=None if expected else failure,
            )
        else:
            entry.failures, entry.error, pause = 0, "", entry.job.interval
        finally:
            entry.ended_at = self._clock.now()
            entry.running = None
        entry.due_at = entry.ended_at if entry.was_asked else entry.ended_at + pause


def _describe(failure: Exception) -> str:
    """Say what went wrong; of what nobody foresaw only the kind, since its text may hold records."""
    if isinstance(failure, ServiceError):
        return f"{failure.code}: {failure.message}"
    if isinstance(failure, OSError):
        return str(failure)
    return type(failure).__name__
