"""Whose turn it is: flush intervals, fairness between workspaces, one load of an origin at a time."""

from __future__ import annotations

from uuid import UUID

from kelp.base.ids import WorkspaceId
from kelp.ingest.backlog_queue import BacklogQueue
from kelp.ingest.flow import Origin
from kelp.ingest.journal import EnvelopeKind, FrameRef, PendingFrame
from tests.unit.ingest.samples import START

FLUSH_SECONDS, FLUSH_BYTES = 1.0, 1_000


def origin(workspace: int, stream: str = "s") -> Origin:
    return Origin(WorkspaceId(UUID(int=workspace)), EnvelopeKind.LOGS_INGESTION, "dcr", stream)


def frames(of: Origin, count: int = 1, body_bytes: int = 1) -> list[PendingFrame]:
    return [
        PendingFrame(FrameRef(1, number), of.workspace_id, of.kind, of.route, of.stream, START, body_bytes)
        for number in range(count)
    ]


def make_queue(concurrent_loads: int = 2) -> BacklogQueue:
    return BacklogQueue(FLUSH_SECONDS, FLUSH_BYTES, concurrent_loads)


def take(queue: BacklogQueue, now: float, *held: Origin, everything: bool = False) -> Origin | None:
    taken = queue.take(now, is_held=lambda one: one in held, everything=everything)
    return taken[0] if taken else None


def test_a_frame_waits_for_others_until_the_interval_is_over() -> None:
    queue = make_queue()
    queue.add(origin(1), frames(origin(1)), 0.0)
    assert take(queue, 0.9) is None
    queue.add(origin(1), frames(origin(1)), 0.95)
    assert take(queue, 1.0) == origin(1)
    assert len(queue) == 1
    queue.finish(origin(1))
    assert len(queue) == 0


def test_many_bytes_or_a_drain_do_not_wait() -> None:
    queue = make_queue()
    queue.add(origin(1), frames(origin(1), 2, FLUSH_BYTES // 2), 0.0)
    assert take(queue, 0.0) == origin(1)
    queue.add(origin(2), frames(origin(2)), 0.0)
    assert take(queue, 0.0) is None
    assert take(queue, 0.0, everything=True) == origin(2)


def test_an_origin_is_loaded_once_at_a_time() -> None:
    queue = make_queue()
    queue.add(origin(1), frames(origin(1)), 0.0)
    assert take(queue, 2.0) == origin(1)
    queue.add(origin(1), frames(origin(1)), 2.0)
    assert take(queue, 9.0) is None
    queue.finish(origin(1))
    assert take(queue, 9.0) == origin(1)


def test_a_workspace_with_many_streams_does_not_go_before_one_with_few() -> None:
    queue = make_queue()
    for number in range(10):
        queue.add(origin(1, f"s{number}"), frames(origin(1, f"s{number}")), 0.0)
    queue.add(origin(2), frames(origin(2)), 5.0)
    order = []
    while (taken := take(queue, 10.0)) is not None:
        order.append(taken.workspace_id)
        queue.finish(taken)
    assert order.index(origin(2).workspace_id) <= 1


def test_a_workspace_that_is_being_loaded_comes_after_one_that_is_not() -> None:
    queue = make_queue()
    for number in range(3):
        queue.add(origin(1, f"s{number}"), frames(origin(1, f"s{number}")), 0.0)
        queue.add(origin(2, f"s{number}"), frames(origin(2, f"s{number}")), 0.0)
    first, second = take(queue, 10.0), take(queue, 10.0)
    assert first is not None
    assert second is not None
    assert first.workspace_id != second.workspace_id


def test_many_busy_tables_wait_longer() -> None:
    queue = make_queue(concurrent_loads=1)
    for number in range(500):
        queue.add(origin(1, f"s{number}"), frames(origin(1, f"s{number}")), 0.0)
    assert take(queue, 2.0) is None
    assert take(queue, 20.0) is not None


def test_frames_that_could_not_be_loaded_come_back_first_and_after_their_time() -> None:
    queue = make_queue()
    queue.add(origin(1), frames(origin(1), 2), 0.0)
    taken = queue.take(2.0, is_held=lambda _: False)
    assert taken is not None
    queue.add(origin(1), frames(origin(1), 3)[2:], 2.0)
    queue.put_back(origin(1), taken[1], taken[2])
    queue.finish(origin(1), not_before=7.0)
    assert take(queue, 6.0) is None
    again = queue.take(7.0, is_held=lambda _: False)
    assert again is not None
    assert [frame.ref.sequence for frame in again[1]] == [0, 1, 2]


def test_held_origins_are_passed_over() -> None:
    queue = make_queue()
    queue.add(origin(1), frames(origin(1)), 0.0)
    queue.add(origin(2), frames(origin(2)), 0.0)
    assert take(queue, 2.0, origin(1)) == origin(2)
    assert take(queue, 2.0, origin(1)) is None
    assert take(queue, 2.0) == origin(1)
