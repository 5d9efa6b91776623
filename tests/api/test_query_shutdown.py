"""The end of a server that clients are connected to."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx

from tests.servers import Server, start_server

LARGE = (
    "range x from 1 to 400000 step 1 | extend text = 'a rather long text, so that no buffer holds the answer'"
)


def wait_until_closed(server: Server) -> None:
    """Wait until new connections are refused: the signal was heard."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            with server.client() as client:
                client.get("/")
        except httpx.TransportError:
            return
    raise AssertionError("the server still listens")


def test_an_idle_client_holds_up_nothing_and_a_query_is_finished(tmp_path: Path) -> None:
    """Idle connections of clients that don't read would otherwise hold the process for as long as TLS waits."""
    with start_server(tmp_path) as server, server.client(server.token()) as idle:
        path = f"/v1/workspaces/{server.home.workspace_id}/query"
        assert idle.post(path, json={"query": "print 1"}).status_code == 200
        process = server.process
        assert process is not None
        with (
            server.client(server.token()) as busy,
            busy.stream(
                "POST", path, json={"query": LARGE}, headers={"Accept-Encoding": "identity"}
            ) as answer,
        ):
            parts = answer.iter_bytes(100_000)
            begun = next(parts)
            process.send_signal(signal.SIGTERM)
            wait_until_closed(server)
            assert process.poll() is None
            body = begun + b"".join(parts)
        assert body.count(b"a rather long text") == 400_000
        assert body.endswith(b'"]]}]}')
        assert process.wait(10) == 0
    assert "Traceback" not in server.log()
