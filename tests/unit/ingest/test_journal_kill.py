"""A process that is killed at any moment has in its journal all that it acknowledged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kelp.ingest.journal import FrameRef, Journal
from tests.unit.ingest.samples import MemoryKeys, TurnedClock, make_envelope

ROOT = Path(__file__).parents[3]

PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from kelp.ingest.journal import Journal, JournalLimits
from tests.unit.ingest.samples import MemoryKeys, TurnedClock, make_envelope

async def append(journal, start):
    number = start
    while True:
        ref = await journal.append(make_envelope(number, body=b"x" * (number % 3000)))
        os.write(1, f"{number} {ref.segment} {ref.sequence}\\n".encode())
        number += 100

async def main():
    journal = Journal.open(Path(sys.argv[1]), MemoryKeys(), TurnedClock(), JournalLimits(segment_bytes=50_000))
    start = int(sys.argv[2])
    await asyncio.gather(*[append(journal, start + task) for task in range(100)])

asyncio.run(main())
"""


def run_and_kill(directory: Path, start: int, lines: int) -> list[tuple[int, FrameRef]]:
    """Let it acknowledge so many frames, kill it, and return all it acknowledged."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    command = [sys.executable, "-c", PROGRAM, str(directory), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as running:
        assert running.stdout is not None
        printed = [running.stdout.readline() for _ in range(lines)]
        running.send_signal(signal.SIGKILL)
        printed += running.stdout.readlines()
    assert running.returncode == -signal.SIGKILL
    found = [[int(word) for word in line.split()] for line in printed if line.endswith(b"\n")]
    assert len(found) >= lines
    return [(number, FrameRef(segment, sequence)) for number, segment, sequence in found]


@pytest.mark.timeout(110)
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    acknowledged: list[tuple[int, FrameRef]] = []
    for start, lines in ((0, 50), (1_000_000, 700), (2_000_000, 1500)):
        acknowledged += run_and_kill(directory, start, lines)
        journal = Journal.open(directory, MemoryKeys(), TurnedClock())
        for number, ref in acknowledged:
            assert journal.read(ref) == make_envelope(number, body=b"x" * (number % 3000))
        held = [journal.read(ref) for ref in list_refs(journal)]
        assert len({envelope.frame_id for envelope in held}) == len(held)
        assert all(envelope.body == b"x" * (envelope.frame_id.int % 3000) for envelope in held)
        journal.close()
    assert len({ref for _, ref in acknowledged}) == len(acknowledged)


def list_refs(journal: Journal) -> list[FrameRef]:
    return [
        FrameRef(segment, frame.sequence)
        for segment in journal.list_segments()
        for frame in journal.list_frames(segment)
    ]
