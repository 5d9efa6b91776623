"""Reading a journal's segments after a stop of any kind, without keys: what holds, what is torn, what is damaged.

Every segment but the newest ends with an end mark, written before its successor was made; so does the newest after an
orderly stop. Bytes that are no whole frame are therefore one of two things. Torn: in a newest segment without a mark,
the rest of a group commit that nobody was told of; it is cut off. Damaged: anything else, acknowledged content that
changed on the disk. That is refused, or with `repair` the whole frames are copied and the segment as it was is kept
under `quarantine/`.

A frame behind the bad bytes whose group commit began behind them proves that they were durable, hence damaged. What
can't be told from a torn tail is damage in the last commit before a crash.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kelp.base.durable_file import delete_durably, make_directory_durably, write_durably
from kelp.ingest.journal.frame import (
    MAGIC,
    FrameHeader,
    JournalDamaged,
    encode_end_mark,
    read_header,
    rebase_frame,
)
from kelp.ingest.journal.segment import (
    SEGMENT_HEADER_BYTES,
    IndexedFrame,
    SegmentHeader,
    SegmentIndex,
    decode_segment_header,
    find_segment_number,
    segment_path,
)

if TYPE_CHECKING:
    from pathlib import Path

QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class RecoveredSegment:
    """A segment that holds. It can be appended to at `end_offset` unless it is `ended`."""

    index: SegmentIndex
    end_offset: int
    next_sequence: int
    ended: bool


@dataclass(frozen=True, slots=True)
class _Scan:
    """One segment as it lies there: the frames up to the first bytes that are none, and whole frames behind."""

    path: Path
    number: int
    size_bytes: int
    index: SegmentIndex | None
    later: list[IndexedFrame]
    bad_offset: int | None
    proven_durable: bool
    ended: bool


def recover_segments(directory: Path, journal_id: bytes, *, repair: bool) -> list[RecoveredSegment]:
    """Return every segment, oldest first, after cutting a torn tail off.

    All frames returned are on the disk. Raises `JournalDamaged`, naming segment and offset, before anything was
    changed; with `repair` it mends instead. Raises `OSError`. The caller owns the directory.
    """
    numbered = [
        (number, path) for path in directory.iterdir() if (number := find_segment_number(path)) is not None
    ]
    scans = [_scan(path, number) for number, path in sorted(numbered)]
    damages = [_find_damage(scan, journal_id, newest=scan is scans[-1]) for scan in scans]
    for damage in damages:
        if damage is not None and not repair:
            raise damage
    recovered: list[RecoveredSegment] = []
    for scan, damage in zip(scans, damages, strict=True):
        next_sequence = recovered[-1].next_sequence if recovered else 1
        if damage is not None:
            recovered.append(_mend(scan, SegmentHeader(scan.number, next_sequence, journal_id)))
        elif scan.index is None:
            recovered.append(_replace_cut(scan, SegmentHeader(scan.number + 1, next_sequence, journal_id)))
        else:
            recovered.append(_cut_tail(scan, scan.index))
    return recovered


def rewrite_segment(index: SegmentIndex, kept: list[IndexedFrame]) -> SegmentIndex:
    """Replace the segment's file by one that holds only the frames in `kept`; return its index. Raises `OSError`.

    Frames are copied as they are: no key is needed and their names stay.
    """
    return _write_frames(index.path, index.header, index.path.read_bytes(), kept)


def _write_frames(
    path: Path, header: SegmentHeader, content: bytes, frames: list[IndexedFrame]
) -> SegmentIndex:
    header = replace(header, rewritten=True)
    index = SegmentIndex(path, header)
    parts = [header.encode()]
    offset = SEGMENT_HEADER_BYTES
    for frame in frames:
        parts.append(rebase_frame(content[frame.offset : frame.offset + frame.size_bytes], offset))
        index.add(frame._replace(offset=offset))
        offset += frame.size_bytes
    parts.append(encode_end_mark(segment=header.number, next_sequence=index.next_sequence, offset=offset))
    write_durably(path, b"".join(parts))
    return index


def _scan(path: Path, number: int) -> _Scan:
    content = path.read_bytes()
    header = decode_segment_header(content)
    index = SegmentIndex(path, header) if header else None
    later: list[IndexedFrame] = []
    bad_offset = None if header else 0
    proven_durable = ended = False
    next_sequence = header.first_sequence if header else 0
    offset = SEGMENT_HEADER_BYTES
    while 0 <= offset < len(content):
        frame = read_header(content, offset)
        if frame is None or frame.segment != number or frame.sequence < next_sequence:
            bad_offset = offset if bad_offset is None else bad_offset
            offset = content.find(MAGIC, offset + 1)
            continue
        if bad_offset is not None:
            proven_durable |= frame.batch_offset > bad_offset
        elif header and not header.rewritten and frame.sequence != next_sequence:
            bad_offset, proven_durable = offset, True
        ended = frame.is_end_mark
        if not ended:
            if index is not None and bad_offset is None:
                index.add(_indexed(frame, offset))
            else:
                later.append(_indexed(frame, offset))
            next_sequence = frame.sequence + 1
        offset += frame.frame_bytes
    return _Scan(path, number, len(content), index, later, bad_offset, proven_durable, ended)


def _indexed(frame: FrameHeader, offset: int) -> IndexedFrame:
    size_bytes = frame.frame_bytes
    return IndexedFrame(frame.sequence, offset, size_bytes, frame.workspace_id, frame.received_us, size_bytes)


def _find_damage(scan: _Scan, journal_id: bytes, *, newest: bool) -> JournalDamaged | None:
    """Tell what is wrong with a segment beyond a torn tail; None if nothing is."""
    name = f"journal segment {scan.path.name}"
    if scan.index is None:
        # A file this short never held a frame: it got its name with a whole header.
        cut = newest and scan.size_bytes < SEGMENT_HEADER_BYTES
        return None if cut else JournalDamaged(f"{name}, offset 0", "its header is damaged")
    if not _belongs(scan.index.header, scan.number, journal_id):
        return JournalDamaged(f"{name}, offset 0", "it belongs to another journal or place")
    if scan.bad_offset is not None and (scan.proven_durable or not newest):
        return JournalDamaged(f"{name}, offset {scan.bad_offset}", "acknowledged content is damaged")
    if not scan.ended and not newest:
        return JournalDamaged(f"{name}, offset {scan.size_bytes}", "its end is missing")
    return None


def _belongs(header: SegmentHeader, number: int, journal_id: bytes) -> bool:
    return header.number == number and header.journal_id == journal_id


def _cut_tail(scan: _Scan, index: SegmentIndex) -> RecoveredSegment:
    """Keep the frames before the first bad byte and make exactly them durable."""
    end_offset = scan.size_bytes if scan.bad_offset is None else scan.bad_offset
    descriptor = os.open(scan.path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        if end_offset < scan.size_bytes:
            os.ftruncate(descriptor, end_offset)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return RecoveredSegment(index, end_offset, index.next_sequence, scan.ended)


def _replace_cut(scan: _Scan, header: SegmentHeader) -> RecoveredSegment:
    """Begin a new segment in place of one that was cut within its header; its number is not used again."""
    path = segment_path(scan.path.parent, header.number)
    write_durably(path, header.encode())
    delete_durably(scan.path)
    index = SegmentIndex(path, header)
    return RecoveredSegment(index, SEGMENT_HEADER_BYTES, index.next_sequence, ended=False)


def _mend(scan: _Scan, fallback: SegmentHeader) -> RecoveredSegment:
    """Keep the segment as it is under `quarantine/` and put one with its whole frames in its place."""
    quarantine = scan.path.parent / QUARANTINE
    make_directory_durably(quarantine)
    content = scan.path.read_bytes()
    write_durably(quarantine / f"{scan.path.stem}-{zlib.crc32(content):08x}.log", content)
    frames = scan.later
    header = fallback
    if scan.index is None:
        first_sequence = frames[0].sequence if frames else fallback.first_sequence
        header = replace(fallback, first_sequence=first_sequence)
    elif _belongs(scan.index.header, scan.number, fallback.journal_id):
        header = scan.index.header
        frames = [*scan.index.iter_frames(), *frames]
    else:
        frames = []
    index = _write_frames(scan.path, header, content, frames)
    return RecoveredSegment(index, scan.path.stat().st_size, index.next_sequence, ended=True)
