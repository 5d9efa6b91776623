"""Plans come back exactly as they were recorded, also after a crash."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.base.sealing import SealBroken
from kelp.ingest.journal import FrameRef, JournalDamaged
from kelp.ingest.plan_store import (
    FIRST_GENERATION,
    OpenPlan,
    PlanState,
    PlanStore,
)
from tests.unit.ingest.samples import OTHER_WORKSPACE, WORKSPACE, MemoryKeys, make_plan

JOURNAL = UUID(int=1)
FRAMES = [FrameRef(1, 1), FrameRef(1, 2), FrameRef(2, 9), FrameRef(1, 5), FrameRef(1, 3)]


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
def open_store(tmp_path: Path, keys: MemoryKeys) -> Iterator[Callable[[], PlanStore]]:
    opened: list[PlanStore] = []

    def open_() -> PlanStore:
        opened.append(PlanStore(tmp_path / "plans.sqlite", keys, JOURNAL))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], PlanStore]) -> PlanStore:
    return open_store()


def test_a_plan_comes_back_exactly(store: PlanStore, open_store: Callable[[], PlanStore]) -> None:
    plan = make_plan(1, FRAMES, block_cuts=(100, 250))
    store.record([plan])
    assert store.get_plan(plan.plan_id) == plan
    store.close()
    assert open_store().get_plan(plan.plan_id) == plan


def test_a_recorded_plan_is_on_the_disk_at_once(store: PlanStore, tmp_path: Path, keys: MemoryKeys) -> None:
    plan = make_plan(1, FRAMES)
    store.record([plan])
    shutil.copytree(tmp_path, tmp_path / "crashed")
    crashed = PlanStore(tmp_path / "crashed" / "plans.sqlite", keys, JOURNAL)
    assert crashed.get_plan(plan.plan_id) == plan
    crashed.close()


def test_open_plans_are_listed_until_done(store: PlanStore) -> None:
    first = make_plan(1, FRAMES[:1])
    second = make_plan(2, FRAMES[1:2], table="Other_CL")
    third = make_plan(3, FRAMES[2:3], workspace_id=OTHER_WORKSPACE)
    store.record([first, second, third])
    assert store.list_open() == [
        OpenPlan(p.plan_id, p.workspace_id, p.table, 1) for p in (first, second, third)
    ]
    assert [plan.plan_id for plan in store.list_open(WORKSPACE)] == [first.plan_id, second.plan_id]
    assert [plan.plan_id for plan in store.list_open(WORKSPACE, "Other_CL")] == [second.plan_id]
    store.finish([first.plan_id, first.plan_id, uuid4()])
    assert [plan.plan_id for plan in store.list_open()] == [second.plan_id, third.plan_id]


def test_plans_are_recorded_all_or_none(store: PlanStore) -> None:
    store.record([make_plan(1, FRAMES)])
    with pytest.raises(ServiceError) as caught:
        store.record([make_plan(2, FRAMES), make_plan(1, FRAMES)])
    assert caught.value.category is Category.CONFLICT
    assert [plan.plan_id.int for plan in store.list_open()] == [1]


def test_claims_name_every_frame(store: PlanStore) -> None:
    store.record([make_plan(1, FRAMES), make_plan(2, FRAMES[:1], table="Other_CL")])
    store.finish([UUID(int=2)])
    store.reject([FrameRef(3, 7), FrameRef(3, 8)], "Unreadable")
    claims = store.list_claims()
    assert [claim.segment for claim in claims] == [1, 1, 2, 3]
    by_plan = {(claim.plan_id, claim.state, ref) for claim in claims for ref in claim.iter_refs()}
    assert by_plan == {
        *((UUID(int=1), PlanState.OPEN, ref) for ref in FRAMES),
        (UUID(int=2), PlanState.DONE, FRAMES[0]),
        (None, PlanState.DONE, FrameRef(3, 7)),
        (None, PlanState.DONE, FrameRef(3, 8)),
    }


def test_an_abandoned_plan_was_never_there(store: PlanStore) -> None:
    store.record([make_plan(1, FRAMES)])
    store.abandon(UUID(int=1))
    assert store.list_open() == []
    assert store.list_claims() == []


def test_a_released_segment_is_forgotten_with_its_plans(store: PlanStore) -> None:
    store.record([make_plan(1, FRAMES), make_plan(2, [FrameRef(1, 4)]), make_plan(3, [FrameRef(1, 6)])])
    store.reject([FrameRef(1, 7)], "Unreadable")
    store.finish([UUID(int=1), UUID(int=2)])
    store.forget_segment(1)
    assert [(claim.segment, claim.plan_id) for claim in store.list_claims()] == [(2, UUID(int=1))]
    with pytest.raises(ServiceError) as caught:
        store.get_plan(UUID(int=2))
    assert caught.value.category is Category.NOT_FOUND
    assert store.get_plan(UUID(int=1)).plan_id == UUID(int=1)
    assert [plan.plan_id.int for plan in store.list_open()] == [3]


def test_generations_are_counted_for_each_table(
    store: PlanStore, open_store: Callable[[], PlanStore]
) -> None:
    assert store.current_generation(WORKSPACE, "T") == FIRST_GENERATION
    assert store.start_generation(WORKSPACE, "T") == 2
    assert store.start_generation(WORKSPACE, "T") == 3
    assert store.current_generation(OTHER_WORKSPACE, "T") == FIRST_GENERATION
    assert store.current_generation(WORKSPACE, "U") == FIRST_GENERATION
    store.close()
    assert open_store().current_generation(WORKSPACE, "T") == 3


def test_a_generation_waits_for_open_plans(store: PlanStore) -> None:
    store.record([make_plan(1, FRAMES, table="T")])
    with pytest.raises(ServiceError) as caught:
        store.start_generation(WORKSPACE, "T")
    assert caught.value.category is Category.CONFLICT
    assert store.current_generation(WORKSPACE, "T") == FIRST_GENERATION
    assert store.start_generation(WORKSPACE, "U") == 2
    store.finish([UUID(int=1)])
    assert store.start_generation(WORKSPACE, "T") == 2


def test_a_discarded_workspace_has_no_open_plans(store: PlanStore, keys: MemoryKeys) -> None:
    store.record([make_plan(1, FRAMES), make_plan(2, [FrameRef(1, 9)], workspace_id=OTHER_WORKSPACE)])
    keys.destroy(WORKSPACE)
    store.discard_workspace(WORKSPACE)
    store.discard_workspace(WORKSPACE)
    assert store.list_discarded() == {WORKSPACE}
    assert [plan.plan_id.int for plan in store.list_open()] == [2]


def test_no_file_shows_what_a_plan_does(store: PlanStore, tmp_path: Path, keys: MemoryKeys) -> None:
    store.record([make_plan(1, FRAMES)])
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert b"secret" not in content
        assert keys.current_data_key(WORKSPACE).secret not in content
        assert not path.stat().st_mode & 0o077


def test_an_altered_plan_does_not_open(store: PlanStore, tmp_path: Path) -> None:
    store.record([make_plan(1, FRAMES)])
    with sqlite3.connect(tmp_path / "plans.sqlite") as database:
        database.execute("UPDATE plan SET table_name = 'Elsewhere_CL'")
    database.close()
    with pytest.raises(SealBroken):
        store.get_plan(UUID(int=1))


def test_plans_open_after_a_key_rotation(store: PlanStore, keys: MemoryKeys) -> None:
    plan = make_plan(1, FRAMES)
    store.record([plan])
    keys.rotate(WORKSPACE, double_encryption=True)
    store.record([replace(plan, plan_id=UUID(int=2))])
    assert store.get_plan(UUID(int=1)) == plan
    assert store.get_plan(UUID(int=2)).transformation == plan.transformation


def test_plans_of_another_journal_are_refused(store: PlanStore, tmp_path: Path, keys: MemoryKeys) -> None:
    with pytest.raises(ServiceError) as caught:
        PlanStore(tmp_path / "plans.sqlite", keys, UUID(int=2))
    assert caught.value.code == "JournalReplaced"


def test_a_file_that_is_no_database_is_damage(tmp_path: Path, keys: MemoryKeys) -> None:
    (tmp_path / "bad.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(JournalDamaged, match="not a database"):
        PlanStore(tmp_path / "bad.sqlite", keys, JOURNAL)


def test_a_folder_that_is_missing_is_unavailable(tmp_path: Path, keys: MemoryKeys) -> None:
    with pytest.raises(ServiceError) as caught:
        PlanStore(tmp_path / "nowhere" / "plans.sqlite", keys, JOURNAL)
    assert caught.value.category is Category.UNAVAILABLE


def test_a_closed_store_is_unavailable(store: PlanStore) -> None:
    store.close()
    store.close()
    with pytest.raises(ServiceError) as caught:
        store.list_open()
    assert caught.value.category is Category.UNAVAILABLE
