"""A frame gives its envelope back to who has the key, and shows nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.base.keys import DataKey
from kelp.base.sealing import SealBroken
from kelp.ingest.journal import Envelope, JournalDamaged
from kelp.ingest.journal.frame import (
    HEADER_BYTES,
    decode_content,
    encode_end_mark,
    encode_frame,
    encode_metadata,
    from_microseconds,
    open_frame,
    read_header,
    rebase_frame,
    to_microseconds,
)
from tests.unit.ingest.samples import OTHER_WORKSPACE, WORKSPACE, make_envelope, make_key

KEY = make_key(WORKSPACE, 3)
JOURNAL = b"j" * 16


def encode(envelope: Envelope, key: DataKey = KEY, *, segment: int = 5, sequence: int = 9) -> bytes:
    return encode_frame(
        envelope.workspace_id,
        to_microseconds(envelope.received_at),
        encode_metadata(envelope) + envelope.body,
        key,
        journal_id=JOURNAL,
        segment=segment,
        sequence=sequence,
        batch_offset=44,
    )


def test_an_envelope_comes_back_with_every_field() -> None:
    envelope = make_envelope(7)
    assert open_frame(encode(envelope), KEY, journal_id=JOURNAL) == envelope


def test_headers_are_read_without_a_key() -> None:
    frame = encode(make_envelope(7))
    header = read_header(b"before" + frame + b"after", 6)
    assert header is not None
    assert (header.segment, header.sequence, header.key_version, header.batch_offset) == (5, 9, 3, 44)
    assert header.workspace_id == WORKSPACE
    assert header.frame_bytes == len(frame)
    assert not header.is_end_mark


def test_nothing_of_the_envelope_shows() -> None:
    frame = encode(make_envelope(7))
    assert b"secret" not in frame.lower()
    assert b"gzip" not in frame


@pytest.mark.parametrize("length", [0, 1, HEADER_BYTES - 1, HEADER_BYTES, -1])
def test_a_cut_frame_is_none(length: int) -> None:
    assert read_header(encode(make_envelope())[:length]) is None


def test_every_byte_counts() -> None:
    frame = encode(make_envelope(body=b"x"))
    for position in range(len(frame)):
        altered = bytearray(frame)
        altered[position] ^= 0x40
        assert read_header(bytes(altered)) is None
        with pytest.raises(JournalDamaged):
            open_frame(bytes(altered), KEY, journal_id=JOURNAL)


@pytest.mark.parametrize(("segment", "sequence"), [(6, 9), (5, 10)])
def test_a_frame_does_not_open_in_another_place(segment: int, sequence: int) -> None:
    """Not even where somebody made the checksum fit."""
    envelope = make_envelope()
    frame, other = encode(envelope), encode(envelope, segment=segment, sequence=sequence)
    forged = rebase_frame(other[:HEADER_BYTES] + frame[HEADER_BYTES:], 44)
    assert read_header(forged) is not None
    with pytest.raises(SealBroken):
        open_frame(forged, KEY, journal_id=JOURNAL)


def test_a_frame_does_not_open_for_another_workspace_key_or_journal() -> None:
    envelope = make_envelope()
    frame = encode(envelope)
    other = encode(replace(envelope, workspace_id=OTHER_WORKSPACE))
    with pytest.raises(SealBroken):
        open_frame(rebase_frame(other[:HEADER_BYTES] + frame[HEADER_BYTES:], 44), KEY, journal_id=JOURNAL)
    with pytest.raises(SealBroken):
        open_frame(frame, make_key(OTHER_WORKSPACE, 3), journal_id=JOURNAL)
    with pytest.raises(SealBroken):
        open_frame(frame, KEY, journal_id=b"k" * 16)


def test_a_moved_frame_still_opens() -> None:
    envelope = make_envelope()
    moved = rebase_frame(encode(envelope), 1234)
    header = read_header(moved)
    assert header is not None
    assert header.batch_offset == 1234
    assert open_frame(moved, KEY, journal_id=JOURNAL) == envelope


def test_an_end_mark_is_told_from_a_frame() -> None:
    header = read_header(encode_end_mark(segment=5, next_sequence=10, offset=99))
    assert header is not None
    assert header.is_end_mark
    assert (header.segment, header.sequence, header.batch_offset) == (5, 10, 99)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x00\x00\x09abc", b"\x00\x00\x00\x01\x05", b"\xff\xff\xff\xff"]
)
def test_other_content_is_damage(content: bytes) -> None:
    with pytest.raises(JournalDamaged):
        decode_content(content, WORKSPACE, 0)


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(ServiceError) as caught:
        encode_metadata(make_envelope(route="\ud800"))
    assert caught.value.category is Category.INVALID


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_times_are_exact(moment: datetime) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment
