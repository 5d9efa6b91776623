"""One workspace is sent more than can be loaded: does memory stay within bounds, and do others flow?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

import uvloop

from benchmarks.bodies import iter_bodies
from benchmarks.dataset import make_dataset
from benchmarks.posting import Acknowledgements, Connection
from benchmarks.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bodies import Body
    from benchmarks.server import Workspace

_PORT = 18446
_SETTINGS = {
    "KELP_QUERY_REQUESTS_PER_CALLER": "1000000",
    # The backlog reaches its bound within the run.
    "KELP_INGEST_MAXIMUM_WORKSPACE_BACKLOG_BYTES": str(64 * 2**20),
}
_FLOOD_SECONDS = 60.0
_CONNECTIONS = 32
_OTHER_SECONDS = 0.25
_OTHER_RECORD = (
    b'[{"TimeGenerated": "2026-11-05T00:00:00Z", "Computer": "other", "SyslogMessage": "still here"}]'
)


@dataclass(frozen=True, slots=True)
class OverloadRun:
    """A minute of a flood into one workspace, and what another one, which sends four records a second, sees of it."""

    seconds: float
    accepted_rows: int
    found_rows: int
    refusals: int
    other_requests: int
    other_refusals: int
    other_p50_ms: float
    other_p99_ms: float
    other_found_rows: int
    peak_memory_bytes: int


def measure_overload(rows: int) -> OverloadRun:
    """Post as fast as the client can on many connections, with bodies of so many rows of the dataset, over and over."""
    bodies = list(iter_bodies(make_dataset(rows).json_lines))
    with Server("overload", _PORT, _SETTINGS) as server:
        server.start()
        return uvloop.run(_measure(server, bodies))


async def _measure(server: Server, bodies: list[Body]) -> OverloadRun:
    other = server.make_workspace("other")
    flooded_path, other_path = server.make_rule(), server.make_rule(other)
    connections = [await Connection.open(server, flooded_path, is_gzip=True) for _ in range(_CONNECTIONS)]
    other_connection = await Connection.open(server, other_path, is_gzip=False)
    started = time.perf_counter()
    waiting = cycle(bodies)
    floods = asyncio.gather(*(_flood(connection, waiting, started) for connection in connections))
    seen = await _send_steadily(other_connection, started)
    sent = await floods
    seconds = time.perf_counter() - started
    accepted = sum(rows for rows, _ in sent)
    found = await _count_when_loaded(server, server.workspace, accepted)
    other_found = await _count_when_loaded(server, other, len(seen.seconds))
    for connection in (*connections, other_connection):
        await connection.close()
    return OverloadRun(
        seconds=seconds,
        accepted_rows=accepted,
        found_rows=found,
        refusals=sum(refusals for _, refusals in sent),
        other_requests=len(seen.seconds),
        other_refusals=seen.refusals,
        other_p50_ms=seen.percentile(0.5),
        other_p99_ms=seen.percentile(0.99),
        other_found_rows=other_found,
        peak_memory_bytes=server.peak_memory_bytes(),
    )


async def _flood(connection: Connection, bodies: Iterator[Body], started: float) -> tuple[int, int]:
    """Return how many rows were accepted, and how often the server asked to come back later."""
    rows = refusals = 0
    while time.perf_counter() - started < _FLOOD_SECONDS:
        body = next(bodies)
        refusals += await connection.post(body.content)
        rows += body.rows
    return rows, refusals


async def _send_steadily(connection: Connection, started: float) -> Acknowledgements:
    seen = Acknowledgements()
    number = 0
    while (due := started + number * _OTHER_SECONDS) < started + _FLOOD_SECONDS:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        seen.note(time.perf_counter(), await connection.post(_OTHER_RECORD))
        number += 1
    return seen


async def _count_when_loaded(server: Server, workspace: Workspace, rows: int) -> int:
    """Return how many rows are found: what was accepted, or what there is when nothing more comes."""
    found, quiet = 0, 0
    while found < rows and quiet < 60:
        before = found
        found = await asyncio.to_thread(server.count_rows, workspace)
        quiet = quiet + 1 if found == before else 0
        await asyncio.sleep(0.5)
    return found
