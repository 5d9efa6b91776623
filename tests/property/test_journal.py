"""Whatever is appended, and wherever the files are cut or altered: no acknowledged frame before that place is lost, and
none is invented."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.ingest.journal import Envelope, FrameRef, Journal, JournalDamaged, JournalLimits
from kelp.ingest.journal.segment import SEGMENT_HEADER_BYTES, find_segment_number
from tests.unit.ingest.samples import OTHER_WORKSPACE, WORKSPACE, MemoryKeys, TurnedClock, make_envelope

LIMITS = JournalLimits(segment_bytes=3000, cached_bytes=0)


@dataclass(frozen=True)
class Append:
    sizes: list[int]


@dataclass(frozen=True)
class Rotate:
    pass


@dataclass(frozen=True)
class Restart:
    orderly: bool


@dataclass(frozen=True)
class Free:
    """Settle every other frame of what is there and free its room."""


Step = Append | Rotate | Restart | Free

steps = st.lists(
    st.one_of(
        st.builds(Append, st.lists(st.integers(0, 700), min_size=1, max_size=8)),
        st.just(Rotate()),
        st.builds(Restart, st.booleans()),
        st.just(Free()),
    ),
    min_size=1,
    max_size=10,
)


@dataclass
class Played:
    """A journal's directory as a crash left it, and what must be in it: where each frame lies and ends."""

    directory: Path
    held: dict[FrameRef, Envelope] = field(default_factory=dict)
    ends: dict[FrameRef, int] = field(default_factory=dict)
    freed: set[FrameRef] = field(default_factory=set)

    def segments(self) -> list[Path]:
        return sorted(path for path in self.directory.iterdir() if find_segment_number(path) is not None)


def open_journal(directory: Path, *, repair: bool = False) -> Journal:
    return Journal.open(directory, MemoryKeys(), TurnedClock(), LIMITS, repair=repair)


def list_frames(journal: Journal) -> dict[FrameRef, int]:
    """Return where each frame ends in its file."""
    return {
        FrameRef(segment, frame.sequence): frame.offset + frame.size_bytes
        for segment in journal.list_segments()
        for frame in journal.list_frames(segment)
    }


@contextmanager
def play(played_steps: list[Step]) -> Iterator[Played]:
    """Do the steps, and leave the files as they are when the process dies after the last one."""
    with tempfile.TemporaryDirectory(prefix="kelp-journal-") as folder:
        place = Path(folder, "0")
        played = Played(Path(folder, "crashed"))
        journal = open_journal(place)
        for number, step in enumerate(played_steps):
            match step:
                case Append(sizes):
                    asyncio.run(append_all(journal, played, number, sizes))
                case Rotate():
                    journal.rotate()
                case Free():
                    free_some(journal, played)
                case Restart(orderly):
                    after = Path(folder, str(number + 1))
                    if orderly:
                        journal.close()
                    shutil.copytree(place, after)
                    journal.close()
                    place, journal = after, open_journal(after)
        shutil.copytree(place, played.directory)
        played.ends = list_frames(journal)
        journal.close()
        assert played.ends.keys() == played.held.keys() - played.freed
        yield played


async def append_all(journal: Journal, played: Played, step: int, sizes: list[int]) -> None:
    envelopes = [
        make_envelope(
            step * 100 + position,
            workspace_id=(WORKSPACE, OTHER_WORKSPACE)[position % 2],
            body=bytes([position]) * size,
        )
        for position, size in enumerate(sizes)
    ]
    refs = await asyncio.gather(*[journal.append(envelope) for envelope in envelopes])
    played.held.update(zip(refs, envelopes, strict=True))


def free_some(journal: Journal, played: Played) -> None:
    for segment in journal.list_segments()[:-1]:
        refs = [FrameRef(segment, frame.sequence) for frame in journal.list_frames(segment)][::2]
        journal.settle(refs)
        journal.rewrite_segment(segment, {ref.sequence for ref in refs})
        played.freed.update(refs)


def recover(played: Played, *, repair: bool = False) -> set[FrameRef]:
    """Open the journal and check that every frame is one that was appended; return which there are."""
    journal = open_journal(played.directory, repair=repair)
    try:
        found = list_frames(journal)
        for ref in found:
            assert journal.read(ref) == played.held[ref]
        added = asyncio.run(append_one(journal))
        assert added not in played.held
        assert journal.read(added) == make_envelope(1)
        return set(found)
    finally:
        journal.close()


async def append_one(journal: Journal) -> FrameRef:
    return await journal.append(make_envelope(1))


def snapshot(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


@settings(max_examples=40)
@given(steps)
def test_everything_acknowledged_survives_a_crash(played_steps: list[Step]) -> None:
    with play(played_steps) as played:
        assert recover(played) == played.ends.keys()


@settings(max_examples=120)
@given(steps, st.integers(min_value=0))
def test_a_cut_in_the_newest_segment_loses_only_what_is_behind_it(played_steps: list[Step], cut: int) -> None:
    with play(played_steps) as played:
        if not played.segments():
            return
        newest = played.segments()[-1]
        cut %= newest.stat().st_size + 1
        with newest.open("r+b") as file:
            file.truncate(cut)
        number = find_segment_number(newest)
        before = {ref for ref, end in played.ends.items() if ref.segment != number or end <= cut}
        assert recover(played) == before
        assert recover_again(played) >= before


def recover_again(played: Played) -> set[FrameRef]:
    journal = open_journal(played.directory)
    try:
        return set(list_frames(journal))
    finally:
        journal.close()


@settings(max_examples=120)
@given(steps, st.integers(min_value=0), st.integers(min_value=0), st.integers(1, 255))
def test_an_altered_byte_is_refused_or_was_behind_the_frames_kept(
    played_steps: list[Step], which: int, position: int, change: int
) -> None:
    with play(played_steps) as played:
        segments = [path for path in played.segments() if path.stat().st_size]
        if not segments:
            return
        path = segments[which % len(segments)]
        number = find_segment_number(path)
        assert number is not None
        position %= path.stat().st_size
        content = bytearray(path.read_bytes())
        content[position] ^= change
        path.write_bytes(content)
        before = {ref for ref, end in played.ends.items() if ref.segment != number or end <= position}
        files = snapshot(played.directory)
        if refuses(played, path.name):
            assert snapshot(played.directory) == files
            assert recover(played, repair=True) == played.ends.keys() - hit_by(played, number, position)
        else:
            assert path == segments[-1]
            assert position >= SEGMENT_HEADER_BYTES
            assert recover(played) >= before


def refuses(played: Played, name: str) -> bool:
    """Tell whether the journal is refused for damage in the segment of that name."""
    try:
        open_journal(played.directory).close()
    except JournalDamaged as error:
        return name in error.message
    return False


def hit_by(played: Played, segment: int, position: int) -> set[FrameRef]:
    """Return the frame that the altered byte lies in."""
    behind = sorted(
        (end, ref) for ref, end in played.ends.items() if ref.segment == segment and end > position
    )
    return {behind[0][1]} if behind and position >= SEGMENT_HEADER_BYTES else set()


@settings(max_examples=60)
@given(steps, st.integers(min_value=0), st.integers(min_value=0))
def test_an_older_segment_that_was_cut_is_refused(played_steps: list[Step], which: int, cut: int) -> None:
    with play([*played_steps, Append([1]), Rotate(), Append([1])]) as played:
        older = played.segments()[:-1]
        path = older[which % len(older)]
        with path.open("r+b") as file:
            file.truncate(cut % path.stat().st_size)
        with pytest.raises(JournalDamaged, match=path.name):
            recover(played)
