"""What the journal remembers of its frames while it runs: where they lie, their envelopes, which are new.

Envelopes stay in memory within a budget, so that what is loaded soon after its arrival is not read again.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.base.errors import Category, ServiceError
from kelp.ingest.journal.envelope import Envelope, FrameRef, PendingFrame
from kelp.ingest.journal.recovery import rewrite_segment

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from kelp.ingest.journal.backlog import BacklogLedger
    from kelp.ingest.journal.segment import IndexedFrame, SegmentIndex


class FrameTable:
    """Index, cache and queue of durable frames. Safe for concurrent use."""

    def __init__(self, backlog: BacklogLedger, cached_bytes: int) -> None:
        self._backlog = backlog
        self._cached_bytes_limit = cached_bytes
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._segments: dict[int, SegmentIndex] = {}
        self._cached: dict[FrameRef, Envelope] = {}
        self._cached_bytes = 0
        self._pending: list[PendingFrame] = []
        self._closed = False

    def add_segment(self, index: SegmentIndex) -> None:
        """Take up a segment, new or recovered; it becomes the newest."""
        for frame in index.iter_frames():
            self._backlog.charge(frame.workspace_id, frame.charged_bytes, frame.received_us)
        with self._lock:
            self._segments[index.header.number] = index

    def publish(self, segment: int, arrivals: Sequence[tuple[IndexedFrame, Envelope]]) -> None:
        """Take up frames that are on the disk now and whose backlog was charged."""
        with self._arrived:
            index = self._segments[segment]
            for frame, envelope in arrivals:
                index.add(frame)
                ref = FrameRef(segment, frame.sequence)
                body_bytes = len(envelope.body)
                if self._cached_bytes + body_bytes <= self._cached_bytes_limit:
                    self._cached[ref] = envelope
                    self._cached_bytes += body_bytes
                self._pending.append(describe(ref, envelope))
            self._arrived.notify_all()

    def take_pending(self, timeout_seconds: float | None) -> list[PendingFrame]:
        """Return what was published since the last call; wait for it; empty after the time or `close`."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._pending or self._closed, timeout_seconds)
            pending, self._pending = self._pending, []
            return pending

    def find_envelope(self, ref: FrameRef) -> Envelope | None:
        """Return the envelope if it is in memory."""
        with self._lock:
            return self._cached.get(ref)

    def find_frame(self, ref: FrameRef) -> IndexedFrame | None:
        """Return what is known of a frame that the journal holds."""
        with self._lock:
            index = self._segments.get(ref.segment)
            return index.find(ref.sequence) if index else None

    def iter_bytes(self, segment: int, sequences: Iterable[int]) -> Iterator[bytes]:
        """Yield frames as they lie on the disk. Raises `ServiceError` (not_found, unavailable)."""
        try:
            with self._lock:
                index = self._segments.get(segment)
                if index is None:
                    raise _frame_not_found(segment)
                frames = [index.find(sequence) for sequence in sequences]
                # A file that is replaced meanwhile stays readable where the offsets point.
                descriptor = os.open(index.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                for frame in frames:
                    if frame is None:
                        raise _frame_not_found(segment)
                    yield os.pread(descriptor, frame.size_bytes, frame.offset)
            finally:
                os.close(descriptor)
        except OSError as error:
            message = f"Segment {segment} of the journal can't be read: {error.strerror}."
            raise ServiceError(Category.UNAVAILABLE, "JournalUnavailable", message) from error

    def settle(self, refs: Iterable[FrameRef]) -> None:
        """Note that frames need not be loaded any more. Frames not held, or settled already, are passed over."""
        with self._lock:
            for ref in refs:
                index = self._segments.get(ref.segment)
                if index is None or not index.settle(ref.sequence):
                    continue
                frame = index.find(ref.sequence)
                assert frame is not None
                self._backlog.discharge(frame.workspace_id, frame.charged_bytes, frame.received_us)
                envelope = self._cached.pop(ref, None)
                if envelope is not None:
                    self._cached_bytes -= len(envelope.body)

    def forget(self, workspace_id: UUID) -> None:
        """Drop a workspace's envelopes from memory."""
        with self._lock:
            for ref in [ref for ref, held in self._cached.items() if held.workspace_id == workspace_id]:
                self._cached_bytes -= len(self._cached.pop(ref).body)

    def list_segments(self) -> list[int]:
        """Return the numbers of the segments, oldest first."""
        with self._lock:
            return sorted(self._segments)

    def list_frames(self, segment: int) -> list[IndexedFrame]:
        """Return the frames of a segment as they are now."""
        with self._lock:
            index = self._segments.get(segment)
            return list(index.iter_frames()) if index else []

    def measure_segment(self, segment: int) -> tuple[int, int]:
        """Return the bytes of a segment's frames: of all, and of the settled ones."""
        with self._lock:
            index = self._segments[segment]
            return index.total_bytes, index.settled_bytes

    def rewrite(self, segment: int, drop: Container[int]) -> None:
        """Leave out the settled frames in `drop`. Raises `OSError`."""
        with self._lock:
            index = self._segments[segment]
            assert segment != max(self._segments), "the newest segment is being written"
            kept = [frame for frame in index.iter_frames() if not (frame.settled and frame.sequence in drop)]
            self._segments[segment] = rewrite_segment(index, kept)

    def remove(self, segment: int) -> SegmentIndex:
        """Forget a segment, not the newest, all of whose frames are settled."""
        with self._lock:
            index = self._segments[segment]
            assert segment != max(self._segments), "the newest segment's number must not come again"
            assert not index.unsettled_frames, "frames would be lost"
            return self._segments.pop(segment)

    def close(self) -> None:
        """Wake who waits in `take_pending`, for good."""
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()


def _frame_not_found(segment: int) -> ServiceError:
    message = f"The journal does not hold this frame of segment {segment}: it was released."
    return ServiceError(Category.NOT_FOUND, "FrameNotFound", message)


def describe(ref: FrameRef, envelope: Envelope) -> PendingFrame:
    """Return what groups a frame with others."""
    return PendingFrame(
        ref,
        envelope.workspace_id,
        envelope.kind,
        envelope.route,
        envelope.stream,
        envelope.received_at,
        len(envelope.body),
    )
