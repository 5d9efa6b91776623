"""A segment holds what was committed and nothing else, whatever the disk does; its index agrees."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from pathlib import Path
from uuid import UUID

import pytest

from kelp.ingest.journal import FrameRef, Journal
from kelp.ingest.journal.segment import (
    SEGMENT_HEADER_BYTES,
    IndexedFrame,
    SegmentHeader,
    SegmentIndex,
    SegmentWriter,
    decode_segment_header,
    find_segment_number,
    segment_path,
)
from tests.unit.ingest.samples import OTHER_WORKSPACE, WORKSPACE, MemoryKeys, TurnedClock, make_envelope

HEADER = SegmentHeader(3, 100, b"j" * 16)


class FailingDisk:
    """Stands before the calls that no real disk can be made to fail at will."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing: set[str] = set()
        for name in ("fdatasync", "ftruncate"):
            monkeypatch.setattr(os, name, self._guard(name, getattr(os, name)))

    def _guard(self, name: str, call: object) -> object:
        def guarded(*arguments: int) -> None:
            if name in self.failing:
                raise OSError(errno.EIO, "made to fail")
            call(*arguments)  # type: ignore[operator]

        return guarded


@pytest.fixture
def writer(tmp_path: Path) -> SegmentWriter:
    return SegmentWriter.create(segment_path(tmp_path, 3), HEADER)


def committed(writer: SegmentWriter) -> bytes:
    return writer.path.read_bytes()[SEGMENT_HEADER_BYTES:]


def test_commits_follow_each_other(writer: SegmentWriter) -> None:
    empty = [writer.is_empty]
    writer.commit(b"first")
    writer.commit(b"second")
    empty.append(writer.is_empty)
    writer.close()
    assert empty == [True, False]
    assert committed(writer) == b"firstsecond"
    assert writer.end_offset == writer.path.stat().st_size


def test_a_failed_flush_leaves_nothing(writer: SegmentWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FailingDisk(monkeypatch)
    writer.commit(b"first")
    disk.failing = {"fdatasync"}
    with pytest.raises(OSError):
        writer.commit(b"lost")
    assert committed(writer) == b"first"
    disk.failing = set()
    writer.commit(b"2")
    assert committed(writer) == b"first2"
    writer.close()


def test_a_tail_that_could_not_be_cut_is_cut_before_the_next_commit(
    writer: SegmentWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FailingDisk(monkeypatch)
    writer.commit(b"first")
    disk.failing = {"fdatasync", "ftruncate"}
    for _ in range(2):
        with pytest.raises(OSError):
            writer.commit(b"lost words")
    disk.failing = {"ftruncate"}
    with pytest.raises(OSError):
        writer.commit(b"refused")
    disk.failing = set()
    writer.commit(b"2")
    assert committed(writer) == b"first2"
    writer.close()


def test_a_segment_that_could_not_be_opened_is_not_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = segment_path(tmp_path, 3)
    open_file = os.open

    def run_out_of_descriptors(target: Path, flags: int, mode: int = 0o777) -> int:
        if target == path:
            raise OSError(errno.EMFILE, "made to fail")
        return open_file(target, flags, mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", run_out_of_descriptors)
        with pytest.raises(OSError):
            SegmentWriter.create(path, HEADER)
    assert list(tmp_path.iterdir()) == []
    SegmentWriter.create(path, HEADER).close()


def test_a_segment_is_never_made_over_another(writer: SegmentWriter, tmp_path: Path) -> None:
    writer.commit(b"first")
    with pytest.raises(FileExistsError):
        SegmentWriter.create(segment_path(tmp_path, 3), HEADER)
    assert committed(writer) == b"first"
    writer.close()


async def test_nothing_is_acknowledged_before_the_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(tmp_path, MemoryKeys(), TurnedClock())
    await journal.append(make_envelope(1))
    reached, may_go = threading.Event(), threading.Event()
    flush = os.fdatasync

    def wait_and_flush(descriptor: int) -> None:
        reached.set()
        assert may_go.wait(60)
        flush(descriptor)

    monkeypatch.setattr(os, "fdatasync", wait_and_flush)
    waiting = journal.append(make_envelope(2))
    await asyncio.to_thread(reached.wait, 60)
    assert journal.take_pending(0)[0].ref == FrameRef(1, 1)
    assert journal.take_pending(0) == []
    assert not waiting.done()
    may_go.set()
    assert await waiting == FrameRef(1, 2)
    journal.close()


@pytest.mark.parametrize("rewritten", [False, True])
def test_a_header_comes_back(rewritten: bool) -> None:
    header = SegmentHeader(2**32 - 1, 2**63, b"j" * 16, rewritten=rewritten)
    content = header.encode()
    assert len(content) == SEGMENT_HEADER_BYTES
    assert decode_segment_header(content + b"frames") == header


def test_every_byte_of_a_header_counts() -> None:
    content = HEADER.encode()
    assert decode_segment_header(content[:-1]) is None
    for position in range(len(content)):
        altered = bytearray(content)
        altered[position] ^= 1
        assert decode_segment_header(bytes(altered)) is None


@pytest.mark.parametrize(
    ("name", "number"),
    [("0000000012.log", 12), ("12.log", 12), ("lock", None), ("x.log", None), (".12.log.tmp", None)],
)
def test_segments_are_told_by_their_names(name: str, number: int | None) -> None:
    assert find_segment_number(Path(name)) == number


def test_an_index_knows_its_frames() -> None:
    index = SegmentIndex(Path("x"), HEADER)
    frames = [indexed(100), indexed(101, OTHER_WORKSPACE), indexed(105), indexed(106, settled=True)]
    for frame in frames:
        index.add(frame)
    assert list(index.iter_frames()) == frames
    assert [index.find(frame.sequence) for frame in frames] == frames
    assert [index.find(sequence) for sequence in (99, 102, 104, 107)] == [None] * 4
    assert (index.next_sequence, index.unsettled_frames, index.total_bytes, index.settled_bytes) == (
        107,
        3,
        40,
        10,
    )


def test_a_frame_is_settled_once() -> None:
    index = SegmentIndex(Path("x"), HEADER)
    index.add(indexed(100))
    index.add(indexed(102))
    assert index.settle(100)
    assert not any(index.settle(sequence) for sequence in (99, 100, 101, 103))
    assert (index.unsettled_frames, index.settled_bytes) == (1, 10)
    assert index.find(100) == indexed(100, settled=True)


def indexed(sequence: int, workspace_id: UUID = WORKSPACE, *, settled: bool = False) -> IndexedFrame:
    return IndexedFrame(sequence, sequence * 10, 10, workspace_id, sequence * 1000, 7, settled=settled)
