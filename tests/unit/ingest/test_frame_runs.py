"""Runs name the same frames in fewer words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kelp.ingest.frame_runs import decode_runs, encode_by_segment, iter_runs
from kelp.ingest.journal import FrameRef

frame_lists = st.lists(st.builds(FrameRef, st.integers(1, 4), st.integers(1, 60)), unique=True)


@given(frame_lists)
def test_runs_keep_the_order(frames: list[FrameRef]) -> None:
    assert [FrameRef(segment, sequence) for segment, run in iter_runs(frames) for sequence in run] == frames


@given(frame_lists)
def test_encoded_runs_come_back_sorted(frames: list[FrameRef]) -> None:
    found = [
        FrameRef(segment, sequence)
        for segment, runs in encode_by_segment(frames)
        for run in decode_runs(runs)
        for sequence in run
    ]
    assert found == sorted(frames)


def test_successive_frames_are_one_run() -> None:
    frames = [FrameRef(1, sequence) for sequence in range(1, 100_001)]
    ((segment, runs),) = encode_by_segment(frames)
    assert (segment, decode_runs(runs)) == (1, (range(1, 100_001),))
    assert len(runs) < 20
