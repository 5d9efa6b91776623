"""Errors and warnings about a query as the query API tells them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.servers import Server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.token()) as client:
        yield client


@pytest.fixture
def path(server: Server) -> str:
    return f"/v1/workspaces/{server.home.workspace_id}/query"


def test_all_errors_stand_in_the_details_and_the_first_where_clients_look(
    client: httpx.Client, path: str
) -> None:
    query = "Heartbeat\n| where Compter == 'a'\n| project Computer, strln(Computer)"
    error = client.post(path, json={"query": query}).json()["error"]
    first, second = error["details"]
    assert error["innererror"]["innererror"] == first
    assert first == {
        "code": "SEM0100",
        "message": "there is no column or value named 'Compter'; did you mean 'Computer'?",
        "line": 2,
        "pos": 8,
        "token": "Compter",
    }
    assert (second["code"], second["line"], second["token"]) == ("SEM0260", 3, "strln")


def test_errors_of_syntax_are_told_together(client: httpx.Client, path: str) -> None:
    error = client.post(path, json={"query": "Heartbeat | projekt a\n| where (b"}).json()["error"]
    assert error["innererror"]["code"] == "SyntaxError"
    assert [found["line"] for found in error["details"]] == [1, 2]


def test_warnings_stand_beside_the_tables(client: httpx.Client, path: str) -> None:
    query = "Heartbeat | where Computer contains 'word' | count"
    answer = client.post(path, json={"query": query}).json()
    (warning,) = answer["warnings"]
    assert (warning["code"], warning["token"]) == ("KLP0101", "Computer contains 'word'")
    assert "statistics" not in answer
    told = client.post(path, json={"query": query}, headers={"Prefer": "include-statistics=true"}).json()
    assert told["statistics"]["warnings"] == [warning]


def test_a_query_without_warnings_has_none(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"query": "Heartbeat | where Computer has 'word' | count"}).json()
    assert set(answer) == {"tables"}
