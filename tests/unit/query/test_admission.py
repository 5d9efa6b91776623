"""Who may run, who waits, and who is told to come back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kelp.base.settings import QuerySettings
from kelp.query.admission import Admission
from kelp.query.errors import QueryThrottled


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def make_admission(**settings: Any) -> tuple[Admission, Clock]:
    clock = Clock()
    return Admission(QuerySettings(**settings), clock), clock


async def test_a_caller_waits_for_its_own_place_and_gets_it_in_order() -> None:
    admission, _ = make_admission(concurrent_per_caller=1)
    order: list[str] = []
    release = asyncio.Event()

    async def run(name: str) -> None:
        async with admission.admit("a", 5):
            order.append(name)
            await release.wait()

    tasks = [asyncio.create_task(run(name)) for name in ("first", "second", "third")]
    await asyncio.sleep(0)
    assert order == ["first"]
    release.set()
    await asyncio.gather(*tasks)
    assert order == ["first", "second", "third"]


async def test_one_caller_does_not_hold_up_another() -> None:
    admission, _ = make_admission(concurrent_per_caller=1, concurrent=2)
    async with admission.admit("a", 5):
        waiting = asyncio.create_task(_enter_and_leave(admission, "a"))
        await asyncio.sleep(0)
        async with asyncio.timeout(1):
            await _enter_and_leave(admission, "b")
        assert not waiting.done()
    await waiting


async def _enter_and_leave(admission: Admission, caller: str) -> None:
    async with admission.admit(caller, 5):
        pass


async def test_a_full_queue_throttles_with_advice() -> None:
    admission, _ = make_admission(concurrent_per_caller=1, queue_length=1)
    async with admission.admit("a", 5):
        waiting = asyncio.create_task(_enter_and_leave(admission, "a"))
        await asyncio.sleep(0)
        with pytest.raises(QueryThrottled) as refused:
            await _enter_and_leave(admission, "a")
        assert refused.value.retry_after_seconds is not None
    await waiting


async def test_who_gets_no_place_in_time_is_told_to_come_back() -> None:
    admission, _ = make_admission(concurrent_per_caller=1)
    async with admission.admit("a", 5):
        with pytest.raises(QueryThrottled, match=r"waited 0\.01 seconds") as refused:
            async with admission.admit("a", 0.01):
                pytest.fail("there was no place")
        assert refused.value.retry_after_seconds is not None
    await _enter_and_leave(admission, "a")


async def test_a_burst_of_one_caller_fills_neither_the_queue_nor_the_places_of_another() -> None:
    admission, _ = make_admission(concurrent_per_caller=2, concurrent=2, queue_length=3)
    order: list[str] = []

    async def run(caller: str) -> None:
        async with admission.admit(caller, 5):
            order.append(caller)
            await asyncio.sleep(0)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(admission.admit("greedy", 5))
        await stack.enter_async_context(admission.admit("greedy", 5))
        greedy = [asyncio.create_task(run("greedy")) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(QueryThrottled):
            await _enter_and_leave(admission, "greedy")
        modest = [asyncio.create_task(run("modest")) for _ in range(2)]
        await asyncio.sleep(0)
    await asyncio.gather(*greedy, *modest)
    assert order.index("modest") < 2
    assert order[:4].count("modest") == 2


async def test_who_gives_up_waiting_leaves_no_place_taken() -> None:
    admission, _ = make_admission(concurrent_per_caller=1)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(admission.admit("a", 5))
        waiting = asyncio.create_task(_enter_and_leave(admission, "a"))
        await asyncio.sleep(0)
        await stack.aclose()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(1):
        await _enter_and_leave(admission, "a")


async def test_the_rate_of_a_caller_is_limited_by_the_clock() -> None:
    admission, clock = make_admission(requests_per_caller=2)
    await _enter_and_leave(admission, "a")
    await _enter_and_leave(admission, "a")
    with pytest.raises(QueryThrottled, match="30 seconds") as refused:
        await _enter_and_leave(admission, "a")
    assert refused.value.retry_after_seconds == 30
    await _enter_and_leave(admission, "b")
    clock.moment += timedelta(seconds=31)
    await _enter_and_leave(admission, "a")
