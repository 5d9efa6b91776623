"""One segment file of the journal: its header, its writer, and the index of its frames in memory.

A segment is made whole by a rename, then only grows, frame by frame. It never holds a frame that was not
acknowledged once the process knows that its commit failed.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from kelp.base.durable_file import write_all, write_durably
from kelp.ingest.journal.frame import encode_end_mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAGIC = b"KELPJNL1"
_FIELDS = struct.Struct(">8sIIQ16s")
_CHECKSUM = struct.Struct(">I")
_FLAG_REWRITTEN = 1
SEGMENT_HEADER_BYTES = _FIELDS.size + _CHECKSUM.size


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """The first bytes of a segment. In a rewritten one frames may be missing: they were released or quarantined."""

    number: int
    first_sequence: int
    journal_id: bytes
    rewritten: bool = False

    def encode(self) -> bytes:
        """Write the header as it stands in the file."""
        flags = _FLAG_REWRITTEN if self.rewritten else 0
        fields = _FIELDS.pack(_MAGIC, self.number, flags, self.first_sequence, self.journal_id)
        return fields + _CHECKSUM.pack(zlib.crc32(fields))


def decode_segment_header(content: bytes) -> SegmentHeader | None:
    """Read the header at the start of `content`; None if it is cut or damaged."""
    if len(content) < SEGMENT_HEADER_BYTES:
        return None
    magic, number, flags, first_sequence, journal_id = _FIELDS.unpack_from(content)
    checksum = _CHECKSUM.unpack_from(content, _FIELDS.size)[0]
    if magic != _MAGIC or zlib.crc32(content[: _FIELDS.size]) != checksum:
        return None
    return SegmentHeader(number, first_sequence, journal_id, rewritten=bool(flags & _FLAG_REWRITTEN))


def segment_path(directory: Path, number: int) -> Path:
    """Return where a segment lies; the names sort by number."""
    return directory / f"{number:010d}.log"


def find_segment_number(path: Path) -> int | None:
    """Return the number that a file name stands for; None for other files."""
    return int(path.stem) if path.suffix == ".log" and path.stem.isdigit() else None


class SegmentWriter:
    """Appends to the newest segment. For one thread at a time."""

    def __init__(self, path: Path, number: int, end_offset: int) -> None:
        """Open an existing segment to append at `end_offset`, where it ends. Raises `OSError`."""
        self.path = path
        self.number = number
        self.end_offset = end_offset
        self._torn = False
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)

    @classmethod
    def create(cls, path: Path, header: SegmentHeader) -> SegmentWriter:
        """Create the segment, durably. Raises `OSError`, then leaving none, and `FileExistsError`."""
        try:
            write_durably(path, header.encode(), exclusive=True)
            return cls(path, header.number, SEGMENT_HEADER_BYTES)
        except FileExistsError:
            raise
        except OSError:
            path.unlink(missing_ok=True)  # or the next attempt would find it in its way
            raise

    @property
    def is_empty(self) -> bool:
        """Tell whether no frame has been written."""
        return self.end_offset == SEGMENT_HEADER_BYTES

    def commit(self, content: bytes) -> None:
        """Append and flush to the disk; then `end_offset` lies behind it.

        Raises `OSError`; then the segment ends where it did. Where not even that can be had, every later call
        raises until cutting the tail off succeeds.
        """
        self._cut_torn_tail()
        self._torn = True
        try:
            os.lseek(self._descriptor, self.end_offset, os.SEEK_SET)
            write_all(self._descriptor, content)
            os.fdatasync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                self._cut_torn_tail()
            raise
        self._torn = False
        self.end_offset += len(content)

    def finish(self, next_sequence: int) -> None:
        """Write the end mark: nothing may be appended any more. Raises `OSError`; then the segment goes on."""
        self.commit(encode_end_mark(segment=self.number, next_sequence=next_sequence, offset=self.end_offset))

    def close(self) -> None:
        """Close the file. Every commit is on the disk already."""
        os.close(self._descriptor)

    def _cut_torn_tail(self) -> None:
        if self._torn:
            os.ftruncate(self._descriptor, self.end_offset)
            os.fsync(self._descriptor)
            self._torn = False


class IndexedFrame(NamedTuple):
    """A frame as its segment's index knows it. `charged_bytes` is what it counts for in the backlog."""

    sequence: int
    offset: int
    size_bytes: int
    workspace_id: UUID
    received_us: int
    charged_bytes: int
    settled: bool = False


class SegmentIndex:
    """Where each frame of a segment lies, and whether it still has to be loaded. The journal guards it with its lock.

    Arrays instead of objects: about 25 bytes a frame.
    """

    def __init__(self, path: Path, header: SegmentHeader) -> None:
        self.path = path
        self.header = header
        self.unsettled_frames = 0
        self.settled_bytes = 0
        self.total_bytes = 0
        self._offsets = array("I")
        self._sizes = array("I")
        self._charges = array("I")
        self._received = array("q")
        self._workspaces = array("I")
        self._settled = bytearray()
        self._workspace_ids: list[UUID] = []
        self._workspace_numbers: dict[UUID, int] = {}

    def add(self, frame: IndexedFrame) -> None:
        """Note a frame behind all others; sequences left out are missing frames."""
        missing = frame.sequence - self.header.first_sequence - len(self._sizes)
        if missing:
            for values in (self._offsets, self._sizes, self._charges, self._received, self._workspaces):
                values.extend([0] * missing)
            self._settled.extend(b"\x01" * missing)
        number = self._workspace_numbers.get(frame.workspace_id)
        if number is None:
            number = self._workspace_numbers[frame.workspace_id] = len(self._workspace_ids)
            self._workspace_ids.append(frame.workspace_id)
        self._offsets.append(frame.offset)
        self._sizes.append(frame.size_bytes)
        self._charges.append(frame.charged_bytes)
        self._received.append(frame.received_us)
        self._workspaces.append(number)
        self._settled.append(frame.settled)
        self.total_bytes += frame.size_bytes
        if frame.settled:
            self.settled_bytes += frame.size_bytes
        else:
            self.unsettled_frames += 1

    @property
    def next_sequence(self) -> int:
        """The sequence behind the last frame."""
        return self.header.first_sequence + len(self._sizes)

    def find(self, sequence: int) -> IndexedFrame | None:
        """Return where a frame lies; None if the segment does not hold it."""
        position = sequence - self.header.first_sequence
        if not 0 <= position < len(self._sizes) or not self._sizes[position]:
            return None
        return IndexedFrame(
            sequence,
            self._offsets[position],
            self._sizes[position],
            self._workspace_ids[self._workspaces[position]],
            self._received[position],
            self._charges[position],
            settled=bool(self._settled[position]),
        )

    def settle(self, sequence: int) -> bool:
        """Note that a frame need not be loaded any more; tell whether that is news."""
        position = sequence - self.header.first_sequence
        if not 0 <= position < len(self._sizes) or self._settled[position]:
            return False
        self._settled[position] = 1
        self.unsettled_frames -= 1
        self.settled_bytes += self._sizes[position]
        return True

    def iter_frames(self) -> Iterator[IndexedFrame]:
        """Yield the frames that the segment holds, in order."""
        for position, size_bytes in enumerate(self._sizes):
            if size_bytes:
                frame = self.find(self.header.first_sequence + position)
                assert frame is not None
                yield frame
