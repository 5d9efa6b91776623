"""What a thousand workspaces cost those who use ten: start, memory, lists, queries and ingestion beside ten alone."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from benchmarks.bodies import iter_bodies
from benchmarks.dataset import REPOSITORY, make_dataset
from benchmarks.posting import Connection
from benchmarks.server import Server, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.bodies import Body

_PORT = 18447
_SETTINGS = {"KELP_QUERY_REQUESTS_PER_CALLER": "1000000"}
FEW, MANY = 10, 1_000
_ASSIGNMENTS_OF_EACH = 5
_LINKED_PART = 5
_ROUNDS = 200
_SENDERS = 5
_IDLE_SECONDS = 20.0
_IDLE_CPU_SECONDS = 0.1
"""In a second: a server that uses less has nothing left to do."""
_VERSION = "api-version=2025-02-01"
_PATIENCE_SECONDS = 300.0
_FIRST_RECORD = gzip.compress(b'[{"TimeGenerated": "2026-11-05T00:00:00Z", "Computer": "first"}]')


@dataclass(frozen=True, slots=True)
class Load:
    """The same rows over so many workspaces, until the last is found."""

    workspaces: int
    rows: int
    seconds: float
    cpu_seconds: float
    slowest_post_ms: float


@dataclass(frozen=True, slots=True)
class TenantsSide:
    """One installation; times in milliseconds at 95 %."""

    workspaces: int
    assignments: int
    linked: int
    start_seconds: float
    idle_memory_bytes: int
    list_p95_ms: float
    query_p95_ms: float
    table_query_p95_ms: float
    over_few: Load


@dataclass(frozen=True, slots=True)
class TenantsRun:
    """Ten workspaces, a thousand of which ten are used, and the load spread over all of them."""

    few: TenantsSide
    many: TenantsSide
    over_all: Load


def measure_tenants(rows: int, many: int = MANY) -> TenantsRun:
    """Measure both installations, one after the other."""
    bodies = list(iter_bodies(make_dataset(rows).json_lines))
    few, _ = _measure_side(FEW, bodies, spread=False)
    side, over_all = _measure_side(many, bodies, spread=True)
    assert over_all is not None
    return TenantsRun(few, side, over_all)


def _measure_side(count: int, bodies: Sequence[Body], *, spread: bool) -> tuple[TenantsSide, Load | None]:
    assignments = _ASSIGNMENTS_OF_EACH * count
    with Server(f"tenants-{count}", _PORT, _SETTINGS) as server:
        command = [sys.executable, "-m", "benchmarks.seed_tenants", str(server.folder)]
        subprocess.run([*command, str(count), str(assignments)], check=True, cwd=REPOSITORY)
        server.start()
        linked = _link(server, count // _LINKED_PART)
        server.stop()
        started = time.perf_counter()
        server.start()
        start_seconds = time.perf_counter() - started
        time.sleep(_IDLE_SECONDS)
        memory = _resident_bytes(server)
        workspaces = _list_workspaces(server)
        assert len(workspaces) == count, f"{len(workspaces)} workspaces, not {count}"
        listing = _p95(lambda: server.manage("GET", f"{_all_path(server)}&$top={FEW}"))
        connection = server.connect()
        query = _p95(lambda: server.ask(connection, "print 1"))
        over_few = uvloop.run(_load(server, workspaces[:FEW], bodies))
        table_query = _p95(lambda: server.ask(connection, "BenchSyslog_CL | take 1", workspaces[0]))
        connection.close()
        over_all = uvloop.run(_load(server, workspaces, bodies)) if spread else None
    side = TenantsSide(
        workspaces=count,
        assignments=assignments,
        linked=linked,
        start_seconds=start_seconds,
        idle_memory_bytes=memory,
        list_p95_ms=listing,
        query_p95_ms=query,
        table_query_p95_ms=table_query,
        over_few=over_few,
    )
    return side, over_all


def _all_path(server: Server) -> str:
    subscription = f"/subscriptions/{server.credentials['subscriptionId']}"
    return f"{subscription}/providers/Microsoft.OperationalInsights/workspaces?{_VERSION}"


def _list_workspaces(server: Server) -> list[Workspace]:
    found, path = [], _all_path(server)
    while path:
        page = server.manage("GET", path)
        found += [Workspace(one["properties"]["customerId"], one["id"]) for one in page["value"]]
        path = page.get("nextLink", "").partition(f":{server.port}")[2]
    return found


def _link(server: Server, count: int) -> int:
    """Link the last workspaces to a cluster."""
    if not count:
        return 0
    group = server.workspace.path.partition("/providers/")[0]
    cluster = f"{group}/providers/Microsoft.OperationalInsights/clusters/bench"
    sku = {"name": "CapacityReservation", "capacity": 100}
    identity = {"type": "SystemAssigned"}
    server.manage(
        "PUT",
        f"{cluster}?{_VERSION}",
        {"location": "local", "sku": sku, "identity": identity},
    )
    _wait(lambda: _is_made(server, f"{cluster}?{_VERSION}"))
    for workspace in _list_workspaces(server)[-count:]:
        link = f"{workspace.path}/linkedServices/cluster?api-version=2020-08-01"
        server.manage("PUT", link, {"properties": {"writeAccessResourceId": cluster}})
    return count


def _is_made(server: Server, path: str) -> bool:
    return bool(server.manage("GET", path)["properties"]["provisioningState"] == "Succeeded")


async def _load(server: Server, workspaces: Sequence[Workspace], bodies: Sequence[Body]) -> Load:
    """Post the bodies to the workspaces in turn, and wait until all of their rows are found."""
    paths = [await asyncio.to_thread(server.make_rule, workspace) for workspace in workspaces]
    await _warm_up(server, workspaces, paths)
    expected = dict.fromkeys(range(len(workspaces)), 0)
    before = {number: await asyncio.to_thread(_count, server, one) for number, one in enumerate(workspaces)}
    await asyncio.to_thread(_settle, server)
    connections = [await Connection.open(server, paths[0], is_gzip=True) for _ in range(_SENDERS)]
    slowest = 0.0
    started, cpu = time.perf_counter(), server.cpu_seconds()

    async def send(sender: int) -> None:
        """Post every body whose turn it is, to workspaces that no other sender posts to."""
        nonlocal slowest
        own = range(sender, len(workspaces), _SENDERS)
        for number, body in enumerate(bodies[sender::_SENDERS]):
            target = own[number % len(own)]
            posted = time.perf_counter()
            await connections[sender].post(body.content, paths[target])
            slowest = max(slowest, time.perf_counter() - posted)
            expected[target] += body.rows

    await asyncio.gather(*(send(sender) for sender in range(_SENDERS)))
    for number, workspace in enumerate(workspaces):
        if expected[number]:
            await asyncio.to_thread(_wait_for_rows, server, workspace, before[number] + expected[number])
    seconds, cpu = time.perf_counter() - started, server.cpu_seconds() - cpu
    for connection in connections:
        await connection.close()
    return Load(len(workspaces), sum(expected.values()), seconds, cpu, slowest * 1000)


async def _warm_up(server: Server, workspaces: Sequence[Workspace], paths: Sequence[str]) -> None:
    """Send a record to each workspace, so that its table is made before anything is measured."""
    before = [await asyncio.to_thread(_count, server, workspace) for workspace in workspaces]
    connection = await Connection.open(server, paths[0], is_gzip=True)
    for path in paths:
        await connection.post(_FIRST_RECORD, path)
    await connection.close()
    for workspace, rows in zip(workspaces, before, strict=True):
        await asyncio.to_thread(_wait_for_rows, server, workspace, rows + 1)


def _settle(server: Server) -> None:
    """Wait until what the questions so far left to do, such as their own records, is done."""
    before = -_IDLE_CPU_SECONDS
    while server.cpu_seconds() - before > _IDLE_CPU_SECONDS:
        before = server.cpu_seconds()
        time.sleep(1)


def _count(server: Server, workspace: Workspace) -> int:
    return int(server.count_rows(workspace))


def _wait_for_rows(server: Server, workspace: Workspace, rows: int) -> None:
    _wait(lambda: _count(server, workspace) >= rows)


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + _PATIENCE_SECONDS
    while not holds():
        if time.perf_counter() > deadline:
            raise SystemExit("What was waited for did not come.")
        time.sleep(0.05)


def _p95(ask: Callable[[], object]) -> float:
    """Return the milliseconds that 95 % of the rounds stay below, after some that warm up."""
    times = []
    for number in range(_ROUNDS + 10):
        started = time.perf_counter()
        ask()
        if number >= 10:
            times.append(time.perf_counter() - started)
    return sorted(times)[int(0.95 * len(times))] * 1000


def _resident_bytes(server: Server) -> int:
    status = Path(f"/proc/{server.process_id}/status").read_text().split()
    return int(status[status.index("VmRSS:") + 1]) * 1024


if __name__ == "__main__":
    # A short run with fewer workspaces, to see that it works: python -m benchmarks.tenants 50 10000
    from dataclasses import asdict

    print(json.dumps(asdict(measure_tenants(int(sys.argv[2]), int(sys.argv[1]))), indent=2))
