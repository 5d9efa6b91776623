"""Many frames in few numbers: runs of successive sequences of one segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kelp.ingest.journal import FrameRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def iter_runs(frames: Iterable[FrameRef]) -> Iterator[tuple[int, range]]:
    """Yield the frames as (segment, sequences), in the order given."""
    segment, run = 0, range(0)
    for frame in frames:
        if run and frame.segment == segment and frame.sequence == run.stop:
            run = range(run.start, run.stop + 1)
            continue
        if run:
            yield segment, run
        segment, run = frame.segment, range(frame.sequence, frame.sequence + 1)
    if run:
        yield segment, run


def encode_by_segment(frames: Iterable[FrameRef]) -> list[tuple[int, bytes]]:
    """Return for each segment the bytes that name its frames, sorted."""
    by_segment: dict[int, list[int]] = {}
    for segment, run in iter_runs(sorted(frames)):
        by_segment.setdefault(segment, []).extend((run.start, len(run)))
    return [(segment, msgspec.msgpack.encode(runs)) for segment, runs in by_segment.items()]


def decode_runs(encoded: bytes) -> tuple[range, ...]:
    """Return the sequences that `encode_by_segment` wrote for one segment."""
    numbers = msgspec.msgpack.decode(encoded, type=list[int])
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return tuple(range(first, first + count) for first, count in pairs)
