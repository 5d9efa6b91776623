"""A plan's token depends on what makes it the same insert, and on nothing else."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from kelp.ingest.journal import FrameRef
from tests.unit.ingest.samples import make_plan


def test_the_token_is_of_plan_table_and_generation() -> None:
    plan = make_plan(1, [FrameRef(1, 1)])
    token = plan.deduplication_token
    assert len(token) == 64
    assert replace(plan, frames=(FrameRef(9, 9),), transformation="other").deduplication_token == token
    others = [replace(plan, plan_id=UUID(int=2)), replace(plan, table="T2"), replace(plan, generation=2)]
    assert len({token, *(other.deduplication_token for other in others)}) == 4


def test_tokens_of_blocks_differ() -> None:
    plan = make_plan(1, [FrameRef(1, 1)])
    assert len({plan.deduplication_token, plan.block_token(0), plan.block_token(1)}) == 3
    assert plan.block_token(0) == make_plan(1, [FrameRef(1, 1)]).block_token(0)
