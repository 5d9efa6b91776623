"""The thread that makes frames durable: seal what has gathered, write once, flush once, answer all.

It never holds frames back: a single frame is flushed at once, and while the disk works the next group gathers.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import threading
from collections import deque
from concurrent.futures import Future as ThreadFuture
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from kelp.base.errors import Category, ServiceError
from kelp.ingest.journal.envelope import Envelope, FrameRef
from kelp.ingest.journal.frame import encode_frame, encode_metadata, to_microseconds
from kelp.ingest.journal.segment import IndexedFrame, SegmentHeader, SegmentIndex, SegmentWriter, segment_path

if TYPE_CHECKING:
    from pathlib import Path

    from kelp.base.keys import DataKey, KeyProvider
    from kelp.ingest.journal.backlog import BacklogLedger
    from kelp.ingest.journal.frame_table import FrameTable
    from kelp.ingest.journal.recovery import RecoveredSegment

_RETRY_SECONDS = 10
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Waiting(NamedTuple):
    envelope: Envelope
    metadata: bytes
    received_us: int
    future: asyncio.Future[FrameRef]


class _Sealed(NamedTuple):
    waiting: _Waiting
    sequence: int
    content: bytes


class GroupCommit:
    """Owns the newest segment. `submit` and `rotate` are safe for concurrent use."""

    def __init__(
        self,
        directory: Path,
        journal_id: bytes,
        keys: KeyProvider,
        *,
        table: FrameTable,
        backlog: BacklogLedger,
        segment_bytes: int,
        batch_bytes: int,
        newest: RecoveredSegment | None,
    ) -> None:
        """Go on behind the newest recovered segment, which `table` knows. Raises `OSError`.

        The first commit ends that segment and begins another: should the disk have lost frames it had confirmed, their
        names still never come again.
        """
        self._directory = directory
        self._journal_id = journal_id
        self._keys = keys
        self._table = table
        self._backlog = backlog
        self._segment_bytes = segment_bytes
        self._batch_bytes = batch_bytes
        self._next_segment = newest.index.header.number + 1 if newest else 1
        self._next_sequence = newest.next_sequence if newest else 1
        self._writer: SegmentWriter | None = None
        self._resumed = newest is not None
        if newest and not newest.ended:
            self._writer = SegmentWriter(newest.index.path, newest.index.header.number, newest.end_offset)
        self._gathered = threading.Condition()
        self._queue: deque[_Waiting] = deque()
        self._rotations: list[ThreadFuture[None]] = []
        self._at_work: list[_Waiting] = []
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="journal-commit", daemon=True)
        self._thread.start()

    def submit(self, envelope: Envelope) -> asyncio.Future[FrameRef]:
        """Queue an envelope; see `Journal.append`."""
        # Whatever can be wrong with an envelope shows here, in its own request, and not in the thread of all.
        waiting = _Waiting(
            envelope,
            encode_metadata(envelope),
            to_microseconds(envelope.received_at),
            asyncio.get_running_loop().create_future(),
        )
        self._backlog.charge(envelope.workspace_id, len(envelope.body), waiting.received_us)
        with self._gathered:
            if not self._closing:
                self._queue.append(waiting)
                self._gathered.notify()
                return waiting.future
        self._discharge(waiting)
        raise _unavailable("it is closed")

    def rotate(self) -> None:
        """Begin another segment unless the newest is empty. Blocks. Raises `ServiceError` (unavailable)."""
        rotated: ThreadFuture[None] = ThreadFuture()
        with self._gathered:
            if self._closing:
                raise _unavailable("it is closed")
            self._rotations.append(rotated)
            self._gathered.notify()
        rotated.result()

    def close(self) -> None:
        """Commit what has gathered, mark the end of the segment and stop. Blocks. May be called again."""
        with self._gathered:
            self._closing = True
            self._gathered.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._wait():
                self._rotate_if_asked()
                if batch := self._take_batch():
                    self._commit(batch)
            if self._writer:
                with contextlib.suppress(OSError):  # without a mark it is recovered as after a crash
                    if not self._writer.is_empty:
                        self._writer.finish(self._next_sequence)
                self._writer.close()
        finally:
            self._abandon()

    def _wait(self) -> bool:
        """Wait for work; tell whether to go on. What was queued before closing is still done."""
        with self._gathered:
            self._gathered.wait_for(lambda: self._queue or self._rotations or self._closing)
            return bool(self._queue or self._rotations)

    def _take_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size_bytes = 0
        with self._gathered:
            while self._queue and size_bytes < self._batch_bytes:
                waiting = self._queue.popleft()
                batch.append(waiting)
                size_bytes += len(waiting.envelope.body)
        return batch

    def _commit(self, batch: list[_Waiting]) -> None:
        self._at_work = batch
        try:
            writer = self._open_writer()
        except OSError as error:
            self._refuse_all(batch, error)
            return
        sealed = self._seal(batch, writer)
        try:
            if sealed:
                writer.commit(b"".join([frame.content for frame in sealed]))
        except OSError as error:
            self._refuse_all([frame.waiting for frame in sealed], error)
            return
        self._publish(writer, sealed)
        self._at_work = []

    def _seal(self, batch: list[_Waiting], writer: SegmentWriter) -> list[_Sealed]:
        """Turn envelopes into frames; one whose workspace's key can't be had is refused and the others go on."""
        keys: dict[UUID, DataKey] = {}
        sealed: list[_Sealed] = []
        for waiting in batch:
            workspace_id = waiting.envelope.workspace_id
            sequence = self._next_sequence + len(sealed)
            try:
                key = keys.get(workspace_id)
                if key is None:
                    key = keys[workspace_id] = self._keys.current_data_key(workspace_id)
            except ServiceError as error:
                self._refuse([(waiting, error)])
                continue
            content = encode_frame(
                workspace_id,
                waiting.received_us,
                waiting.metadata + waiting.envelope.body,
                key,
                journal_id=self._journal_id,
                segment=writer.number,
                sequence=sequence,
                batch_offset=writer.end_offset,
            )
            sealed.append(_Sealed(waiting, sequence, content))
        return sealed

    def _publish(self, writer: SegmentWriter, sealed: list[_Sealed]) -> None:
        offset = writer.end_offset - sum(len(frame.content) for frame in sealed)
        arrivals: list[tuple[IndexedFrame, Envelope]] = []
        answers: list[_Answer] = []
        for (envelope, _, received_us, future), sequence, content in sealed:
            size_bytes, charged_bytes = len(content), len(envelope.body)
            workspace_id = envelope.workspace_id
            indexed = IndexedFrame(sequence, offset, size_bytes, workspace_id, received_us, charged_bytes)
            arrivals.append((indexed, envelope))
            answers.append((future, FrameRef(writer.number, sequence)))
            offset += size_bytes
        self._next_sequence += len(sealed)
        self._table.publish(writer.number, arrivals)
        _answer(answers)

    def _refuse_all(self, batch: list[_Waiting], error: OSError) -> None:
        self._refuse([(waiting, _storage_failure(error)) for waiting in batch])

    def _refuse(self, refused: list[tuple[_Waiting, ServiceError]]) -> None:
        for waiting, _ in refused:
            self._discharge(waiting)
        _answer([(waiting.future, error) for waiting, error in refused])

    def _discharge(self, waiting: _Waiting) -> None:
        envelope = waiting.envelope
        self._backlog.discharge(envelope.workspace_id, len(envelope.body), waiting.received_us)

    def _open_writer(self) -> SegmentWriter:
        """Return the segment to write to, beginning another one where there is none or it is full."""
        if self._writer and (self._resumed or self._writer.end_offset >= self._segment_bytes):
            self._finish_segment(self._writer)
        if self._writer is None:
            path = segment_path(self._directory, self._next_segment)
            header = SegmentHeader(self._next_segment, self._next_sequence, self._journal_id)
            self._writer = SegmentWriter.create(path, header)
            self._next_segment += 1
            self._resumed = False
            self._table.add_segment(SegmentIndex(path, header))
        return self._writer

    def _finish_segment(self, writer: SegmentWriter) -> None:
        writer.finish(self._next_sequence)
        writer.close()
        self._writer = None

    def _rotate_if_asked(self) -> None:
        with self._gathered:
            rotations, self._rotations = self._rotations, []
        if not rotations:
            return
        try:
            if self._writer and not self._writer.is_empty:
                self._finish_segment(self._writer)
            self._open_writer()
        except OSError as error:
            for rotation in rotations:
                rotation.set_exception(_storage_failure(error))
        else:
            for rotation in rotations:
                rotation.set_result(None)

    def _abandon(self) -> None:
        """Answer whoever is still waiting: there is no thread any more."""
        with self._gathered:
            self._closing = True
            left = [*self._at_work, *self._queue]
            self._queue.clear()
        _answer([(waiting.future, _unavailable("it stopped")) for waiting in left])
        for rotation in self._rotations:
            rotation.set_exception(_unavailable("it stopped"))


_Answer = tuple[asyncio.Future[FrameRef], FrameRef | ServiceError]


def _answer(answers: list[_Answer]) -> None:
    """Complete the futures, waking each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Answer]] = {}
    for answer in answers:
        by_loop.setdefault(answer[0].get_loop(), []).append(answer)
    for loop, own in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(_complete, own)


def _complete(answers: list[_Answer]) -> None:
    for future, answer in answers:
        if future.done():
            continue  # the request was cancelled; its frame is durable all the same
        if isinstance(answer, ServiceError):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def _storage_failure(error: OSError) -> ServiceError:
    return _unavailable("its disk is full" if error.errno in _FULL else "its disk does not take writes")


def _unavailable(reason: str) -> ServiceError:
    return ServiceError(
        Category.UNAVAILABLE,
        "ServiceUnavailable",
        f"The journal can't take records because {reason}.",
        retry_after_seconds=_RETRY_SECONDS,
    )
