"""Every acknowledged record is in the workspace once, wherever the process was killed while its store changed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.ingestion_setup import Rule, make_rule
from tests.durability.crashing import Client, Ledger, read_log, running_process
from tests.durability.test_crashes import CLIENTS, COLUMNS, LOG_TYPE, check
from tests.servers import MANAGEMENT_SCOPE, Server, start_server
from tests.waiting import wait_for

VERSION = {"api-version": "2025-07-01"}
CLUSTER = {
    "location": "local",
    "identity": {"type": "SystemAssigned"},
    "sku": {"name": "CapacityReservation", "capacity": 1000},
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings: dict[str, dict[str, object]] = {"clusters": {"maximum_links": 1_000}}
    with start_server(tmp_path / "server", settings=settings) as server:
        pass
    yield server
    assert "Traceback" not in read_log(server.folder)


def cluster_path(server: Server) -> str:
    return f"{str(server.home.resource_id).partition('/workspaces/')[0]}/clusters/cluster-1"


def ask(server: Server, method: str, path: str, body: object = None) -> httpx.Response:
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        return client.request(method, path, params=VERSION, json=body)


def state_of(server: Server, path: str) -> str:
    answer = ask(server, "GET", path)
    return str(answer.json()["properties"]["provisioningState"]) if answer.is_success else "None"


def change_store(server: Server) -> str:
    """Begin to link or to unlink, whichever is next, unless that was begun before; return the state then."""
    path = f"{server.home.resource_id}/linkedServices/cluster"
    state = state_of(server, path)
    if state == "Succeeded":
        assert ask(server, "DELETE", path).status_code == 202
    elif state == "None":
        body = {"properties": {"writeAccessResourceId": cluster_path(server)}}
        assert ask(server, "PUT", path, body).status_code == 202
    return state


def prepare(server: Server) -> Rule:
    with running_process(server):
        server._tokens.clear()
        assert ask(server, "PUT", cluster_path(server), CLUSTER).status_code == 202
        wait_for(lambda: state_of(server, cluster_path(server)) == "Succeeded")
        return make_rule(server, "Sent", COLUMNS)


def send_and_move_until_killed(server: Server, rule: Rule, ledger: Ledger, seed: int) -> set[str]:
    """Send, change the store now and then, and kill the server soon after a change was begun; return the states seen."""
    chance = random.Random(seed)
    seen = set()
    with running_process(server) as process:
        server._tokens.clear()
        ledger.enough.clear()
        clients = [Client(server, rule, LOG_TYPE, ledger, seed * 100 + number) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        assert ledger.enough.wait(30)
        for _ in range(2):
            seen.add(change_store(server))
            # A change begins within a second and takes as long as the loads under way: the kill may come at any point.
            time.sleep(chance.uniform(0.2, 2.0))
        process.kill()
        process.wait()
        for client in clients:
            client.join(30)
            assert client.refusals == []
    return seen


@pytest.mark.timeout(300)
def test_kills_while_linking_and_unlinking(server: Server) -> None:
    rule, ledger = prepare(server), Ledger()
    seen: set[str] = set()
    for seed in range(2):
        seen |= send_and_move_until_killed(server, rule, ledger, seed)
    assert {"None", "Succeeded"} <= seen
    check(server, ledger)
