"""Back-pressure: a workspace whose backlog is full is told to come back, and nobody else is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.api.ingestion_setup import collect, make_rule, post, wait_for_rows
from tests.servers import Server, populate, start_server
from tests.waiting import wait_for

MEBIBYTE = 1024 * 1024
LIMITS = {"ingest": {"maximum_workspace_backlog_bytes": 2 * MEBIBYTE, "flush_interval_seconds": 4}}


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("ingestion")
    with start_server(folder, settings=LIMITS, populate=populate) as server:
        yield server


def test_a_full_backlog_answers_429_until_it_is_loaded(server: Server) -> None:
    rule = make_rule(server, "Busy", {"N": "int", "Text": "string"})
    neighbour = server.people.neighbour
    other = make_rule(server, "Calm", {"N": "int", "Text": "string"}, places=[neighbour])
    record = {"N": 1, "Text": "x" * 900_000}
    accepted = 0
    while (answer := post(server, rule.path, [record])).status_code == 204:
        accepted += 1
        assert accepted < 10
    assert accepted >= 2
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "TooManyRequests"
    assert int(answer.headers["Retry-After"]) > 0
    throttled = collect(server, json.dumps(record).encode(), "Busy")
    assert (throttled.status_code, throttled.json()["Error"]) == (429, "TooManyRequests")
    assert int(throttled.headers["Retry-After"]) > 0
    assert post(server, other.path, [record]).status_code == 204
    assert len(wait_for_rows(server, "Busy_CL | project N", accepted)) == accepted
    assert wait_for_rows(server, "Calm_CL | project N", place=neighbour) == [[1]]
    # Rows can be read a moment before their place in the backlog is free again.
    wait_for(lambda: post(server, rule.path, [record]).status_code == 204)
