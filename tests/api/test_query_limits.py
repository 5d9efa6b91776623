"""What a query may use: rows, bytes, time, places; and that it ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Self

import httpx
import psutil
import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.monitor.query import LogsBatchQuery, LogsQueryClient, LogsQueryPartialResult

from tests.servers import Server, populate, start_server
from tests.waiting import wait_for

ENDLESS = "range x from 1 to 1000000000000 step 1 | where x % 7 == 8 | count"
"""Keeps the engine busy for hours without a row."""
ENDLESS_AFTER_ROWS = "range x from 1 to 1000000000000 step 1 | where x <= 1000 or x % 7 == 8"
"""Gives some rows at once, and then keeps the engine busy for hours."""
LARGE = "range x from 1 to 900000 step 1 | extend text = strcat('a rather long text, number ', x)"
"""More than fits between engine and client, whose first rows are there at once."""
LIMITS: dict[str, dict[str, object]] = {
    "query": {
        "maximum_rows": 1_000_000,
        "maximum_result_bytes": 1_000_000,
        "concurrent_per_caller": 2,
        "queue_length": 2,
        "requests_per_caller": 60,
        "request_window_seconds": 3_600,
    }
}


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("tight"), settings=LIMITS, populate=populate) as server:
        yield server


@pytest.fixture
def query_path(tight: Server) -> str:
    return f"/v1/workspaces/{tight.home.workspace_id}/query"


@pytest.fixture
def client(tight: Server) -> Iterator[httpx.Client]:
    with tight.client(tight.token()) as client:
        yield client


def open_client(server: Server) -> LogsQueryClient:
    credential = ClientSecretCredential(**server.credential_arguments())
    options: dict[str, Any] = {"connection_verify": server.ca_file, "retry_total": 0}
    return LogsQueryClient(credential, endpoint=server.endpoint, **options)


def cpu_seconds(server: Server) -> float:
    """What the server's process has used so far."""
    assert server.process is not None
    times = psutil.Process(server.process.pid).cpu_times()
    return float(times.user + times.system)


def is_idle(server: Server) -> bool:
    """Whether the process uses next to no CPU for a second. What computes gets some even on a busy machine."""
    assert server.process is not None
    return bool(psutil.Process(server.process.pid).cpu_percent(1) < 6)


def test_a_query_that_is_late_before_its_first_row(tight: Server) -> None:
    with open_client(tight) as client, pytest.raises(HttpResponseError) as caught:
        client.query_workspace(tight.home.workspace_id, ENDLESS, timespan=None, server_timeout=1)
    assert caught.value.status_code == 504
    assert caught.value.error is not None
    assert caught.value.error.code == "GatewayTimeout"
    assert "1 seconds" in str(caught.value)
    wait_for(lambda: is_idle(tight))


def test_a_query_that_is_late_after_its_first_rows(tight: Server) -> None:
    with open_client(tight) as client:
        answer = client.query_workspace(
            tight.home.workspace_id, ENDLESS_AFTER_ROWS, timespan=None, server_timeout=1
        )
    assert isinstance(answer, LogsQueryPartialResult)
    assert [list(row) for row in answer.partial_data[0].rows] == [[x] for x in range(1, 1001)]
    assert answer.partial_error is not None
    assert "longer than it was allowed" in answer.partial_error.message
    wait_for(lambda: is_idle(tight))


def test_an_answer_beyond_the_byte_limit_is_cut_at_a_row(tight: Server) -> None:
    with open_client(tight) as client:
        answer = client.query_workspace(tight.home.workspace_id, LARGE, timespan=None)
        assert isinstance(answer, LogsQueryPartialResult)
        rows = answer.partial_data[0].rows
        assert [row[0] for row in rows] == [*range(1, len(rows) + 1)]
        assert 700_000 < sum(len(row[1]) for row in rows) <= 1_000_000
        assert answer.partial_error is not None
        assert "1,000,000 bytes" in answer.partial_error.message
        batch = [LogsBatchQuery(tight.home.workspace_id, LARGE, timespan=None)] * 3
        assert [type(item) for item in client.query_batch(batch)] == [LogsQueryPartialResult] * 3


def test_after_a_cut_table_the_rest_is_left_out(client: httpx.Client, query_path: str) -> None:
    answer = client.post(query_path, json={"query": f"print 1; {LARGE}; print 2"})
    assert answer.json()["error"]["innererror"]["code"] == "E_QUERY_RESULT_SET_TOO_LARGE"
    assert [table["name"] for table in answer.json()["tables"]] == ["PrimaryResult", "PrimaryResult_1"]


async def leave_while_it_runs(server: Server, path: str, body: dict[str, Any]) -> None:
    """Send a request, and close its connection once the engine has worked on it for a while."""
    used = cpu_seconds(server)
    async with server.async_client(server.token()) as client:
        request = asyncio.create_task(client.post(path, json=body))
        while cpu_seconds(server) - used < 0.5:
            assert not request.done()
            await asyncio.sleep(0.05)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request


@pytest.mark.parametrize("query", [ENDLESS, ENDLESS_AFTER_ROWS])
async def test_a_query_ends_when_its_client_leaves(tight: Server, query_path: str, query: str) -> None:
    await leave_while_it_runs(tight, query_path, {"query": query})
    wait_for(lambda: is_idle(tight))


async def test_a_batch_ends_when_its_client_leaves(tight: Server) -> None:
    item = {"workspace": tight.home.workspace_id, "body": {"query": ENDLESS}}
    items = [
        {"id": "0", **item, "body": {"query": "print 1"}},
        *({"id": str(n), **item} for n in range(1, 5)),
    ]
    await leave_while_it_runs(tight, "/v1/$batch", {"requests": items})
    wait_for(lambda: is_idle(tight))


def test_who_leaves_in_the_middle_of_rows_gives_back_the_place(tight: Server, query_path: str) -> None:
    with tight.client(tight.token(tight.people.reader)) as client:
        for _ in range(3):
            with client.stream("POST", query_path, json={"query": LARGE}) as answer:
                assert next(answer.iter_bytes(10_000))
        answers = [client.post(query_path, json={"query": "print 1"}, headers={"Prefer": "wait=20"})]
    assert [answer.status_code for answer in answers] == [200]


class Occupation:
    """Queries of a caller that run until told to end, each over a connection of its own."""

    def __init__(self, server: Server, path: str, token: str) -> None:
        self._server, self._path, self._token = server, path, token
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self, query: str, wait_seconds: int) -> None:
        context = ssl.create_default_context(cafile=self._server.ca_file)
        host, port = self._server.endpoint.removeprefix("https://").split(":")
        plain = socket.create_connection((host, int(port)))
        secured = context.wrap_socket(plain, server_hostname=host)
        body = json.dumps({"query": query}).encode()
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Prefer: wait={wait_seconds}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        secured.sendall(head.encode() + body)
        self._sockets.append(secured)

    def end(self) -> None:
        while self._sockets:
            self._sockets.pop().close()


def test_queries_beyond_the_places_wait_and_those_beyond_the_queue_are_throttled(
    tight: Server, client: httpx.Client, query_path: str
) -> None:
    def probe(wait_seconds: int = 1) -> httpx.Response:
        prefer = {"Prefer": f"wait={wait_seconds}"}
        return client.post(query_path, json={"query": "print 1"}, headers=prefer)

    with Occupation(tight, query_path, tight.token()) as occupation:
        occupation.begin(ENDLESS, 60)
        occupation.begin(ENDLESS, 60)
        wait_for(lambda: "waited 1 seconds" in probe().text)
        throttled = probe()
        assert throttled.status_code == 429
        assert throttled.json()["error"]["code"] == "ThrottledError"
        assert int(throttled.headers["retry-after"]) > 0
        with tight.client(tight.token(tight.people.reader)) as other:
            answer = other.post(query_path, json={"query": "print 1"}, headers={"Prefer": "wait=20"})
            assert answer.status_code == 200

        def fill_queue() -> bool:
            occupation.begin(ENDLESS, 60)
            return "waiting already" in probe().text

        wait_for(fill_queue)
        occupation.end()
        wait_for(lambda: probe(10).status_code == 200)
    wait_for(lambda: is_idle(tight))


def test_the_rate_of_a_caller(tight: Server, query_path: str) -> None:
    with tight.client(tight.token(tight.people.owner)) as client:
        answers = [client.post(query_path, json={"query": "print 1"}) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert "60 queries in 3600 seconds" in answers[-1].text
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
