"""Answers that are kept for a moment: when they are made anew, and who waits for whom."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from kelp.api.portal.recent_answers import RecentAnswers
from tests.unit.resources.doubles import TurnedClock


class Kitchen:
    """Makes answers, counting them."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False
        self.opened = asyncio.Event()
        self.opened.set()

    async def make(self) -> int:
        self.made += 1
        number = self.made
        await self.opened.wait()
        if self.fails:
            raise RuntimeError
        return number


async def test_an_answer_is_made_anew_by_time_and_by_version() -> None:
    clock, kitchen = TurnedClock(), Kitchen()
    answers = RecentAnswers[int](clock, timedelta(seconds=5), timedelta(minutes=10))
    assert await answers.get("a", kitchen.make, 1) == 1
    clock.turn(seconds=4)
    assert await answers.get("a", kitchen.make, 2) == 1
    clock.turn(seconds=1)
    assert await answers.get("a", kitchen.make, 1) == 1
    assert await answers.get("a", kitchen.make, 2) == 2
    assert await answers.get("b", kitchen.make, 2) == 3
    clock.turn(minutes=10)
    assert await answers.get("a", kitchen.make, 2) == 4


async def test_those_who_ask_meanwhile_wait_for_one_answer() -> None:
    clock, kitchen = TurnedClock(), Kitchen()
    answers = RecentAnswers[int](clock, timedelta(seconds=5))
    kitchen.opened.clear()
    asking = [asyncio.create_task(answers.get("a", kitchen.make)) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    kitchen.opened.set()
    assert await asyncio.gather(*asking[1:]) == [1, 1]
    assert asking[0].cancelled()


async def test_a_failure_is_not_kept() -> None:
    clock, kitchen = TurnedClock(), Kitchen()
    answers = RecentAnswers[int](clock, timedelta(seconds=5))
    kitchen.fails = True
    with pytest.raises(RuntimeError):
        await answers.get("a", kitchen.make)
    kitchen.fails = False
    assert await answers.get("a", kitchen.make) == 2
