"""A frame is planned once, settled when all its plans are done, and archived before it goes; crashes change nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.blobs import FilesystemBlobs, SealedBlobs
from kelp.ingest.frame_ledger import FrameLedger, Recovery
from kelp.ingest.journal import FrameRef, Journal, JournalDamaged, JournalLimits
from kelp.ingest.load_plan import LoadPlan
from kelp.ingest.plan_store import PlanStore
from kelp.ingest.raw_archive import RawArchive
from tests.unit.ingest.samples import (
    OTHER_WORKSPACE,
    START,
    WORKSPACE,
    MemoryKeys,
    TurnedClock,
    make_envelope,
    make_plan,
)

DAY = timedelta(days=1)


@dataclass
class Node:
    """A node's ingestion state in a folder."""

    folder: Path
    keys: MemoryKeys
    journal: Journal
    plans: PlanStore
    ledger: FrameLedger
    archive: RawArchive

    @classmethod
    def open(cls, folder: Path, keys: MemoryKeys, *, repair: bool = False) -> Node:
        limits = JournalLimits(cached_bytes=0)
        journal = Journal.open(folder / "journal", keys, TurnedClock(), limits, repair=repair)
        plans = PlanStore(folder / "plans.sqlite", keys, journal.journal_id)
        archive = RawArchive(SealedBlobs(FilesystemBlobs(folder / "blobs"), keys), journal.journal_id)
        return cls(folder, keys, journal, plans, FrameLedger(journal, plans, archive), archive)

    def close(self) -> None:
        self.journal.close()
        self.plans.close()

    def append(self, *numbers: int, workspace_id: UUID = WORKSPACE) -> list[FrameRef]:
        async def append_all() -> list[FrameRef]:
            envelopes = [make_envelope(number, workspace_id=workspace_id) for number in numbers]
            return list(await asyncio.gather(*[self.journal.append(envelope) for envelope in envelopes]))

        return asyncio.run(append_all())

    def list_archived(self, workspace_id: UUID = WORKSPACE) -> list[int]:
        envelopes = self.archive.iter_archived(workspace_id, START - DAY, START + DAY)
        return [envelope.frame_id.int for envelope in envelopes]

    def crash(self, *, repair: bool = False) -> tuple[Node, Recovery]:
        """Return the node as it starts again from what is on the disk now."""
        copy = self.folder.parent / str(uuid4())
        shutil.copytree(self.folder, copy)
        self.close()
        again = Node.open(copy, self.keys, repair=repair)
        try:
            return again, again.ledger.recover(repair=repair)
        except ServiceError:
            again.close()
            raise


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    opened = Node.open(tmp_path / "node", MemoryKeys())
    assert opened.ledger.recover() == Recovery((), (), (), ())
    yield opened
    opened.close()


def refusal(caught: pytest.ExceptionInfo[ServiceError]) -> tuple[Category, str]:
    return caught.value.category, caught.value.code


def test_unplanned_frames_are_found_after_a_crash(node: Node) -> None:
    refs = node.append(1, 2, 3)
    again, recovery = node.crash()
    assert recovery == Recovery((), (), (), tuple(refs))
    assert [again.journal.describe(ref).workspace_id for ref in recovery.unplanned] == [WORKSPACE] * 3
    again.close()


def test_what_arrives_before_the_recovery_is_pending_and_not_found(node: Node, tmp_path: Path) -> None:
    refs = node.append(1)
    node.close()
    again = Node.open(tmp_path / "node", node.keys)
    new = again.append(2, 3)
    assert again.ledger.recover().unplanned == tuple(refs)
    assert [frame.ref for frame in again.journal.take_pending(0)] == new
    again.close()


def test_open_plans_are_replayed_exactly(node: Node) -> None:
    refs = node.append(1, 2, 3, 4)
    plan = make_plan(1, refs[2::-1], block_cuts=(5,))
    node.ledger.record_plans([plan])
    again, recovery = node.crash()
    assert recovery == Recovery((plan,), (), (), (refs[3],))
    assert [again.journal.read(ref).frame_id.int for ref in recovery.open_plans[0].frames] == [3, 2, 1]
    again.ledger.finish_plans([plan.plan_id])
    last, recovery = again.crash()
    assert recovery == Recovery((), (), (), (refs[3],))
    last.close()


def test_a_frame_is_settled_by_the_last_of_its_plans(node: Node) -> None:
    refs = node.append(1, 2)
    plans = [make_plan(1, refs, table="A"), make_plan(2, refs[:1], table="B")]
    node.ledger.record_plans(plans)
    node.ledger.finish_plans([UUID(int=1)])
    assert node.journal.measure_backlog().frames == 1
    again, recovery = node.crash()
    assert recovery == Recovery((plans[1],), (), (), ())
    assert again.journal.measure_backlog().frames == 1
    again.ledger.finish_plans([UUID(int=2), UUID(int=2), UUID(int=1), uuid4()])
    assert again.journal.measure_backlog().frames == 0
    again.close()


def test_a_frame_is_planned_once(node: Node) -> None:
    refs = node.append(1, 2, 3)
    node.ledger.record_plans([make_plan(1, refs[:1])])
    node.ledger.reject(refs[2:], "Unreadable")
    for taken in (refs[0], refs[2]):
        with pytest.raises(ServiceError) as caught:
            node.ledger.record_plans([make_plan(2, [refs[1], taken])])
        assert refusal(caught) == (Category.CONFLICT, "FramePlanned")
        with pytest.raises(ServiceError):
            node.ledger.reject([taken], "Unreadable")
    node.ledger.finish_plans([UUID(int=1)])
    with pytest.raises(ServiceError):
        node.ledger.record_plans([make_plan(2, refs[:1])])
    node.ledger.record_plans([make_plan(2, refs[1:2])])
    assert [plan.plan_id.int for plan in node.ledger.list_open_plans()] == [2]
    assert node.ledger.get_plan(UUID(int=2)) == make_plan(2, refs[1:2])


def test_plans_that_can_not_be_are_refused(node: Node) -> None:
    refs = node.append(1, 2)
    good = make_plan(1, refs)
    refused: list[tuple[LoadPlan, Category]] = [
        (replace(good, frames=()), Category.INVALID),
        (replace(good, frames=(refs[0], refs[0])), Category.INVALID),
        (replace(good, frames=(FrameRef(1, 99),)), Category.NOT_FOUND),
        (replace(good, frames=(FrameRef(9, 1),)), Category.NOT_FOUND),
        (replace(good, workspace_id=OTHER_WORKSPACE), Category.INVALID),
        (replace(good, block_cuts=(0, 5)), Category.INVALID),
        (replace(good, block_cuts=(5, 5)), Category.INVALID),
        (replace(good, generation=2), Category.CONFLICT),
    ]
    for plan, category in refused:
        with pytest.raises(ServiceError) as caught:
            node.ledger.record_plans([replace(good, plan_id=uuid4(), table="B"), plan])
        assert caught.value.category is category
    assert node.ledger.list_open_plans() == []
    node.ledger.record_plans([good])


def test_a_new_generation_waits_for_open_plans(node: Node) -> None:
    refs = node.append(1, 2)
    node.ledger.record_plans([make_plan(1, refs[:1])])
    with pytest.raises(ServiceError) as caught:
        node.ledger.start_generation(WORKSPACE, "Custom_CL")
    assert refusal(caught) == (Category.CONFLICT, "LoadPlansOpen")
    node.ledger.finish_plans([UUID(int=1)])
    assert node.ledger.start_generation(WORKSPACE, "Custom_CL") == 2
    with pytest.raises(ServiceError) as caught:
        node.ledger.record_plans([make_plan(2, refs[1:])])
    assert refusal(caught) == (Category.CONFLICT, "GenerationPassed")
    node.ledger.record_plans(
        [make_plan(2, refs[1:], generation=node.ledger.current_generation(WORKSPACE, "Custom_CL"))]
    )


def test_settled_segments_are_archived_and_deleted(node: Node) -> None:
    refs = node.append(1, 2, 3)
    other = node.append(11, 12, workspace_id=OTHER_WORKSPACE)
    node.ledger.record_plans([make_plan(1, refs[:2]), make_plan(2, other, workspace_id=OTHER_WORKSPACE)])
    node.ledger.reject(refs[2:], "Unreadable")
    node.ledger.finish_plans([UUID(int=1), UUID(int=2)])
    release = node.ledger.release(rotate=True)
    assert (release.deleted_segments, release.archive_blobs, release.postponed) == ((1,), 2, ())
    assert node.journal.list_segments() == [2]
    assert node.plans.list_claims() == []
    assert node.list_archived() == [1, 2, 3]
    assert node.list_archived(OTHER_WORKSPACE) == [11, 12]
    again, recovery = node.crash()
    assert recovery == Recovery((), (), (), ())
    again.close()


def test_the_newest_segment_is_left_alone(node: Node) -> None:
    refs = node.append(1)
    node.ledger.record_plans([make_plan(1, refs)])
    node.ledger.finish_plans([UUID(int=1)])
    assert node.ledger.release().deleted_segments == ()
    assert node.list_archived() == []


def test_nothing_goes_that_has_an_open_plan_or_none(node: Node) -> None:
    refs = node.append(1, 2, 3)
    node.ledger.record_plans([make_plan(1, refs[:1]), make_plan(2, refs[1:2])])
    node.ledger.finish_plans([UUID(int=1)])
    release = node.ledger.release(rotate=True)
    assert (release.deleted_segments, release.archive_blobs) == ((), 0)
    assert [node.journal.read(ref).frame_id.int for ref in refs] == [1, 2, 3]


def test_one_waiting_frame_does_not_hold_up_the_room_of_the_others(node: Node) -> None:
    refs = node.append(*range(10))
    waiting = node.append(99, workspace_id=OTHER_WORKSPACE)
    plan = make_plan(2, waiting, workspace_id=OTHER_WORKSPACE)
    node.ledger.record_plans([make_plan(1, refs), plan])
    node.ledger.finish_plans([UUID(int=1)])
    release = node.ledger.release(rotate=True)
    assert (release.deleted_segments, release.archive_blobs) == ((), 1)
    assert [frame.sequence for frame in node.journal.list_frames(1)] == [waiting[0].sequence]
    again, recovery = node.crash()
    assert recovery == Recovery((plan,), (), (), ())
    assert again.ledger.release().archive_blobs == 0
    again.ledger.finish_plans([plan.plan_id])
    assert again.ledger.release().deleted_segments == (1,)
    assert again.list_archived() == list(range(10))
    assert again.list_archived(OTHER_WORKSPACE) == [99]
    again.close()


def test_a_crash_between_archive_and_deletion_shows_nothing_twice(node: Node) -> None:
    refs = node.append(1, 2)
    node.ledger.record_plans([make_plan(1, refs)])
    node.ledger.finish_plans([UUID(int=1)])
    node.journal.rotate()
    node.archive.store(WORKSPACE, 1, node.journal.iter_envelopes(1, [1, 2]))
    again, recovery = node.crash()
    assert recovery == Recovery((), (), (), ())
    assert again.ledger.release().deleted_segments == (1,)
    assert again.list_archived() == [1, 2]
    again.close()


def test_a_crash_after_the_deletion_is_tidied_up(node: Node) -> None:
    refs = node.append(1, 2)
    node.ledger.record_plans([make_plan(1, refs)])
    node.ledger.finish_plans([UUID(int=1)])
    node.journal.rotate()
    node.journal.delete_segment(1)
    again, recovery = node.crash()
    assert recovery == Recovery((), (), (), ())
    assert again.plans.list_claims() == []
    again.close()


def test_a_missing_key_holds_up_its_workspace_alone(node: Node) -> None:
    refs = node.append(1, 2)
    own = node.append(11, 12, workspace_id=OTHER_WORKSPACE)
    locked = make_plan(2, own[:1], workspace_id=OTHER_WORKSPACE)
    node.ledger.record_plans([make_plan(1, refs), locked])
    node.keys.withheld.add(OTHER_WORKSPACE)
    again, recovery = node.crash()
    assert [plan.plan_id.int for plan in recovery.open_plans] == [1]
    assert [plan.plan_id.int for plan in recovery.locked_plans] == [2]
    assert recovery.unplanned == (own[1],)
    again.ledger.finish_plans([UUID(int=1), UUID(int=2)])
    again.ledger.reject(own[1:], "Unreadable")
    release = again.ledger.release(rotate=True)
    assert [(postponed.segment, postponed.workspace_id) for postponed in release.postponed] == [
        (1, OTHER_WORKSPACE)
    ]
    assert again.list_archived() == [1, 2]
    assert [frame.workspace_id for frame in again.journal.list_frames(1)] == [OTHER_WORKSPACE] * 2
    node.keys.withheld.clear()
    assert again.ledger.get_plan(UUID(int=2)) == locked
    assert again.ledger.release().deleted_segments == (1,)
    assert again.list_archived(OTHER_WORKSPACE) == [11, 12]
    again.close()


def test_a_destroyed_workspace_leaves_without_its_key(node: Node) -> None:
    refs = node.append(1)
    own = node.append(11, 12, workspace_id=OTHER_WORKSPACE)
    node.ledger.record_plans([make_plan(1, own[:1], workspace_id=OTHER_WORKSPACE)])
    node.keys.destroy(OTHER_WORKSPACE)
    node.ledger.discard_workspace(OTHER_WORKSPACE)
    assert node.journal.measure_backlog(OTHER_WORKSPACE).frames == 0
    again, recovery = node.crash()
    assert recovery == Recovery((), (), (), tuple(refs))
    assert again.journal.measure_backlog().frames == 1
    release = again.ledger.release(rotate=True)
    assert (release.archive_blobs, release.postponed) == (0, ())
    assert [frame.workspace_id for frame in again.journal.list_frames(1)] == [WORKSPACE]
    again.close()


def test_an_open_plan_with_lost_frames_is_refused_or_abandoned(node: Node) -> None:
    refs = node.append(1, 2, 3)
    node.ledger.record_plans([make_plan(1, refs[:2]), make_plan(2, refs[2:])])
    path = node.folder / "journal" / "0000000001.log"
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    node.journal.close()
    path.write_bytes(path.read_bytes()[:60] + bytes([content[60]]) + path.read_bytes()[61:])
    with pytest.raises(JournalDamaged, match=r"0000000001\.log"):
        node.crash()
    again, recovery = node.crash(repair=True)
    assert [plan.plan_id.int for plan in recovery.abandoned] == [1]
    assert [plan.plan_id.int for plan in recovery.open_plans] == [2]
    assert recovery.unplanned == (refs[1],)
    again.ledger.record_plans([make_plan(3, refs[1:2])])
    again.close()


def test_plans_without_their_frames_are_not_forgotten_in_silence(node: Node) -> None:
    refs = node.append(1)
    node.ledger.record_plans([make_plan(1, refs)])
    node.journal.close()
    (node.folder / "journal" / "0000000001.log").unlink()
    with pytest.raises(JournalDamaged, match="load plan"):
        node.crash()


def test_a_plan_with_lost_frames_stays_refused(node: Node) -> None:
    """What else the lost segment held is done and would be forgotten; the plan's own frames are not."""
    refs = node.append(1, 2)
    node.journal.rotate()
    refs += node.append(3)
    node.ledger.record_plans([make_plan(1, refs[:1]), make_plan(2, refs[1:])])
    node.ledger.finish_plans([UUID(int=1)])
    node.close()
    (node.folder / "journal" / "0000000001.log").unlink()
    for _ in range(2):
        again = Node.open(node.folder, node.keys)
        with pytest.raises(JournalDamaged, match="load plan"):
            again.ledger.recover()
        again.close()
    again = Node.open(node.folder, node.keys)
    recovery = again.ledger.recover(repair=True)
    assert [plan.plan_id.int for plan in recovery.abandoned] == [2]
    assert recovery.unplanned == (refs[2],)
    again.close()


def test_recovering_twice_is_recovering_once(node: Node) -> None:
    refs = node.append(1, 2)
    plan = make_plan(1, refs[:1])
    node.ledger.record_plans([plan])
    again, recovery = node.crash()
    assert again.ledger.recover() == recovery
    again.ledger.finish_plans([plan.plan_id])
    assert again.journal.measure_backlog().frames == 1
    again.close()
