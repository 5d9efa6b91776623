"""What is torn is cut off, what is damaged is refused or mended, and neither is mistaken for the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelp.ingest.journal import Envelope, JournalDamaged
from kelp.ingest.journal.frame import HEADER_BYTES, encode_frame, encode_metadata, open_frame, to_microseconds
from kelp.ingest.journal.recovery import RecoveredSegment, recover_segments
from kelp.ingest.journal.segment import SEGMENT_HEADER_BYTES, SegmentHeader, SegmentWriter, segment_path
from tests.unit.ingest.samples import WORKSPACE, make_envelope, make_key

KEY = make_key(WORKSPACE, 1)
JOURNAL = b"j" * 16


class JournalBuilder:
    """Writes segments commit by commit, and knows where each frame lies."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.sequence = 1
        self.offsets: dict[int, tuple[int, int]] = {}

    def write_segment(self, number: int, *commits: int, finish: bool = True) -> Path:
        """Write commits of so many frames each."""
        path = segment_path(self.directory, number)
        writer = SegmentWriter.create(path, SegmentHeader(number, self.sequence, JOURNAL))
        for count in commits:
            frames = []
            offset = writer.end_offset
            for _ in range(count):
                frame = self._encode(number, writer.end_offset)
                frames.append(frame)
                self.offsets[self.sequence] = (offset, len(frame))
                offset += len(frame)
                self.sequence += 1
            writer.commit(b"".join(frames))
        if finish:
            writer.finish(self.sequence)
        writer.close()
        return path

    def _encode(self, segment: int, batch_offset: int) -> bytes:
        envelope = make_envelope(self.sequence)
        return encode_frame(
            WORKSPACE,
            to_microseconds(envelope.received_at),
            encode_metadata(envelope) + envelope.body,
            KEY,
            journal_id=JOURNAL,
            segment=segment,
            sequence=self.sequence,
            batch_offset=batch_offset,
        )


@pytest.fixture
def builder(tmp_path: Path) -> JournalBuilder:
    return JournalBuilder(tmp_path)


def recover(directory: Path, *, repair: bool = False) -> list[RecoveredSegment]:
    return recover_segments(directory, JOURNAL, repair=repair)


def read_envelopes(segments: list[RecoveredSegment]) -> list[Envelope]:
    return [
        open_frame(content[frame.offset : frame.offset + frame.size_bytes], KEY, journal_id=JOURNAL)
        for segment in segments
        for content in [segment.index.path.read_bytes()]
        for frame in segment.index.iter_frames()
    ]


def sequences(segments: list[RecoveredSegment]) -> list[int]:
    return [frame.sequence for segment in segments for frame in segment.index.iter_frames()]


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def snapshot(directory: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}


def test_whole_segments_come_back(builder: JournalBuilder, tmp_path: Path) -> None:
    builder.write_segment(1, 2, 1)
    builder.write_segment(2, 1, finish=False)
    (tmp_path / "identity.json").write_text("{}")
    (tmp_path / "lock").write_text("")
    found = recover(tmp_path)
    assert [segment.ended for segment in found] == [True, False]
    assert [segment.next_sequence for segment in found] == [4, 5]
    assert read_envelopes(found) == [make_envelope(number) for number in range(1, 5)]


def test_nothing_comes_back_from_nothing(tmp_path: Path) -> None:
    assert recover(tmp_path) == []


def test_an_empty_newest_segment_goes_on(builder: JournalBuilder, tmp_path: Path) -> None:
    builder.write_segment(1, 1)
    builder.write_segment(2, finish=False)
    found = recover(tmp_path)
    assert (found[-1].end_offset, found[-1].next_sequence, found[-1].ended) == (
        SEGMENT_HEADER_BYTES,
        2,
        False,
    )


def test_a_torn_tail_is_cut_off(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 2, 2, finish=False)
    offset, size_bytes = builder.offsets[4]
    with path.open("r+b") as file:
        file.truncate(offset + size_bytes - 1)
    found = recover(tmp_path)
    assert sequences(found) == [1, 2, 3]
    assert (found[0].end_offset, found[0].next_sequence) == (offset, 4)
    assert path.stat().st_size == offset


def test_a_hole_in_the_last_commit_is_torn(builder: JournalBuilder, tmp_path: Path) -> None:
    """A power cut may leave the later pages of an unanswered commit and not the earlier ones."""
    path = builder.write_segment(1, 2, 3, finish=False)
    offset, size_bytes = builder.offsets[4]
    overwrite(path, offset, bytes(size_bytes))
    found = recover(tmp_path)
    assert sequences(found) == [1, 2, 3]
    assert path.stat().st_size == offset


def test_a_hole_before_a_later_commit_is_damage(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 2, 1, finish=False)
    offset, size_bytes = builder.offsets[2]
    overwrite(path, offset, bytes(size_bytes))
    before = snapshot(tmp_path)
    with pytest.raises(JournalDamaged, match=rf"segment 0000000001\.log, offset {offset}: "):
        recover(tmp_path)
    assert snapshot(tmp_path) == before


def test_damage_in_the_last_commit_of_an_ended_segment_is_seen(
    builder: JournalBuilder, tmp_path: Path
) -> None:
    path = builder.write_segment(1, 2)
    overwrite(path, builder.offsets[2][0] + 60, b"\x00\x00")
    with pytest.raises(JournalDamaged):
        recover(tmp_path)


@pytest.mark.parametrize("number", [1, 2])
def test_an_older_segment_must_be_whole(builder: JournalBuilder, tmp_path: Path, number: int) -> None:
    builder.write_segment(1, 2)
    builder.write_segment(2, 2)
    builder.write_segment(3, 1, finish=False)
    path = segment_path(tmp_path, number)
    for size_bytes in range(path.stat().st_size - 1, -1, -1):
        with path.open("r+b") as file:
            file.truncate(size_bytes)
        with pytest.raises(JournalDamaged, match=path.name):
            recover(tmp_path)


def test_repair_keeps_every_whole_frame(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 2, 3)
    builder.write_segment(2, 1, finish=False)
    overwrite(path, builder.offsets[2][0] + 70, b"????")
    damaged = path.read_bytes()
    found = recover(tmp_path, repair=True)
    assert sequences(found) == [1, 3, 4, 5, 6]
    assert read_envelopes(found) == [make_envelope(number) for number in (1, 3, 4, 5, 6)]
    assert [kept.read_bytes() for kept in (tmp_path / "quarantine").iterdir()] == [damaged]
    assert sequences(recover(tmp_path)) == [1, 3, 4, 5, 6]


def test_repair_of_the_newest_segment_ends_it(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 1, 1, finish=False)
    overwrite(path, builder.offsets[1][0] + 70, b"????")
    found = recover(tmp_path, repair=True)
    assert sequences(found) == [2]
    assert (found[0].ended, found[0].next_sequence) == (True, 3)


def test_repair_makes_a_damaged_header_anew(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 1)
    builder.write_segment(2, 2, finish=False)
    overwrite(path, 10, b"????")
    with pytest.raises(JournalDamaged, match="its header is damaged"):
        recover(tmp_path)
    found = recover(tmp_path, repair=True)
    assert read_envelopes(found) == [make_envelope(number) for number in (1, 2, 3)]


def test_a_mended_segment_is_damaged_again_like_any(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 2, 3)
    overwrite(path, builder.offsets[2][0] + 70, b"????")
    recover(tmp_path, repair=True)
    overwrite(path, path.stat().st_size - HEADER_BYTES - 1, b"?")
    with pytest.raises(JournalDamaged):
        recover(tmp_path)


def test_a_segment_of_another_journal_is_refused(builder: JournalBuilder, tmp_path: Path) -> None:
    builder.write_segment(1, 1)
    with pytest.raises(JournalDamaged, match="another journal"):
        recover_segments(tmp_path, b"k" * 16, repair=False)
    assert sequences(recover_segments(tmp_path, b"k" * 16, repair=True)) == []


def test_a_renamed_segment_is_refused(builder: JournalBuilder, tmp_path: Path) -> None:
    builder.write_segment(1, 1).rename(segment_path(tmp_path, 9))
    with pytest.raises(JournalDamaged, match="another journal or place"):
        recover(tmp_path)


def test_frames_cut_out_between_others_are_missed(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 3, finish=False)
    offset, size_bytes = builder.offsets[2]
    content = path.read_bytes()
    path.write_bytes(content[:offset] + content[offset + size_bytes :])
    with pytest.raises(JournalDamaged):
        recover(tmp_path)


@pytest.mark.parametrize("size_bytes", [0, 1, SEGMENT_HEADER_BYTES - 1])
def test_a_segment_cut_in_its_header_is_begun_again(
    builder: JournalBuilder, tmp_path: Path, size_bytes: int
) -> None:
    builder.write_segment(1, 2)
    path = builder.write_segment(2, finish=False)
    with path.open("r+b") as file:
        file.truncate(size_bytes)
    found = recover(tmp_path)
    assert sequences(found) == [1, 2]
    assert [segment.index.header.number for segment in found] == [1, 3]
    assert found[-1].next_sequence == 3
    assert not path.exists()


def test_rubbish_behind_an_end_mark_is_cut_off(builder: JournalBuilder, tmp_path: Path) -> None:
    path = builder.write_segment(1, 1)
    size_bytes = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"KFRM rubbish")
    found = recover(tmp_path)
    assert sequences(found) == [1]
    assert found[0].ended
    assert path.stat().st_size == size_bytes
