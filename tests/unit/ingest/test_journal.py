"""The journal as its users see it: append, acknowledge, read, settle, survive."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.base.sealing import SealBroken
from kelp.ingest.journal import (
    BacklogLimits,
    FrameRef,
    Journal,
    JournalDamaged,
    JournalLimits,
    PendingFrame,
)
from kelp.ingest.journal import journal as journal_module
from tests.unit.ingest.samples import (
    OTHER_WORKSPACE,
    START,
    WORKSPACE,
    MemoryKeys,
    TurnedClock,
    make_envelope,
)

Opener = Callable[..., Journal]


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def open_journal(tmp_path: Path, keys: MemoryKeys, clock: TurnedClock) -> Iterator[Opener]:
    opened: list[Journal] = []

    def open_(
        limits: JournalLimits | None = None, directory: Path = tmp_path / "journal", repair: bool = False
    ) -> Journal:
        opened.append(Journal.open(directory, keys, clock, limits, repair=repair))
        return opened[-1]

    yield open_
    for journal in opened:
        journal.close()


def list_refs(journal: Journal) -> list[FrameRef]:
    return [
        FrameRef(segment, frame.sequence)
        for segment in journal.list_segments()
        for frame in journal.list_frames(segment)
    ]


def list_files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


async def append_all(journal: Journal, numbers: range) -> list[FrameRef]:
    return list(await asyncio.gather(*[journal.append(make_envelope(number)) for number in numbers]))


async def test_an_acknowledged_envelope_can_be_read(open_journal: Opener) -> None:
    journal = open_journal()
    ref = await journal.append(make_envelope(1))
    assert ref == FrameRef(1, 1)
    assert journal.read(ref) == make_envelope(1)


@pytest.mark.parametrize("cached_bytes", [0, 2**20], ids=["from disk", "from memory"])
async def test_frames_come_back_in_order(open_journal: Opener, cached_bytes: int) -> None:
    journal = open_journal(JournalLimits(cached_bytes=cached_bytes))
    refs = await append_all(journal, range(100))
    assert refs == sorted(refs)
    assert [journal.read(ref) for ref in refs] == [make_envelope(number) for number in range(100)]


async def test_pending_frames_are_taken_once(open_journal: Opener) -> None:
    journal = open_journal()
    envelope = make_envelope(1)
    ref = await journal.append(envelope)
    expected = PendingFrame(
        ref, WORKSPACE, envelope.kind, envelope.route, envelope.stream, START, len(envelope.body)
    )
    assert journal.take_pending(0) == [expected]
    assert journal.take_pending(0) == []
    assert journal.describe(ref) == expected


async def test_a_waiting_writer_is_woken(open_journal: Opener) -> None:
    journal = open_journal()
    taken = asyncio.get_running_loop().run_in_executor(None, journal.take_pending)
    ref = await journal.append(make_envelope(1))
    assert [frame.ref for frame in await taken] == [ref]
    taken = asyncio.get_running_loop().run_in_executor(None, journal.take_pending)
    await asyncio.to_thread(journal.close)
    assert await taken == []


async def test_frames_survive_a_restart(open_journal: Opener) -> None:
    journal = open_journal()
    refs = await append_all(journal, range(5))
    journal.close()
    again = open_journal()
    assert list_refs(again) == refs
    assert [again.read(ref) for ref in refs] == [make_envelope(number) for number in range(5)]
    assert again.journal_id == journal.journal_id
    assert again.take_pending(0) == []


async def test_names_go_on_after_restarts(open_journal: Opener) -> None:
    refs = []
    for number in range(4):
        journal = open_journal()
        refs.append(await journal.append(make_envelope(number)))
        journal.close()
    assert refs == [FrameRef(number, number) for number in range(1, 5)]


async def test_a_released_name_never_comes_again(open_journal: Opener) -> None:
    journal = open_journal()
    refs = await append_all(journal, range(3))
    journal.settle(refs)
    journal.rotate()
    journal.delete_segment(1)
    journal.close()
    assert await open_journal().append(make_envelope(9)) == FrameRef(3, 4)


def test_opening_and_closing_leaves_no_segments(open_journal: Opener) -> None:
    for _ in range(3):
        open_journal().close()
    assert open_journal().list_segments() == []


async def test_full_segments_are_followed_by_others(open_journal: Opener) -> None:
    journal = open_journal(JournalLimits(segment_bytes=1000))
    refs = [await journal.append(make_envelope(number)) for number in range(20)]
    assert len({ref.segment for ref in refs}) > 3
    assert [ref.sequence for ref in refs] == list(range(1, 21))
    journal.close()
    again = open_journal()
    assert [again.read(ref) for ref in refs] == [make_envelope(number) for number in range(20)]


async def test_rotation_leaves_an_empty_segment_alone(open_journal: Opener) -> None:
    journal = open_journal()
    await journal.append(make_envelope(1))
    journal.rotate()
    journal.rotate()
    assert journal.list_segments() == [1, 2]


async def test_a_thousand_tasks(open_journal: Opener, keys: MemoryKeys) -> None:
    journal = open_journal(JournalLimits(segment_bytes=100_000))
    keys.rotate(OTHER_WORKSPACE, double_encryption=True)

    async def append(number: int) -> FrameRef:
        workspace = WORKSPACE if number % 3 else OTHER_WORKSPACE
        return await journal.append(make_envelope(number, workspace_id=workspace))

    refs = await asyncio.gather(*[append(number) for number in range(1000)])
    assert len(set(refs)) == 1000
    assert len(journal.take_pending(0)) == 1000
    journal.close()
    again = open_journal()
    assert [again.read(ref).frame_id.int for ref in refs] == list(range(1000))


async def test_several_loops_may_append(open_journal: Opener) -> None:
    journal = open_journal()
    found: list[FrameRef] = []

    def run(start: int) -> None:
        found.extend(asyncio.run(append_all(journal, range(start, start + 50))))

    threads = [threading.Thread(target=run, args=(start,)) for start in (0, 50, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert sorted(journal.read(ref).frame_id.int for ref in found) == list(range(150))


async def test_a_cancelled_request_disturbs_nobody(open_journal: Opener) -> None:
    journal = open_journal()
    first, second = journal.append(make_envelope(1)), journal.append(make_envelope(2))
    first.cancel()
    assert journal.read(await second) == make_envelope(2)


async def test_a_closed_journal_takes_nothing(open_journal: Opener) -> None:
    journal = open_journal()
    waiting = journal.append(make_envelope(1))
    journal.close()
    journal.close()
    assert await waiting == FrameRef(1, 1)
    for ask in (lambda: journal.append(make_envelope(2)), journal.rotate):
        with pytest.raises(ServiceError) as caught:
            ask()
        assert caught.value.category is Category.UNAVAILABLE
    assert journal.measure_backlog(WORKSPACE).frames == 1


async def test_only_one_process_may_open_it(open_journal: Opener) -> None:
    open_journal()
    with pytest.raises(ServiceError) as caught:
        open_journal()
    assert caught.value.category is Category.CONFLICT


async def test_an_enormous_body_is_refused(open_journal: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAXIMUM_BODY_BYTES", 10)
    with pytest.raises(ServiceError) as caught:
        open_journal().append(make_envelope(body=b"x" * 11))
    assert caught.value.category is Category.TOO_LARGE


async def test_a_bad_envelope_fails_alone(open_journal: Opener) -> None:
    journal = open_journal()
    with pytest.raises(ServiceError):
        journal.append(make_envelope(1, route="\udfff"))
    assert journal.measure_backlog().frames == 0
    assert journal.read(await journal.append(make_envelope(2))) == make_envelope(2)


async def test_a_missing_key_fails_its_workspace_alone(open_journal: Opener, keys: MemoryKeys) -> None:
    journal = open_journal()
    keys.withheld.add(OTHER_WORKSPACE)
    answers = await asyncio.gather(
        *[
            journal.append(make_envelope(number, workspace_id=(WORKSPACE, OTHER_WORKSPACE)[number % 2]))
            for number in range(10)
        ],
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, ServiceError)]
    assert [error.category for error in refused] == [Category.UNAVAILABLE] * 5
    assert journal.measure_backlog(OTHER_WORKSPACE).frames == 0
    assert [ref.sequence for ref in list_refs(journal)] == [1, 2, 3, 4, 5]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_nobody_waits_for_a_thread_that_died(open_journal: Opener, keys: MemoryKeys) -> None:
    journal = open_journal()
    ref = await journal.append(make_envelope(1))
    keys.break_down()
    with pytest.raises(ServiceError) as caught:
        await journal.append(make_envelope(2))
    assert caught.value.category is Category.UNAVAILABLE
    with pytest.raises(ServiceError):
        await asyncio.wait_for(asyncio.ensure_future(journal.append(make_envelope(3))), 10)
    assert journal.read(ref) == make_envelope(1)


async def test_it_opens_and_counts_without_keys(open_journal: Opener, keys: MemoryKeys) -> None:
    journal = open_journal()
    ref = await journal.append(make_envelope(1))
    journal.close()
    keys.withheld.add(WORKSPACE)
    again = open_journal()
    assert again.measure_backlog(WORKSPACE).frames == 1
    with pytest.raises(ServiceError) as caught:
        again.read(ref)
    assert caught.value.category is Category.UNAVAILABLE
    keys.withheld.clear()
    assert again.read(ref) == make_envelope(1)


async def test_older_frames_open_after_a_key_rotation(open_journal: Opener, keys: MemoryKeys) -> None:
    journal = open_journal(JournalLimits(cached_bytes=0))
    first = await journal.append(make_envelope(1))
    keys.rotate(WORKSPACE, double_encryption=True)
    second = await journal.append(make_envelope(2))
    assert [journal.read(ref) for ref in (first, second)] == [make_envelope(1), make_envelope(2)]


async def test_no_file_shows_plain_text_or_keys(
    open_journal: Opener, keys: MemoryKeys, tmp_path: Path
) -> None:
    journal = open_journal()
    await journal.append(make_envelope(1))
    keys.rotate(WORKSPACE, double_encryption=True)
    await journal.append(make_envelope(2))
    journal.close()
    files = list_files(tmp_path)
    written = b"".join(path.read_bytes() for path in files)
    assert b"secret" not in written.lower()
    for version in (1, 2):
        assert keys.get_data_key(WORKSPACE, version).secret not in written
    assert not [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]


async def test_a_wrong_key_opens_nothing(open_journal: Opener, tmp_path: Path, clock: TurnedClock) -> None:
    class OtherKeys(MemoryKeys):
        def get_data_key(self, workspace_id: object, version: int) -> object:  # type: ignore[override]
            return super().get_data_key(OTHER_WORKSPACE, version)

    journal = open_journal()
    ref = await journal.append(make_envelope(1))
    journal.close()
    again = Journal.open(tmp_path / "journal", OtherKeys(), clock)  # type: ignore[arg-type]
    with pytest.raises(SealBroken):
        again.read(ref)
    again.close()


async def test_a_frame_that_changed_while_open_is_seen(open_journal: Opener, tmp_path: Path) -> None:
    journal = open_journal(JournalLimits(cached_bytes=0))
    ref = await journal.append(make_envelope(1))
    path = next((tmp_path / "journal").glob("*.log"))
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(JournalDamaged, match="segment 1, frame 1"):
        journal.read(ref)


async def test_damage_is_refused_and_the_directory_free_again(open_journal: Opener, tmp_path: Path) -> None:
    journal = open_journal()
    refs = await append_all(journal, range(3))
    journal.close()
    path = next((tmp_path / "journal").glob("*.log"))
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(JournalDamaged, match=path.name):
            open_journal()
    again = open_journal(repair=True)
    assert list_refs(again) == refs[1:]
    assert await again.append(make_envelope(9)) == FrameRef(2, 4)


async def test_forgotten_bodies_need_their_key(open_journal: Opener, keys: MemoryKeys) -> None:
    journal = open_journal()
    ref = await journal.append(make_envelope(1))
    other = await journal.append(make_envelope(2, workspace_id=OTHER_WORKSPACE))
    keys.withheld.update((WORKSPACE, OTHER_WORKSPACE))
    assert journal.read(ref) == make_envelope(1)
    journal.forget(WORKSPACE)
    with pytest.raises(ServiceError):
        journal.read(ref)
    assert journal.read(other).workspace_id == OTHER_WORKSPACE


async def test_a_segment_that_vanished_is_unavailable(open_journal: Opener, tmp_path: Path) -> None:
    journal = open_journal(JournalLimits(cached_bytes=0))
    ref = await journal.append(make_envelope(1))
    (tmp_path / "journal" / "0000000001.log").unlink()
    with pytest.raises(ServiceError) as caught:
        journal.read(ref)
    assert caught.value.category is Category.UNAVAILABLE


async def test_a_lost_identity_is_refused(open_journal: Opener, tmp_path: Path) -> None:
    journal = open_journal()
    await journal.append(make_envelope(1))
    journal.close()
    (tmp_path / "journal" / "identity.json").unlink()
    with pytest.raises(JournalDamaged, match=r"identity\.json"):
        open_journal()


async def test_settled_frames_leave_the_backlog(open_journal: Opener) -> None:
    journal = open_journal()
    refs = await append_all(journal, range(4))
    assert journal.measure_backlog().frames == 4
    journal.settle([*refs[:3], refs[0], FrameRef(99, 99), FrameRef(1, 99)])
    assert journal.measure_backlog().frames == 1
    journal.settle(refs)
    assert journal.measure_backlog().size_bytes == 0
    assert journal.read(refs[0]) == make_envelope(0)


async def test_a_rewritten_segment_keeps_what_is_not_settled(open_journal: Opener, tmp_path: Path) -> None:
    journal = open_journal(JournalLimits(cached_bytes=0))
    refs = await append_all(journal, range(6))
    journal.rotate()
    before = (tmp_path / "journal" / "0000000001.log").stat().st_size
    journal.settle(refs[:4])
    journal.rewrite_segment(1, {ref.sequence for ref in (refs[0], refs[1], refs[3], refs[5])})
    assert (tmp_path / "journal" / "0000000001.log").stat().st_size < before
    kept = [refs[2], refs[4], refs[5]]
    assert list_refs(journal) == kept
    assert journal.measure_backlog().frames == 2
    journal.close()
    again = open_journal()
    assert list_refs(again) == kept
    assert [again.read(ref).frame_id.int for ref in kept] == [2, 4, 5]
    with pytest.raises(ServiceError) as caught:
        again.read(refs[0])
    assert caught.value.category is Category.NOT_FOUND


async def test_the_backlog_is_counted_again_at_a_restart(open_journal: Opener, clock: TurnedClock) -> None:
    journal = open_journal()
    await append_all(journal, range(3))
    journal.close()
    again = open_journal()
    backlog = again.measure_backlog(WORKSPACE)
    assert backlog.frames == 3
    assert backlog.oldest_at is not None
    assert 0 <= (START - backlog.oldest_at).total_seconds() < 10
    again.settle(list_refs(again))
    assert again.measure_backlog() == again.measure_backlog(WORKSPACE)
    assert again.measure_backlog().frames == 0


async def test_a_full_backlog_is_told_beforehand(open_journal: Opener) -> None:
    limits = JournalLimits(backlog=BacklogLimits(workspace_bytes=2000, total_bytes=1_000_000))
    journal = open_journal(limits)
    journal.can_accept(WORKSPACE, 1000)
    waiting = journal.append(make_envelope(1, body=b"x" * 1000))
    with pytest.raises(ServiceError) as caught:
        journal.can_accept(WORKSPACE, 1000)
    assert caught.value.category is Category.THROTTLED
    assert caught.value.retry_after_seconds
    journal.can_accept(OTHER_WORKSPACE, 1000)
    journal.settle([await waiting])
    journal.can_accept(WORKSPACE, 1000)


@pytest.fixture
def file_size_limit() -> Iterator[Callable[[int], None]]:
    """Let writes beyond a file size fail, as on a full disk. Takes effect in the whole process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size_bytes: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


async def test_a_full_disk_loses_nothing_acknowledged(
    open_journal: Opener, file_size_limit: Callable[[int], None], tmp_path: Path
) -> None:
    journal = open_journal()
    refs = await append_all(journal, range(3))
    path = tmp_path / "journal" / "0000000001.log"
    size_bytes = path.stat().st_size
    file_size_limit(size_bytes + 100)  # room for a part of the next frame
    answers = await asyncio.gather(
        *[journal.append(make_envelope(number)) for number in range(3, 6)], return_exceptions=True
    )
    assert [getattr(answer, "category", None) for answer in answers] == [Category.UNAVAILABLE] * 3
    assert all(getattr(answer, "retry_after_seconds", None) for answer in answers)
    assert path.stat().st_size == size_bytes
    assert journal.measure_backlog().frames == 3
    assert [journal.read(ref).frame_id.int for ref in refs] == [0, 1, 2]
    file_size_limit(resource.RLIM_INFINITY)
    refs += await append_all(journal, range(6, 8))
    assert [ref.sequence for ref in refs] == [1, 2, 3, 4, 5]
    journal.close()
    again = open_journal()
    assert [again.read(ref).frame_id.int for ref in list_refs(again)] == [0, 1, 2, 6, 7]


async def test_a_disk_that_is_full_from_the_start(
    open_journal: Opener, file_size_limit: Callable[[int], None], tmp_path: Path
) -> None:
    """Not even a segment can be made, nor one closed; both are tried again."""
    journal = open_journal(JournalLimits(segment_bytes=200))
    file_size_limit(10)
    with pytest.raises(ServiceError):
        await journal.append(make_envelope(1))
    assert journal.list_segments() == []
    file_size_limit(resource.RLIM_INFINITY)
    ref = await journal.append(make_envelope(2))
    file_size_limit((tmp_path / "journal" / "0000000001.log").stat().st_size)
    with pytest.raises(ServiceError):
        await journal.append(make_envelope(3))
    with pytest.raises(ServiceError):
        journal.rotate()
    file_size_limit(resource.RLIM_INFINITY)
    assert await journal.append(make_envelope(4)) == FrameRef(2, 2)
    assert ref == FrameRef(1, 1)


async def test_it_closes_on_a_full_disk(
    open_journal: Opener, file_size_limit: Callable[[int], None], tmp_path: Path
) -> None:
    journal = open_journal()
    ref = await journal.append(make_envelope(1))
    file_size_limit((tmp_path / "journal" / "0000000001.log").stat().st_size)
    journal.close()
    file_size_limit(resource.RLIM_INFINITY)
    again = open_journal()
    assert again.read(ref) == make_envelope(1)
    assert await again.append(make_envelope(2)) == FrameRef(2, 2)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount 256 KB."""
    mount_point = tmp_path / "small"
    mount_point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "kelp-test", str(mount_point)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here; a limit on the size of files stands in for it")
    yield mount_point
    subprocess.run(["umount", str(mount_point)], check=True)


async def test_a_disk_that_is_really_full(open_journal: Opener, small_disk: Path) -> None:
    journal = open_journal(directory=small_disk / "journal")
    answers = [await append_outcome(journal, number) for number in range(100)]
    acknowledged = [answer for answer in answers if isinstance(answer, FrameRef)]
    refused = [answer for answer in answers if isinstance(answer, ServiceError)]
    assert len(acknowledged) > 20
    assert {error.category for error in refused} == {Category.UNAVAILABLE}
    journal.close()
    again = open_journal(directory=small_disk / "journal")
    assert list_refs(again) == acknowledged
    assert [again.read(ref).frame_id.int for ref in acknowledged] == list(range(len(acknowledged)))
    again.close()


async def append_outcome(journal: Journal, number: int) -> FrameRef | ServiceError:
    try:
        return await journal.append(make_envelope(number, body=b"x" * 5000))
    except ServiceError as error:
        return error
