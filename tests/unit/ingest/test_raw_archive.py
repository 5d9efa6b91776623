"""Archived envelopes come back, each once, by the time of their receipt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kelp.blobs import FilesystemBlobs, SealedBlobs
from kelp.ingest import raw_archive
from kelp.ingest.journal import Envelope
from kelp.ingest.raw_archive import RawArchive
from tests.unit.ingest.samples import OTHER_WORKSPACE, START, WORKSPACE, MemoryKeys, make_envelope

DAY = timedelta(days=1)
EVER = (START - 100 * DAY, START + 100 * DAY)


@pytest.fixture
def store(tmp_path: Path) -> FilesystemBlobs:
    return FilesystemBlobs(tmp_path)


@pytest.fixture
def archive(store: FilesystemBlobs) -> RawArchive:
    return RawArchive(SealedBlobs(store, MemoryKeys()), UUID(int=1))


def number(numbers: Iterable[int], **fields: datetime) -> list[tuple[int, Envelope]]:
    return [(sequence, make_envelope(sequence, **fields)) for sequence in numbers]  # type: ignore[arg-type]


def list_numbers(
    archive: RawArchive, since: datetime, until: datetime, workspace_id: UUID = WORKSPACE
) -> list[int]:
    return [envelope.frame_id.int for envelope in archive.iter_archived(workspace_id, since, until)]


def test_envelopes_come_back_exactly(archive: RawArchive) -> None:
    assert archive.store(WORKSPACE, 1, number(range(5))) == 1
    assert list(archive.iter_archived(WORKSPACE, *EVER)) == [make_envelope(sequence) for sequence in range(5)]
    assert list(archive.iter_archived(OTHER_WORKSPACE, *EVER)) == []


def test_days_have_blobs_of_their_own(archive: RawArchive, store: FilesystemBlobs) -> None:
    moments = [START, START + timedelta(minutes=2), START + DAY]
    frames = [(n, make_envelope(n, received_at=moment)) for n, moment in enumerate(moments)]
    assert archive.store(WORKSPACE, 7, frames) == 2
    keys = [entry.key.split("/", 2)[2] for entry in store.iter_entries("")]
    assert keys == [
        "raw/2026-03-01/00000000000000000000000000000001-0000000007-0000000000000000-0000000000000000",
        "raw/2026-03-02/00000000000000000000000000000001-0000000007-0000000000000001-0000000000000002",
    ]


def test_a_period_has_its_first_moment_and_not_its_last(archive: RawArchive) -> None:
    moments = [START + timedelta(seconds=seconds) for seconds in (0, 59, 60, 120)]
    archive.store(
        WORKSPACE, 1, [(n, make_envelope(n, received_at=moment)) for n, moment in enumerate(moments)]
    )
    assert list_numbers(archive, moments[0], moments[3]) == [0, 1, 2]
    assert list_numbers(archive, moments[1], moments[2]) == [1]
    assert list_numbers(archive, moments[3], moments[3]) == []
    assert list_numbers(archive, moments[2], START + DAY) == [2, 3]


def test_a_frame_in_two_blobs_is_seen_once(archive: RawArchive) -> None:
    archive.store(WORKSPACE, 1, number((1, 2, 3)))
    archive.store(WORKSPACE, 1, number((1, 2, 3, 4)))
    archive.store(WORKSPACE, 1, number((2, 3)))
    archive.store(WORKSPACE, 2, number((3,)))
    assert list_numbers(archive, *EVER) == [1, 2, 3, 4, 3]


def test_journals_share_a_workspace(archive: RawArchive, store: FilesystemBlobs) -> None:
    other = RawArchive(SealedBlobs(store, MemoryKeys()), UUID(int=2))
    archive.store(WORKSPACE, 1, number((1, 2)))
    other.store(WORKSPACE, 1, number((1, 2)))
    assert list_numbers(archive, *EVER) == [1, 2, 1, 2]


def test_large_frames_are_spread_over_blobs(archive: RawArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_archive, "_BLOB_BYTES", 400)
    assert archive.store(WORKSPACE, 1, number(range(10))) > 2
    assert list_numbers(archive, *EVER) == list(range(10))


def test_archives_are_compressed_and_sealed(archive: RawArchive, store: FilesystemBlobs) -> None:
    archive.store(WORKSPACE, 1, [(1, make_envelope(body=b"secretbody " * 10_000))])
    (entry,) = store.iter_entries("")
    assert entry.size_bytes < 2_000
    assert b"secret" not in store.get(entry.key)


def test_old_days_are_deleted(archive: RawArchive) -> None:
    for days in (0, 1, 2):
        archive.store(WORKSPACE, 1, number([days], received_at=START + days * DAY))
    archive.store(OTHER_WORKSPACE, 1, [(1, make_envelope(9, workspace_id=OTHER_WORKSPACE))])
    assert archive.delete_before(WORKSPACE, date(2026, 3, 3)) == 2
    assert list_numbers(archive, *EVER) == [2]
    assert list_numbers(archive, *EVER, OTHER_WORKSPACE) == [9]


def test_time_zones_name_the_same_moment(archive: RawArchive) -> None:
    archive.store(WORKSPACE, 1, number([1]))
    assert list_numbers(archive, START.astimezone(UTC), START + timedelta(microseconds=1)) == [1]
