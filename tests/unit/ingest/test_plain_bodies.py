"""Unpacked bodies are kept within a budget, and dropped when nobody may have them any more."""

from __future__ import annotations

from kelp.ingest.journal import FrameRef
from kelp.ingest.plain_bodies import PlainBodies
from tests.unit.ingest.samples import OTHER_WORKSPACE, WORKSPACE

FIRST, SECOND, THIRD = FrameRef(1, 1), FrameRef(1, 2), FrameRef(1, 3)


def test_a_body_is_taken_once() -> None:
    bodies = PlainBodies(10)
    bodies.put(FIRST, WORKSPACE, b"12345")
    assert bodies.take(FIRST) == b"12345"
    assert bodies.take(FIRST) is None


def test_there_is_room_for_the_budget() -> None:
    bodies = PlainBodies(10)
    bodies.put(FIRST, WORKSPACE, b"123456")
    bodies.put(SECOND, WORKSPACE, b"123456")
    assert bodies.take(SECOND) is None
    bodies.drop([FIRST, THIRD])
    bodies.put(THIRD, WORKSPACE, b"1234567890")
    assert bodies.take(THIRD) == b"1234567890"


def test_a_workspace_is_forgotten() -> None:
    bodies = PlainBodies(10)
    bodies.put(FIRST, WORKSPACE, b"1")
    bodies.put(SECOND, OTHER_WORKSPACE, b"2")
    bodies.forget(WORKSPACE)
    assert bodies.take(FIRST) is None
    assert bodies.take(SECOND) == b"2"
