"""Frames that are loaded together, and their records in one piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from kelp.ingest.intake import ONCE_HEADER
from kelp.ingest.journal import JournalDamaged
from kelp.ingest.scan import BodyRefused, unpack_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kelp.ingest.journal import Envelope, FrameRef, Journal, PendingFrame
    from kelp.ingest.plain_bodies import PlainBodies

_NO_LIMIT = 1 << 40
"""Bodies were measured when they were accepted."""
SPAN_SECONDS = 5.0
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


class Gathering:
    """Puts bodies of one origin together: those with the same headers make a batch."""

    def __init__(self, span_seconds: float = SPAN_SECONDS) -> None:
        self._span_seconds = span_seconds
        self._first: datetime | None = None
        self._last = datetime.min.replace(tzinfo=UTC)
        self._by_headers: dict[frozenset[tuple[str, str]], _Part] = {}
        self.size_bytes = 0

    def has_room(self, received_at: datetime) -> bool:
        """Tell whether a body received then belongs together with those that are here.

        A batch does not reach across midnight (UTC), so that archive and tables can be told apart by days.
        """
        first = self._first or received_at
        distance = abs((received_at - first).total_seconds())
        return first.date() == received_at.date() and distance <= self._span_seconds

    def add(self, envelope: Envelope, ref: FrameRef | None = None, plain: bytes | None = None) -> None:
        """Take a body up, unpacked or not. Raises `BodyRefused`, which can only mean that it was damaged."""
        plain = take_records(envelope) if plain is None else strip_array(plain)
        self._first = self._first or envelope.received_at
        self._last = max(self._last, envelope.received_at)
        self.size_bytes += len(plain)
        key = frozenset(envelope.headers.items())
        part = self._by_headers.setdefault(key, _Part(envelope.headers))
        if ref is not None:
            part.frames.append(ref)
        if ONCE_HEADER in envelope.headers and part.chunks:
            return  # the same body again
        if plain:
            part.chunks += (plain, b"\n")

    def make_batches(self) -> tuple[Batch, ...]:
        """Return what was gathered."""
        return tuple(
            Batch(
                tuple(part.frames),
                part.headers,
                self._last,
                tuple(part.chunks),
                sum(map(len, part.chunks)),
            )
            for part in self._by_headers.values()
        )


@dataclass(slots=True)
class _Part:
    headers: Mapping[str, str]
    frames: list[FrameRef] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)


def read_batches(
    journal: Journal, plain_bodies: PlainBodies, frames: Sequence[PendingFrame], maximum_bytes: int
) -> Reading:
    """Read frames of one origin, in order, until there are `maximum_bytes` of plain records.

    Blocks; raises as `Journal.read` does, but for frames that are damaged.
    """
    gathering = Gathering()
    damaged: list[FrameRef] = []
    taken = 0
    for frame in frames:
        if gathering.size_bytes >= maximum_bytes or not gathering.has_room(frame.received_at):
            break
        taken += 1
        try:
            gathering.add(journal.read(frame.ref), frame.ref, plain_bodies.take(frame.ref))
        except (JournalDamaged, BodyRefused):
            damaged.append(frame.ref)
    return Reading(gathering.make_batches(), tuple(damaged), tuple(frames[taken:]))


def read_records(journal: Journal, frames: Iterable[FrameRef]) -> Records:
    """Return the records of frames, in order. Blocks; raises as `Journal.read` does."""
    chunks: list[bytes] = []
    for ref in frames:
        envelope = journal.read(ref)
        plain = take_records(envelope)
        if plain:
            chunks += (plain, b"\n")
        if ONCE_HEADER in envelope.headers:
            break  # the others are the same body again
    return tuple(chunks)


def take_records(envelope: Envelope) -> bytes:
    """Return the objects of a body, without the array around them; empty if there are none."""
    return strip_array(unpack_body(envelope.body, envelope.content_encoding, _NO_LIMIT))


def strip_array(plain: bytes) -> bytes:
    """Return the objects of an array, or the object that stands alone."""
    plain = plain.strip()
    return plain[1:-1].strip() if plain.startswith(b"[") else plain
