"""Frames that are loaded together, and their records in one piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from kelp.ingest.journal import JournalDamaged
from kelp.ingest.scan import BodyRefused, unpack_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from kelp.ingest.journal import Envelope, FrameRef, Journal, PendingFrame

_NO_LIMIT = 1 << 40
"""Bodies were measured when they were accepted."""
_SPAN_SECONDS = 5.0
"""Records of a batch count as received at one moment, that of the last one; it is never further away than this."""

Records: TypeAlias = "tuple[bytes, ...]"
"""JSON objects, one after the other, in chunks."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Frames of one origin whose envelopes say the same to those who read them."""

    frames: tuple[FrameRef, ...]
    headers: Mapping[str, str]
    received_at: datetime
    records: Records = field(repr=False)
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of some frames: batches, frames that can't be read any more, and those left for later."""

    batches: tuple[Batch, ...]
    damaged: tuple[FrameRef, ...]
    left: tuple[PendingFrame, ...]


@dataclass(slots=True)
class _Gathering:
    headers: Mapping[str, str]
    frames: list[FrameRef] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, ref: FrameRef, plain: bytes) -> None:
        self.frames.append(ref)
        if plain:
            self.chunks += (plain, b"\n")
            self.size_bytes += len(plain)


def read_batches(journal: Journal, frames: Sequence[PendingFrame], maximum_bytes: int) -> Reading:
    """Read frames of one origin, in order, until there are `maximum_bytes` of plain records.

    A batch does not reach across midnight (UTC), so that the archive and the tables can be told apart by days. Blocks;
    raises as `Journal.read` does, but for frames that are damaged.
    """
    gathered: dict[frozenset[tuple[str, str]], _Gathering] = {}
    damaged: list[FrameRef] = []
    size_bytes, taken = 0, 0
    first, last = frames[0].received_at, frames[0].received_at
    for frame in frames:
        if size_bytes >= maximum_bytes or not _are_together(first, frame.received_at):
            break
        taken, last = taken + 1, max(last, frame.received_at)
        try:
            envelope = journal.read(frame.ref)
            plain = take_records(envelope)
        except (JournalDamaged, BodyRefused):
            damaged.append(frame.ref)
            continue
        key = frozenset(envelope.headers.items())
        gathered.setdefault(key, _Gathering(envelope.headers)).add(frame.ref, plain)
        size_bytes += len(plain)
    batches = tuple(
        Batch(tuple(one.frames), one.headers, last, tuple(one.chunks), one.size_bytes)
        for one in gathered.values()
    )
    return Reading(batches, tuple(damaged), tuple(frames[taken:]))


def read_records(journal: Journal, frames: Iterable[FrameRef]) -> Records:
    """Return the records of frames, in order. Blocks; raises as `Journal.read` does."""
    chunks: list[bytes] = []
    for ref in frames:
        plain = take_records(journal.read(ref))
        if plain:
            chunks += (plain, b"\n")
    return tuple(chunks)


def take_records(envelope: Envelope) -> bytes:
    """Return the objects of a body, without the array around them; empty if there are none."""
    plain = unpack_body(envelope.body, envelope.content_encoding, _NO_LIMIT).strip()
    return plain[1:-1].strip() if plain.startswith(b"[") else plain


def _are_together(first: datetime, other: datetime) -> bool:
    return first.date() == other.date() and abs((other - first).total_seconds()) <= _SPAN_SECONDS
