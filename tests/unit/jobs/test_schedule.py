"""The schedule: jobs run when they are due by the clock, and none stops another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from kelp.base.errors import Category, ServiceError
from kelp.jobs.schedule import RETRY_INTERVAL, Job, Schedule

HOUR = timedelta(hours=1)


class TurnedClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class Counter:
    """A job's work: counts its runs, and fails while told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.failure: Exception | None = None

    async def run(self) -> None:
        self.runs += 1
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


async def look(schedule: Schedule) -> None:
    """Start what is due and wait for its end."""
    await asyncio.gather(*schedule.start_due())


async def test_runs_at_the_start_and_after_each_interval(clock: TurnedClock) -> None:
    counter, late = Counter(), Counter()
    schedule = Schedule([Job("a", HOUR, counter.run), Job("b", HOUR, late.run, first_after=HOUR)], clock)
    begun = clock.moment
    await look(schedule)
    await look(schedule)
    assert (counter.runs, late.runs) == (1, 0)
    first, second = schedule.states()
    assert (first.name, first.last_started_at, first.last_ended_at) == ("a", begun, begun)
    assert (first.next_run_at, first.is_running, first.last_error) == (begun + HOUR, False, "")
    assert (second.last_started_at, second.next_run_at) == (None, begun + HOUR)
    clock.moment += HOUR
    await look(schedule)
    assert (counter.runs, late.runs) == (2, 1)


async def test_a_failing_job_is_logged_and_tried_again_and_stops_no_other(clock: TurnedClock) -> None:
    failing, other = Counter(), Counter()
    failing.failure = ServiceError(Category.UNAVAILABLE, "NoDisk", "There is no disk.")
    schedule = Schedule([Job("failing", HOUR, failing.run), Job("other", HOUR, other.run)], clock)
    with structlog.testing.capture_logs() as logs:
        await look(schedule)
    assert [(line["event"], line["job"], line["error"]) for line in logs] == [
        ("job_failed", "failing", "NoDisk: There is no disk.")
    ]
    assert other.runs == 1
    state, _ = schedule.states()
    assert (state.last_error, state.failures) == ("NoDisk: There is no disk.", 1)
    assert state.next_run_at == clock.moment + RETRY_INTERVAL
    clock.moment += RETRY_INTERVAL
    failing.failure = None
    await look(schedule)
    assert (failing.runs, other.runs) == (2, 1)
    state, _ = schedule.states()
    assert (state.last_error, state.failures, state.next_run_at) == ("", 0, clock.moment + HOUR)


async def test_a_defect_is_no_end_and_its_text_stays_out_of_the_state(clock: TurnedClock) -> None:
    job = Counter()
    job.failure = ValueError("a customer's record")
    schedule = Schedule([Job("a", timedelta(seconds=5), job.run)], clock)
    with structlog.testing.capture_logs():
        await look(schedule)
    (state,) = schedule.states()
    assert state.last_error == "ValueError"
    assert state.next_run_at == clock.moment + timedelta(seconds=5)


async def test_a_slow_job_is_not_begun_twice_and_delays_no_other(clock: TurnedClock) -> None:
    gate, other, runs = asyncio.Event(), Counter(), 0

    async def wait() -> None:
        nonlocal runs
        runs += 1
        await gate.wait()

    schedule = Schedule([Job("slow", HOUR, wait), Job("other", HOUR, other.run)], clock)
    slow, quick = schedule.start_due()
    await quick
    clock.moment += 2 * HOUR
    await asyncio.gather(*schedule.start_due())
    assert (runs, other.runs) == (1, 2)
    assert schedule.states()[0].is_running
    schedule.request_run("slow")
    gate.set()
    await slow
    await look(schedule)
    assert runs == 2
    with pytest.raises(KeyError):
        schedule.request_run("no job")


async def test_a_job_that_is_asked_for_runs_at_the_next_look(clock: TurnedClock) -> None:
    counter = Counter()
    schedule = Schedule([Job("a", HOUR, counter.run)], clock)
    await look(schedule)
    schedule.request_run("a")
    await look(schedule)
    await look(schedule)
    assert counter.runs == 2


async def test_cancelling_the_schedule_ends_what_runs(clock: TurnedClock) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(Schedule([Job("a", HOUR, wait)], clock).run())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()


async def test_a_clock_that_is_set_back_delays_no_job_by_more_than_its_interval(clock: TurnedClock) -> None:
    counter = Counter()
    schedule = Schedule([Job("a", HOUR, counter.run)], clock)
    clock.moment += timedelta(days=30)
    await look(schedule)
    clock.moment -= timedelta(days=30)
    await look(schedule)
    assert counter.runs == 1
    clock.moment += HOUR
    await look(schedule)
    assert counter.runs == 2
