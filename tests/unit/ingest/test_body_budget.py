"""Bodies wait for room, in order, and not for long."""

from __future__ import annotations

import asyncio

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.ingest.body_budget import BodyBudget


async def until_waiting() -> None:
    """Let the tasks that were made come to where they wait."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_bodies_wait_for_room_in_order() -> None:
    budget = BodyBudget(100)
    first = await budget.hold(60)
    order: list[int] = []

    async def come(size_bytes: int) -> None:
        held = await budget.hold(size_bytes)
        order.append(size_bytes)
        budget.release(held)

    tasks = []
    for size_bytes in (50, 10, 90):
        tasks.append(asyncio.create_task(come(size_bytes)))
        await until_waiting()
    assert order == []  # the small one does not overtake
    budget.release(first)
    await asyncio.gather(*tasks)
    assert order == [50, 10, 90]


async def test_a_body_larger_than_the_budget_has_it_to_itself() -> None:
    budget = BodyBudget(100)
    held = await budget.hold(1_000)
    waiting = asyncio.create_task(budget.hold(1))
    await until_waiting()
    assert not waiting.done()
    budget.release(held)
    assert await waiting == 1


async def test_patience_ends() -> None:
    budget = BodyBudget(100, patience_seconds=0)
    held = await budget.hold(100)
    with pytest.raises(ServiceError) as refused:
        await budget.hold(1)
    assert refused.value.category is Category.THROTTLED
    assert refused.value.retry_after_seconds
    budget.release(held)
    assert await budget.hold(100) == 100


async def test_who_leaves_holds_nothing() -> None:
    budget = BodyBudget(100)
    held = await budget.hold(100)
    leaving, staying = asyncio.create_task(budget.hold(50)), asyncio.create_task(budget.hold(100))
    await until_waiting()
    leaving.cancel()
    await until_waiting()
    budget.release(held)
    assert await staying == 100


async def test_who_leaves_just_as_there_is_room_holds_nothing() -> None:
    budget = BodyBudget(100)
    held = await budget.hold(100)
    leaving = asyncio.create_task(budget.hold(100))
    await until_waiting()
    budget.release(held)
    leaving.cancel()
    await until_waiting()
    assert await budget.hold(100) == 100
