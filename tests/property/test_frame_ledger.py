"""Whatever is planned, finished, rejected, released, and wherever the process dies: no frame is lost and none counts twice."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kelp.blobs import FilesystemBlobs, SealedBlobs
from kelp.ingest.frame_ledger import FrameLedger
from kelp.ingest.journal import FrameRef, Journal, JournalLimits
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

WORKSPACES = (WORKSPACE, OTHER_WORKSPACE)


class Node(RuleBasedStateMachine):
    """A node beside a model of it: which frames have no plan, which plans are open, which frames are settled."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="kelp-ledger-"))
        self.keys = MemoryKeys()
        self.starts = 0
        self.numbers: dict[FrameRef, int] = {}
        self.unplanned: dict[UUID, list[FrameRef]] = {workspace: [] for workspace in WORKSPACES}
        self.open_plans: dict[UUID, LoadPlan] = {}
        self.settled: set[FrameRef] = set()
        self.plan_count = 0
        self.open()

    def open(self) -> None:
        here = self.folder / str(self.starts)
        self.journal = Journal.open(
            here / "journal", self.keys, TurnedClock(), JournalLimits(segment_bytes=2000, cached_bytes=0)
        )
        self.plans = PlanStore(here / "plans.sqlite", self.keys, self.journal.journal_id)
        self.archive = RawArchive(
            SealedBlobs(FilesystemBlobs(here / "blobs"), self.keys), self.journal.journal_id
        )
        self.ledger = FrameLedger(self.journal, self.plans, self.archive)
        self.recovery = self.ledger.recover()

    def close(self) -> None:
        self.journal.close()
        self.plans.close()

    def teardown(self) -> None:
        self.close()
        shutil.rmtree(self.folder)

    @rule(count=st.integers(1, 12), which=st.sampled_from(WORKSPACES))
    def append(self, count: int, which: UUID) -> None:
        first = len(self.numbers)

        async def append_all() -> list[FrameRef]:
            envelopes = [make_envelope(first + n, workspace_id=which) for n in range(count)]
            return list(await asyncio.gather(*[self.journal.append(envelope) for envelope in envelopes]))

        refs = asyncio.run(append_all())
        assert not self.numbers.keys() & set(refs)
        self.numbers.update({ref: first + n for n, ref in enumerate(refs)})
        self.unplanned[which] += refs

    @rule(which=st.sampled_from(WORKSPACES), count=st.integers(1, 20), tables=st.integers(1, 3))
    def plan(self, which: UUID, count: int, tables: int) -> None:
        refs, self.unplanned[which] = self.unplanned[which][:count], self.unplanned[which][count:]
        if not refs:
            return
        plans = []
        for table in range(tables):
            self.plan_count += 1
            plans.append(make_plan(self.plan_count, refs, workspace_id=which, table=f"T{table}"))
        self.ledger.record_plans(plans)
        self.open_plans.update({plan.plan_id: plan for plan in plans})

    @precondition(lambda self: self.open_plans)
    @rule(choice=st.integers(min_value=0))
    def finish(self, choice: int) -> None:
        plan = self.open_plans.pop(list(self.open_plans)[choice % len(self.open_plans)])
        self.ledger.finish_plans([plan.plan_id])
        waiting = {ref for other in self.open_plans.values() for ref in other.frames}
        self.settled |= set(plan.frames) - waiting

    @rule(which=st.sampled_from(WORKSPACES), count=st.integers(1, 3))
    def reject(self, which: UUID, count: int) -> None:
        refs, self.unplanned[which] = self.unplanned[which][:count], self.unplanned[which][count:]
        if refs:
            self.ledger.reject(refs, "Unreadable")
            self.settled |= set(refs)

    @rule(rotate=st.booleans())
    def release(self, rotate: bool) -> None:
        assert not self.ledger.release(rotate=rotate).postponed

    @rule(which=st.sampled_from(WORKSPACES))
    def withhold_a_key(self, which: UUID) -> None:
        """A release without the key must lose nothing either."""
        self.keys.withheld.add(which)
        self.ledger.release(rotate=True)
        self.keys.withheld.clear()

    @rule()
    def crash(self) -> None:
        shutil.copytree(self.folder / str(self.starts), self.folder / str(self.starts + 1))
        self.close()
        self.starts += 1
        self.open()
        assert {plan.plan_id: plan for plan in self.recovery.open_plans} == self.open_plans
        assert list(self.recovery.unplanned) == sorted(
            ref for refs in self.unplanned.values() for ref in refs
        )

    @invariant()
    def only_what_waits_is_backlog(self) -> None:
        assert self.journal.measure_backlog().frames == len(self.numbers) - len(self.settled)

    @invariant()
    def every_frame_is_in_the_journal_or_the_archive(self) -> None:
        held = {
            FrameRef(segment, frame.sequence)
            for segment in self.journal.list_segments()
            for frame in self.journal.list_frames(segment)
        }
        archived = [
            envelope.frame_id.int
            for workspace in WORKSPACES
            for envelope in self.archive.iter_archived(workspace, START, START + timedelta(seconds=1))
        ]
        assert len(archived) == len(set(archived))
        assert {self.numbers[ref] for ref in held} | set(archived) == set(self.numbers.values())
        assert not {self.numbers[ref] for ref in self.numbers.keys() - self.settled} & set(archived)
        assert self.numbers.keys() - self.settled <= held


TestNode = Node.TestCase
TestNode.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
