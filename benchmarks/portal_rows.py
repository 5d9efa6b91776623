"""How long the portal's rows take: from the request for a query until the last byte of its Arrow stream."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.bare import BareEngine
from benchmarks.dataset import WORK_FOLDER, make_dataset
from benchmarks.server import Server
from benchmarks.tables import SYSLOG

_ROUNDS = 7
_PORT = 18447
_ROWS = 100_000
_OWN_PAGE = {"X-Kelp-Csrf": "1", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
_KQL = (
    f"{SYSLOG.name} | project {', '.join(SYSLOG.columns)}, Length = strlen(SyslogMessage), "
    f"Half = todouble(ProcessID) / 2"
)
_PLAIN = " SETTINGS output_format_arrow_string_as_string=1, output_format_arrow_compression_method='none'"
"""As the portal has it: browsers read no compressed Arrow."""
_UNLIMITED = {"KELP_QUERY_REQUESTS_PER_CALLER": "1000000", "KELP_QUERY_RESULT_CACHE_BYTES": "0"}


@dataclass(frozen=True, slots=True)
class PortalRun:
    """Medians in milliseconds, with the bytes of the streams; the bare engine writes Arrow into memory."""

    rows: int
    columns: int
    kelp_ms: float
    kelp_cpu_ms: float
    kelp_bytes: int
    bare_ms: float
    bare_cpu_ms: float
    bare_bytes: int


def measure_portal() -> PortalRun:
    """Ask both for the same rows, in turns."""
    dataset = make_dataset(_ROWS, SYSLOG)
    with Server("portal", _PORT, _UNLIMITED) as server, BareEngine(WORK_FOLDER / "bare-portal") as bare:
        server.seed(SYSLOG.kind, _ROWS)
        table = bare.make_table(SYSLOG)
        bare.load(table, dataset)
        bare.run(f"OPTIMIZE TABLE {table} FINAL")
        server.start()
        names = ", ".join(SYSLOG.columns)
        sql = (
            f"SELECT {names}, lengthUTF8(SyslogMessage) AS Length, ProcessID / 2 AS Half FROM {table}{_PLAIN}"
        )
        connection = server.connect()
        headers = _sign_in(server, connection)
        kelp: list[tuple[float, float, int]] = []
        plain: list[dict[str, Any]] = []
        for _ in range(1 + _ROUNDS):
            kelp.append(_time_run(server, connection, headers))
            plain.append(bare.run_as(sql, "ArrowStream"))
        connection.close()
    return PortalRun(
        rows=_ROWS,
        columns=len(SYSLOG.columns) + 2,
        kelp_ms=statistics.median(one[0] for one in kelp[1:]) * 1e3,
        kelp_cpu_ms=statistics.median(one[1] for one in kelp[1:]) * 1e3,
        kelp_bytes=kelp[-1][2],
        bare_ms=statistics.median(one["seconds"] for one in plain[1:]) * 1e3,
        bare_cpu_ms=statistics.median(one["cpu_seconds"] for one in plain[1:]) * 1e3,
        bare_bytes=plain[-1]["bytes"],
    )


def _sign_in(server: Server, connection: http.client.HTTPSConnection) -> dict[str, str]:
    user = {"userName": server.credentials["userName"], "password": server.credentials["password"]}
    answer, content = _exchange(connection, "POST", "/portal/api/session", _OWN_PAGE, user)
    cookie = answer.getheader("Set-Cookie")
    if cookie is None:
        raise SystemExit(f"signing in: {content[:500]!r}")
    return _OWN_PAGE | {"Cookie": cookie.partition(";")[0]}


def _time_run(
    server: Server, connection: http.client.HTTPSConnection, headers: dict[str, str]
) -> tuple[float, float, int]:
    """Return wall and CPU seconds from the request to the last byte, and how many bytes there were."""
    cpu, started = server.cpu_seconds(), time.perf_counter()
    asked = {"workspaces": [server.workspace.id], "query": _KQL, "maximumRows": 2 * _ROWS}
    _, content = _exchange(connection, "POST", "/portal/api/runs", headers, asked)
    run = json.loads(content)["id"]
    answer, rows = _exchange(connection, "GET", f"/portal/api/runs/{run}/result?format=arrow", headers)
    spent = time.perf_counter() - started, server.cpu_seconds() - cpu, len(rows)
    if answer.status != http.client.OK or not rows:
        raise SystemExit(f"the result: {answer.status} {rows[:500]!r}")
    return spent


def _exchange(
    connection: http.client.HTTPSConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    document: object = None,
) -> tuple[http.client.HTTPResponse, bytes]:
    body = json.dumps(document).encode() if document is not None else None
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read()
