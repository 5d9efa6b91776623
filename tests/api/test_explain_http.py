"""Explaining a query over HTTP: the same doors as running it, and nothing is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers import Server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.token()) as client:
        yield client


@pytest.fixture
def path(server: Server) -> str:
    return f"/v1/workspaces/{server.home.workspace_id}/query?explain=true"


def explained(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()["explain"]
    return document


def test_the_stages_of_a_query(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"query": "Heartbeat | where Computer has 'a' | count"})
    (result,) = explained(answer)["results"]
    assert "TableScan symbol=Heartbeat" in result["bound"]
    assert any("ReadFromMergeTree" in line for line in result["statements"][0]["enginePlan"])
    (read,) = result["reads"]
    assert read["table"] == "Heartbeat"
    assert 0 < read["rows"] <= 60
    stages = {row[1] for row in answer.json()["tables"][0]["rows"]}
    assert stages == {"query", "bound", "plan", "sql", "engine plan", "reads"}


def test_by_get(client: httpx.Client, path: str) -> None:
    answer = client.get(path, params={"query": "print 1", "explain": "true"})
    assert explained(answer)["query"] == "print 1"


def test_without_the_option_the_query_is_run(client: httpx.Client, path: str) -> None:
    answer = client.post(path.replace("=true", "=false"), json={"query": "print 1"})
    assert answer.json()["tables"][0]["rows"] == [[1]]


def test_refusals_are_those_of_the_query(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"query": "Heartbeat | where Nothing == 1"})
    assert answer.status_code == 400
    assert answer.json()["error"]["innererror"]["innererror"]["code"] == "SEM0100"


def test_who_may_not_query_may_not_explain(server: Server, path: str) -> None:
    with server.client(server.token(server.people.nobody)) as client:
        answer = client.post(path, json={"query": "Heartbeat"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "query", ["Heartbeat", "union *", "search 'x'", "Heartbat", "workspace('foreign').Heartbeat"]
)
def test_other_workspaces_are_never_named(
    server: Server, client: httpx.Client, path: str, query: str
) -> None:
    answer = client.post(path, json={"query": query})
    people = server.people
    for place in (people.neighbour, people.foreign):
        assert place.workspace_id.replace("-", "") not in answer.text.replace("-", "")
        if place.name not in query:
            assert place.name not in answer.text
