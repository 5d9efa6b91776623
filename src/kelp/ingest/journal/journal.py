"""The write-ahead journal of one node: what is acknowledged is on its disk, sealed with its workspace's data key.

The journal knows frames, not plans: `FrameLedger` decides when a frame is settled and when a segment may go.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import msgspec

from kelp.base.durable_file import TEMPORARY_SUFFIX, delete_durably, make_directory_durably, write_durably
from kelp.base.errors import Category, ServiceError
from kelp.ingest.journal.backlog import Backlog, BacklogLedger, BacklogLimits
from kelp.ingest.journal.envelope import Envelope, FrameRef, PendingFrame
from kelp.ingest.journal.frame import JournalDamaged, open_frame, read_header
from kelp.ingest.journal.frame_table import FrameTable, describe
from kelp.ingest.journal.group_commit import GroupCommit
from kelp.ingest.journal.recovery import recover_segments

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

    from kelp.base.clock import Clock
    from kelp.base.keys import KeyProvider
    from kelp.ingest.journal.segment import IndexedFrame

MAXIMUM_BODY_BYTES = 128 * 2**20
"""No surface accepts more; a frame's length has 32 bits and is held in memory whole."""

_IDENTITY_FILE = "identity.json"
_LOCK_FILE = "lock"


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """Sizes of the journal. A segment is closed by the first commit that finds it full, so it may exceed its size."""

    segment_bytes: int = 64 * 2**20
    batch_bytes: int = 8 * 2**20
    cached_bytes: int = 128 * 2**20
    backlog: BacklogLimits = field(default_factory=BacklogLimits)


class _Identity(msgspec.Struct, rename="camel"):
    journal_id: UUID


class Journal:
    """An open journal. One process at a time; every method is safe for concurrent use.

    ::

        journal = Journal.open(folder, keys, clock)
        journal.can_accept(workspace_id, len(body))  # raises when the caller should try later
        ref = await journal.append(envelope)  # durable now: acknowledge
        for frame in journal.take_pending(1.0):
            ...  # what the writer loads next
        envelope = journal.read(frame.ref)
    """

    def __init__(
        self,
        directory: Path,
        journal_id: UUID,
        keys: KeyProvider,
        *,
        clock: Clock,
        limits: JournalLimits,
        lock: int,
    ) -> None:
        """Not to be called: see `open`."""
        self.journal_id = journal_id
        self.first_new_sequence = 1
        """Frames found at `open` have lower numbers; those that `take_pending` gives have not."""
        self._directory = directory
        self._keys = keys
        self._lock = lock
        self._backlog = BacklogLedger(limits.backlog, clock)
        self._table = FrameTable(self._backlog, limits.cached_bytes)
        self._limits = limits
        self._commits: GroupCommit

    @classmethod
    def open(
        cls,
        directory: Path,
        keys: KeyProvider,
        clock: Clock,
        limits: JournalLimits | None = None,
        *,
        repair: bool = False,
    ) -> Journal:
        """Open the journal in a directory, created if it is missing, and recover what it holds. Needs no key.

        A torn tail is cut off. Raises `JournalDamaged`, naming segment and offset, where acknowledged content is
        damaged; with `repair` whole frames are kept and the damaged segment is put aside under `quarantine/`. Raises
        `ServiceError` (conflict) if another process has it open, `OSError`.
        """
        make_directory_durably(directory)
        lock = _lock(directory)
        try:
            for leftover in directory.glob(f".*{TEMPORARY_SUFFIX}"):
                leftover.unlink()
            journal_id = _identify(directory)
            journal = cls(
                directory, journal_id, keys, clock=clock, limits=limits or JournalLimits(), lock=lock
            )
            journal._start(repair=repair)
        except (ServiceError, OSError):
            os.close(lock)
            raise
        return journal

    def _start(self, *, repair: bool) -> None:
        recovered = recover_segments(self._directory, self.journal_id.bytes, repair=repair)
        for segment in recovered:
            self._table.add_segment(segment.index)
            self.first_new_sequence = segment.next_sequence
        self._commits = GroupCommit(
            self._directory,
            self.journal_id.bytes,
            self._keys,
            table=self._table,
            backlog=self._backlog,
            segment_bytes=self._limits.segment_bytes,
            batch_bytes=self._limits.batch_bytes,
            newest=recovered[-1] if recovered else None,
        )

    def can_accept(self, workspace_id: UUID, size_bytes: int) -> None:
        """Raise `ServiceError` (throttled, with `retry_after_seconds`) if a body of this size should come later.

        To be asked before the body is read. A workspace is limited in bytes and in the age of its oldest frame, so
        that one can't starve the rest.
        """
        self._backlog.check(workspace_id, size_bytes)

    def append(self, envelope: Envelope) -> asyncio.Future[FrameRef]:
        """Return a future of the running loop that completes once the envelope is on the disk.

        It fails with `ServiceError`: unavailable where the disk is full or failing, whatever the key provider raises
        where the workspace's key can't be had; then the envelope will not be loaded. A future that is cancelled may
        leave a durable frame. Raises `ServiceError` at once: too_large, or unavailable after `close`.
        """
        if len(envelope.body) > MAXIMUM_BODY_BYTES:
            raise ServiceError(
                Category.TOO_LARGE,
                "RequestEntityTooLarge",
                f"The body has {len(envelope.body)} bytes; at most {MAXIMUM_BODY_BYTES} are accepted.",
            )
        return self._commits.submit(envelope)

    def take_pending(self, timeout_seconds: float | None = None) -> list[PendingFrame]:
        """Return the frames that became durable since the last call, in order, each once.

        Blocks until there are some; returns none after the time, or once the journal is closed. Frames found at
        `open` are not among them: `FrameLedger.recover` names those.
        """
        return self._table.take_pending(timeout_seconds)

    def read(self, ref: FrameRef) -> Envelope:
        """Return a frame's envelope from memory or from the disk.

        Raises `ServiceError`: not_found for a frame that was released, unavailable where the disk fails,
        `JournalDamaged`, `SealBroken`, or what the key provider raises.
        """
        cached = self._table.find_envelope(ref)
        if cached is not None:
            return cached
        return next(self.iter_envelopes(ref.segment, (ref.sequence,)))[1]

    def iter_envelopes(self, segment: int, sequences: Iterable[int]) -> Iterator[tuple[int, Envelope]]:
        """Yield sequence and envelope of frames of one segment, from the disk. Raises as `read` does."""
        sequences = tuple(sequences)
        for sequence, content in zip(sequences, self._table.iter_bytes(segment, sequences), strict=True):
            header = read_header(content)
            if header is None or (header.segment, header.sequence) != (segment, sequence):
                raise JournalDamaged(f"journal segment {segment}, frame {sequence}", "it changed on the disk")
            key = self._keys.get_data_key(header.workspace_id, header.key_version)
            yield sequence, open_frame(content, key, journal_id=self.journal_id.bytes)

    def describe(self, ref: FrameRef) -> PendingFrame:
        """Return what `take_pending` gives, for a frame found at `open`. Raises as `read` does."""
        return describe(ref, self.read(ref))

    def measure_backlog(self, workspace_id: UUID | None = None) -> Backlog:
        """Return what a workspace, or the node, has accepted and not yet settled."""
        return self._backlog.measure(workspace_id)

    def settle(self, refs: Iterable[FrameRef]) -> None:
        """Note that frames are loaded or given up: they leave backlog and memory. Forgotten at a restart."""
        self._table.settle(refs)

    def forget(self, workspace_id: UUID) -> None:
        """Drop a workspace's bodies from memory, as a revocation of its key asks for."""
        self._table.forget(workspace_id)

    def rotate(self) -> None:
        """Begin a new segment unless the newest is empty, so that the others can be released. Blocks.

        Raises `ServiceError` (unavailable).
        """
        self._commits.rotate()

    def list_segments(self) -> list[int]:
        """Return the numbers of the segments, oldest first; the last one is being written."""
        return self._table.list_segments()

    def list_frames(self, segment: int) -> list[IndexedFrame]:
        """Return the frames of a segment, settled ones too, in order."""
        return self._table.list_frames(segment)

    def find_frame(self, ref: FrameRef) -> IndexedFrame | None:
        """Return what is known of a frame without opening it; None if the journal does not hold it."""
        return self._table.find_frame(ref)

    def measure_segment(self, segment: int) -> tuple[int, int]:
        """Return the bytes of a segment's frames: of all, and of the settled ones."""
        return self._table.measure_segment(segment)

    def rewrite_segment(self, segment: int, drop: Container[int]) -> None:
        """Free the room of the settled frames in `drop` (sequences). Not for the newest segment. Raises `OSError`."""
        self._table.rewrite(segment, drop)

    def delete_segment(self, segment: int) -> None:
        """Delete a segment, durably. Not the newest, whose number must not come again; all frames must be settled.

        Raises `OSError`.
        """
        delete_durably(self._table.remove(segment).path)

    def close(self) -> None:
        """Commit what was appended, mark the end and release the directory. Blocks. May be called again."""
        self._commits.close()
        self._table.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _lock(directory: Path) -> int:
    descriptor = os.open(directory / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ServiceError(
            Category.CONFLICT, "JournalInUse", f"Another process has the journal in {directory} open."
        ) from None
    return descriptor


def _identify(directory: Path) -> UUID:
    """Return the id of the journal, made with it; it binds frames to this journal."""
    path = directory / _IDENTITY_FILE
    with suppress(FileNotFoundError):
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Identity).journal_id
        except msgspec.DecodeError as error:
            raise JournalDamaged(str(path), f"it can't be read ({error})") from error
    if any(directory.glob("*.log")):
        raise JournalDamaged(str(path), "it is missing, though there are segments")
    identity = _Identity(uuid4())
    write_durably(path, msgspec.json.encode(identity))
    return identity.journal_id
