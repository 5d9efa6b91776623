"""How fast records come in through the Logs Ingestion API, durably acknowledged, and when they can be found."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec
import uvloop

from benchmarks.bare import BareEngine
from benchmarks.bodies import iter_bodies
from benchmarks.dataset import WORK_FOLDER, make_dataset
from benchmarks.posting import Acknowledgements, Connection
from benchmarks.server import Server
from benchmarks.tables import SYSLOG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from benchmarks.bodies import Body
    from benchmarks.dataset import Dataset

_PORT = 18444
_SETTINGS = {"KELP_QUERY_REQUESTS_PER_CALLER": "1000000"}
_CONNECTIONS = 8
_SMALL_CONNECTIONS = 128
_LATENCY_SECONDS = 15.0
_SMALL_SECONDS = 10.0
_VISIBILITY_ROUNDS = 11


@dataclass(frozen=True, slots=True)
class Throughput:
    """From the first request until the last row was found."""

    rows: int
    raw_bytes: int
    seconds: float
    cpu_seconds: float
    refusals: int

    @property
    def rows_per_cpu_second(self) -> float:
        """How many rows one core takes in a second."""
        return self.rows / self.cpu_seconds


@dataclass(frozen=True, slots=True)
class SmallSenders:
    """Requests of about 1 KB on many connections."""

    requests: int
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class IngestRun:
    """What was measured in one run; latencies in milliseconds, visibility in seconds."""

    kelp: Throughput
    bare: Throughput
    latency_p50_ms: float
    latency_p99_ms: float
    visible_seconds: float
    small: SmallSenders
    peak_memory_bytes: int


def measure_ingestion(rows: int) -> IngestRun:
    """Post the rows to a fresh server, and load the same file into a bare engine."""
    dataset = make_dataset(rows)
    bare = _measure_bare(dataset)
    with Server("ingest", _PORT, _SETTINGS) as server:
        server.start()
        return uvloop.run(_measure(server, dataset, bare))


def _measure_bare(dataset: Dataset) -> Throughput:
    with BareEngine(WORK_FOLDER / "bare-ingest") as bare:
        table = bare.make_table(SYSLOG)
        spent = bare.load(table, dataset)
    size = dataset.json_lines.stat().st_size
    return Throughput(dataset.rows, size, spent["seconds"], spent["cpu_seconds"], 0)


async def _measure(server: Server, dataset: Dataset, bare: Throughput) -> IngestRun:
    path = server.make_rule()
    bodies = list(iter_bodies(dataset.json_lines))
    async with _connections(server, path, _CONNECTIONS, is_gzip=True) as connections:
        await _warm_up(server, connections, bodies[0])
        kelp = await _measure_throughput(server, connections, bodies)
        latency = await _measure_latency(connections, bodies, 2 * kelp.seconds / len(bodies))
    await _wait_until_quiet(server)
    async with _connections(server, path, 1, is_gzip=False) as (connection,):
        visible = [await _time_until_visible(server, connection) for _ in range(_VISIBILITY_ROUNDS)]
    pairs = [_plain(records) for records in islice(_iter_pairs(dataset), 1_000)]
    async with _connections(server, path, _SMALL_CONNECTIONS, is_gzip=False) as connections:
        small = await _measure_small(server, connections, pairs)
    return IngestRun(
        kelp=kelp,
        bare=bare,
        latency_p50_ms=latency.percentile(0.5),
        latency_p99_ms=latency.percentile(0.99),
        visible_seconds=statistics.median(visible),
        small=small,
        peak_memory_bytes=server.peak_memory_bytes(),
    )


@asynccontextmanager
async def _connections(
    server: Server, path: str, count: int, *, is_gzip: bool
) -> AsyncIterator[list[Connection]]:
    opened = [await Connection.open(server, path, is_gzip=is_gzip) for _ in range(count)]
    try:
        yield opened
    finally:
        for connection in opened:
            await connection.close()


async def _warm_up(server: Server, connections: list[Connection], body: Body) -> None:
    """Make the table and everything that the first rows need."""
    await connections[0].post(body.content)
    await _wait_for_rows(server, body.rows)


async def _measure_throughput(
    server: Server, connections: list[Connection], bodies: list[Body]
) -> Throughput:
    rows, size = sum(body.rows for body in bodies), sum(body.raw_bytes for body in bodies)
    before = await asyncio.to_thread(server.count_rows)
    started, cpu = time.perf_counter(), server.cpu_seconds()
    refusals = await _post_all(connections, bodies)
    await _wait_for_rows(server, before + rows)
    seconds, cpu = time.perf_counter() - started, server.cpu_seconds() - cpu
    return Throughput(rows, size, seconds, cpu, refusals)


async def _post_all(connections: list[Connection], bodies: Iterable[Body]) -> int:
    waiting = iter(bodies)

    async def run(connection: Connection) -> int:
        return sum([await connection.post(body.content) for body in waiting])

    return sum(await asyncio.gather(*(run(connection) for connection in connections)))


async def _measure_latency(
    connections: list[Connection], bodies: list[Body], interval_seconds: float
) -> Acknowledgements:
    """Post a body in every interval, whether or not those before it were acknowledged."""
    count = int(_LATENCY_SECONDS / interval_seconds)
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for connection in connections:
        free.put_nowait(connection)
    found = Acknowledgements()

    async def post(body: Body, due: float) -> None:
        connection = await free.get()
        found.note(due, await connection.post(body.content))
        free.put_nowait(connection)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as posts:
        for number in range(count):
            due = started + number * interval_seconds
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            posts.create_task(post(bodies[number % len(bodies)], due))
    return found


async def _time_until_visible(server: Server, connection: Connection) -> float:
    """Return how long after it was sent a record could be found; a query is asked every 20 ms."""
    trace = uuid4().hex
    record = {"TimeGenerated": "2026-11-05T00:00:00Z", "Computer": "seen", "TraceId": trace}
    started = time.perf_counter()
    await connection.post(msgspec.json.encode([record]))
    while True:
        if (await asyncio.to_thread(server.rows, f"{SYSLOG.name} | where TraceId == '{trace}' | count"))[0][
            0
        ]:
            return time.perf_counter() - started
        await asyncio.sleep(0.02)


async def _measure_small(server: Server, connections: list[Connection], bodies: list[bytes]) -> SmallSenders:
    before = await asyncio.to_thread(server.count_rows)
    started, cpu = time.perf_counter(), server.cpu_seconds()
    deadline = started + _SMALL_SECONDS

    async def run(connection: Connection, first: int) -> int:
        sent = 0
        while time.perf_counter() < deadline:
            await connection.post(bodies[(first + sent) % len(bodies)])
            sent += 1
        return sent

    sent = await asyncio.gather(*(run(connection, 7 * n) for n, connection in enumerate(connections)))
    seconds = time.perf_counter() - started
    await _wait_for_rows(server, before + 2 * sum(sent))
    return SmallSenders(sum(sent), seconds, server.cpu_seconds() - cpu)


def _iter_pairs(dataset: Dataset) -> Iterator[tuple[bytes, bytes]]:
    with dataset.json_lines.open("rb") as lines:
        while pair := tuple(islice(lines, 2)):
            yield pair[0], pair[1]


def _plain(records: tuple[bytes, bytes]) -> bytes:
    return b"[" + b",".join(record.rstrip() for record in records) + b"]"


async def _wait_for_rows(server: Server, rows: int) -> None:
    # Every question costs the server time that is measured.
    while await asyncio.to_thread(server.count_rows) < rows:  # noqa: ASYNC110 - another process can't notify us
        await asyncio.sleep(0.2)


async def _wait_until_quiet(server: Server) -> None:
    """Wait until loading and merging are over, as far as the processor tells."""
    before = server.cpu_seconds()
    while True:
        await asyncio.sleep(1)
        now = server.cpu_seconds()
        if now - before < 0.1:
            return
        before = now
