"""The life of a frame: durable, planned or rejected, settled, archived and released.

It keeps journal, plan store and archive in step and owns the rules between them:

- a frame is planned once: all plans it takes part in are recorded in one call;
- it is settled when all its plans are done, or when it was rejected;
- a segment's frames are archived before the segment is deleted, and only settled frames are.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.base.errors import Category, ServiceError
from kelp.ingest.journal import FrameRef, JournalDamaged
from kelp.ingest.journal.frame import to_microseconds
from kelp.ingest.load_plan import LoadPlan
from kelp.ingest.plan_store import Claim, OpenPlan, PlanState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from kelp.ingest.journal import Journal
    from kelp.ingest.journal.segment import IndexedFrame
    from kelp.ingest.plan_store import PlanStore
    from kelp.ingest.raw_archive import RawArchive


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a restart has to do.

    `open_plans` are replayed exactly; `unplanned` frames are planned anew, in order. `locked_plans` are open as well
    but their workspace's key can't be had now: ask `get_plan` again later. `abandoned` plans were open and had lost
    frames (only with `repair`): their other frames are among the unplanned, and may have been loaded before.
    """

    open_plans: tuple[LoadPlan, ...]
    locked_plans: tuple[OpenPlan, ...]
    abandoned: tuple[OpenPlan, ...]
    unplanned: tuple[FrameRef, ...]


@dataclass(frozen=True, slots=True)
class Postponed:
    """Frames that could not be archived yet, and why."""

    segment: int
    workspace_id: UUID
    error: ServiceError


@dataclass(frozen=True, slots=True)
class Release:
    """What a call to `release` did."""

    deleted_segments: tuple[int, ...]
    archive_blobs: int
    postponed: tuple[Postponed, ...]


class FrameLedger:
    """Where each frame of a journal is in its life. Safe for concurrent use; every method blocks.

    ::

        ledger = FrameLedger(journal, plans, archive)
        recovery = ledger.recover()  # once, before anything else
        ledger.record_plans([plan])  # then insert, with the plan's token
        ledger.finish_plans([plan.plan_id])  # the insert is durable in the engine
        ledger.release()  # now and then
    """

    def __init__(self, journal: Journal, plans: PlanStore, archive: RawArchive) -> None:
        self._journal = journal
        self._plans = plans
        self._archive = archive
        self._lock = threading.Lock()
        self._releasing = threading.Lock()
        self._open_plans: dict[UUID, list[FrameRef]] = {}
        self._open_count: dict[FrameRef, int] = {}
        self._discarded: frozenset[UUID] = frozenset()

    def recover(self, *, repair: bool = False) -> Recovery:
        """Bring the ledger up to what is recorded and return what is left to do of what the journal had at `open`.

        A workspace whose key is missing holds up nobody else. Raises `JournalDamaged` if an open plan names frames
        that the journal lost; with `repair` the plan is abandoned instead.
        """
        with self._lock:
            self._discarded = self._plans.list_discarded()
            lost = self._take_up_claims()
            abandoned = self._abandon(lost, repair=repair)
            for segment in self._journal.list_segments():
                frames = self._journal.list_frames(segment)
                self._journal.settle(
                    FrameRef(segment, frame.sequence)
                    for frame in frames
                    if frame.workspace_id in self._discarded
                )
            unplanned = tuple(self._iter_unplanned())
        return self._sort_out(abandoned, unplanned)

    def record_plans(self, plans: Sequence[LoadPlan]) -> None:
        """Record plans durably, all or none; only then may they run.

        Raises `ServiceError`: conflict if a frame has a plan or was settled, or a plan is not of its table's current
        generation; not_found for an unknown frame; invalid for a plan without frames, with a frame twice or of another
        workspace, or with cuts out of order.
        """
        with self._lock:
            for plan in plans:
                self._check(plan)
            self._plans.record(plans)
            for plan in plans:
                self._note_open(plan.plan_id, plan.frames)

    def replace_plan(self, plan_id: UUID, plans: Sequence[LoadPlan]) -> None:
        """Record plans durably in the place of an open one, of which nothing is in the engine; all or none.

        They take the same frames between them. Raises `ServiceError`: not_found if no such plan is open, invalid for
        other frames or those that `record_plans` refuses, conflict for another generation.
        """
        with self._lock:
            frames = self._open_plans.get(plan_id)
            if frames is None:
                raise ServiceError(
                    Category.NOT_FOUND, "PlanNotFound", f"There is no open load plan {plan_id}."
                )
            for plan in plans:
                self._check_shape(plan)
            if sorted(ref for plan in plans for ref in plan.frames) != sorted(frames):
                raise _invalid(plans[0], f"it does not take the frames of load plan {plan_id}")
            self._plans.replace(plan_id, plans)
            self._note_done(plan_id)
            for plan in plans:
                self._note_open(plan.plan_id, plan.frames)

    def is_unplanned(self, frame: FrameRef) -> bool:
        """Tell whether a frame awaits a plan: the journal holds it, it has none, and it is not settled."""
        with self._lock:
            found = self._journal.find_frame(frame)
            return found is not None and not found.settled and frame not in self._open_count

    def get_plan(self, plan_id: UUID) -> LoadPlan:
        """Return a recorded plan. Raises as `PlanStore.get_plan` does."""
        return self._plans.get_plan(plan_id)

    def list_open_plans(self, workspace_id: UUID | None = None, table: str | None = None) -> list[OpenPlan]:
        """Return the plans that are not done."""
        return self._plans.list_open(workspace_id, table)

    def finish_plans(self, plan_ids: Sequence[UUID]) -> None:
        """Note durably that plans are in the engine; frames without another open plan are settled.

        Plans that are done, or unknown, are passed over.
        """
        with self._lock:
            self._plans.finish(plan_ids)
            for plan_id in plan_ids:
                self._journal.settle(self._note_done(plan_id))

    def reject(self, frames: Sequence[FrameRef], reason: str) -> None:
        """Note durably that frames will not be loaded; `reason` is a code. They are archived like others.

        Raises `ServiceError` (conflict, not_found) as `record_plans` does.
        """
        with self._lock:
            for ref in frames:
                self._check_free(ref)
            self._plans.reject(frames, reason)
            self._journal.settle(frames)

    def current_generation(self, workspace_id: UUID, table: str) -> int:
        """Return the generation that new plans for the table must name."""
        return self._plans.current_generation(workspace_id, table)

    def start_generation(self, workspace_id: UUID, table: str) -> int:
        """Begin a table's next generation; the engine may forget the tokens of the last. Returns its number.

        Raises `ServiceError` (conflict) while the table has open plans.
        """
        with self._lock:
            return self._plans.start_generation(workspace_id, table)

    def discard_workspace(self, workspace_id: UUID) -> None:
        """Settle all that the workspace has in the journal, without loading or archiving it. For its destruction.

        To be called once nothing is accepted for it any more; needs no key. Its archive is the caller's to delete.
        """
        with self._lock:
            own = [plan.plan_id for plan in self._plans.list_open(workspace_id)]
            self._plans.discard_workspace(workspace_id)
            self._discarded |= {workspace_id}
            for plan_id in own:
                self._note_done(plan_id)
            for segment in self._journal.list_segments():
                frames = self._journal.list_frames(segment)
                self._journal.settle(
                    FrameRef(segment, frame.sequence)
                    for frame in frames
                    if frame.workspace_id == workspace_id
                )

    def count_frames(self, workspace_id: UUID) -> int:
        """Return how many frames of a workspace the journal holds."""
        return sum(
            frame.workspace_id == workspace_id
            for segment in self._journal.list_segments()
            for frame in self._journal.list_frames(segment)
        )

    def erase_workspace(self, workspace_id: UUID) -> None:
        """Discard all that the workspace has in the journal and free its room at once; others' frames stay.

        Safe to call again. Raises `ServiceError` (unavailable), `OSError`.
        """
        self.discard_workspace(workspace_id)
        with self._releasing:
            self._journal.rotate()
            for segment in self._journal.list_segments()[:-1]:
                frames = self._journal.list_frames(segment)
                own = {frame.sequence for frame in frames if frame.workspace_id == workspace_id}
                if own and len(own) == len(frames):
                    self._journal.delete_segment(segment)
                    self._plans.forget_segment(segment)
                elif own:
                    self._journal.rewrite_segment(segment, own)
        self._plans.erase_workspace(workspace_id)

    def holds_received_by(self, workspace_id: UUID, moment: datetime, *, unsettled_only: bool) -> bool:
        """Tell whether the journal holds frames of a workspace received by then, at all or still to be loaded."""
        moment_us = to_microseconds(moment)
        return any(
            frame.workspace_id == workspace_id
            and frame.received_us <= moment_us
            and not (unsettled_only and frame.settled)
            for segment in self._journal.list_segments()
            for frame in self._journal.list_frames(segment)
        )

    def release(self, *, rotate: bool = False, thoroughly: bool = False) -> Release:
        """Archive settled frames and free their room: of segments that are settled wholly, or by half.

        The newest segment is left alone; with `rotate` it is closed first. `thoroughly` is of segments of which less is
        settled, too. Frames that can't be archived now, for
        want of a key or of the blob store, stay and are named. Raises `ServiceError` (unavailable), `OSError`; then
        what was not deleted is left as it was.
        """
        with self._releasing:
            if rotate:
                self._journal.rotate()
            deleted: list[int] = []
            postponed: list[Postponed] = []
            blobs = 0
            for segment in self._journal.list_segments()[:-1]:
                stored, failed, gone = self._release_segment(segment, thoroughly=thoroughly)
                blobs += stored
                postponed += failed
                if gone:
                    deleted.append(segment)
            return Release(tuple(deleted), blobs, tuple(postponed))

    def _release_segment(self, segment: int, *, thoroughly: bool) -> tuple[int, list[Postponed], bool]:
        """Return the number of blobs stored, what was postponed, and whether the segment is gone."""
        total_bytes, settled_bytes = self._journal.measure_segment(segment)
        if settled_bytes * 2 < total_bytes and not thoroughly:
            return 0, [], False  # copying the larger part to free the smaller is not worth it
        frames = self._journal.list_frames(segment)
        blobs, archived, postponed = self._archive_settled(segment, frames)
        if len(archived) == len(frames):
            self._journal.delete_segment(segment)
            self._plans.forget_segment(segment)
            return blobs, postponed, True
        if archived:
            self._journal.rewrite_segment(segment, archived)
        return blobs, postponed, False

    def _archive_settled(
        self, segment: int, frames: Iterable[IndexedFrame]
    ) -> tuple[int, set[int], list[Postponed]]:
        """Return the number of blobs stored, the sequences that need no room any more, and what was postponed."""
        by_workspace: dict[UUID, list[int]] = {}
        for frame in frames:
            if frame.settled:
                by_workspace.setdefault(frame.workspace_id, []).append(frame.sequence)
        blobs = 0
        archived: set[int] = set()
        postponed: list[Postponed] = []
        for workspace_id, sequences in by_workspace.items():
            if workspace_id not in self._discarded:
                try:
                    envelopes = self._journal.iter_envelopes(segment, sequences)
                    blobs += self._archive.store(workspace_id, segment, envelopes)
                except ServiceError as error:
                    postponed.append(Postponed(segment, workspace_id, error))
                    continue
            archived.update(sequences)
        return blobs, archived, postponed

    def _take_up_claims(self) -> set[UUID]:
        """Settle what was done, note what is open; return the open plans some of whose frames are lost."""
        self._open_plans.clear()
        self._open_count.clear()
        present = set(self._journal.list_segments())
        frames: dict[UUID, list[FrameRef]] = {}
        done: list[Claim] = []
        for claim in self._plans.list_claims():
            if claim.plan_id is not None and claim.state is PlanState.OPEN:
                frames.setdefault(claim.plan_id, []).extend(claim.iter_refs())
            else:
                done.append(claim)
        released = {claim.segment for claim in done} - present
        lost: set[UUID] = set()
        for plan_id, refs in frames.items():
            if all(self._journal.find_frame(ref) for ref in refs):
                self._note_open(plan_id, refs)
            else:
                lost.add(plan_id)
                released -= {ref.segment for ref in refs}
        for claim in done:
            self._journal.settle(ref for ref in claim.iter_refs() if ref not in self._open_count)
        for segment in released:
            self._plans.forget_segment(segment)  # a crash came between the deletion and this
        return lost

    def _abandon(self, lost: set[UUID], *, repair: bool) -> tuple[OpenPlan, ...]:
        plans = [plan for plan in self._plans.list_open() if plan.plan_id in lost]
        for plan in plans:
            if not repair:
                raise JournalDamaged(
                    f"load plan {plan.plan_id}", "the journal does not hold all of its frames"
                )
            self._plans.abandon(plan.plan_id)
        return tuple(plans)

    def _sort_out(self, abandoned: tuple[OpenPlan, ...], unplanned: tuple[FrameRef, ...]) -> Recovery:
        replayed: list[LoadPlan] = []
        locked: list[OpenPlan] = []
        for plan in self._plans.list_open():
            try:
                replayed.append(self._plans.get_plan(plan.plan_id))
            except ServiceError:
                locked.append(plan)
        return Recovery(tuple(replayed), tuple(locked), abandoned, unplanned)

    def _iter_unplanned(self) -> Iterator[FrameRef]:
        for segment in self._journal.list_segments():
            for frame in self._journal.list_frames(segment):
                ref = FrameRef(segment, frame.sequence)
                # What arrived since the journal was opened is given by `Journal.take_pending`.
                is_old = frame.sequence < self._journal.first_new_sequence
                if is_old and not frame.settled and ref not in self._open_count:
                    yield ref

    def _check(self, plan: LoadPlan) -> None:
        self._check_shape(plan)
        for ref in plan.frames:
            if self._check_free(ref).workspace_id != plan.workspace_id:
                raise _invalid(plan, f"frame {ref.sequence} is of another workspace")

    def _check_shape(self, plan: LoadPlan) -> None:
        if not plan.frames or len(set(plan.frames)) != len(plan.frames):
            raise _invalid(plan, "it has no frames, or a frame twice")
        if any(cut <= before for before, cut in pairwise((0, *plan.block_cuts))):
            raise _invalid(plan, "its block cuts are not ascending and above 0")
        current = self._plans.current_generation(plan.workspace_id, plan.table)
        if plan.generation != current:
            raise ServiceError(
                Category.CONFLICT,
                "GenerationPassed",
                f"Load plan {plan.plan_id} is of generation {plan.generation}; table {plan.table} is at {current}.",
                target=plan.table,
            )

    def _check_free(self, ref: FrameRef) -> IndexedFrame:
        frame = self._journal.find_frame(ref)
        if frame is None:
            message = f"The journal does not hold frame {ref.sequence} of segment {ref.segment}."
            raise ServiceError(Category.NOT_FOUND, "FrameNotFound", message)
        if frame.settled or ref in self._open_count:
            message = f"Frame {ref.sequence} of segment {ref.segment} has a plan or is settled."
            raise ServiceError(Category.CONFLICT, "FramePlanned", message)
        return frame

    def _note_open(self, plan_id: UUID, frames: Iterable[FrameRef]) -> None:
        taken = self._open_plans[plan_id] = list(frames)
        for ref in taken:
            self._open_count[ref] = self._open_count.get(ref, 0) + 1

    def _note_done(self, plan_id: UUID) -> list[FrameRef]:
        """Return the frames that are settled by this."""
        settled: list[FrameRef] = []
        for ref in self._open_plans.pop(plan_id, ()):
            self._open_count[ref] -= 1
            if not self._open_count[ref]:
                del self._open_count[ref]
                settled.append(ref)
        return settled


def _invalid(plan: LoadPlan, reason: str) -> ServiceError:
    return ServiceError(
        Category.INVALID, "InvalidLoadPlan", f"Load plan {plan.plan_id} can't be recorded: {reason}."
    )
