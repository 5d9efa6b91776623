"""Saved functions through the query API of a whole server: what they read, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from tests.servers import MANAGEMENT_SCOPE, Application, Place, Server


@contextmanager
def saved(
    server: Server, place: Place, owner: Application | None, **functions: tuple[str, str]
) -> Iterator[None]:
    """Give a workspace functions, by name (parameters, body), while the block runs."""
    with server.client(server.token(owner, MANAGEMENT_SCOPE)) as client:
        paths = [f"{place.resource_id}/savedSearches/{name}?api-version=2020-08-01" for name in functions]
        for path, (name, (parameters, body)) in zip(paths, functions.items(), strict=True):
            members = {"functionAlias": name, "functionParameters": parameters, "query": body}
            answer = client.put(
                quote(path, safe="/?="),
                json={"properties": {"category": "c", "displayName": name, **members}},
            )
            assert answer.status_code == 200, answer.text
        yield
        for path in paths:
            assert client.delete(path).status_code == 200


def ask(server: Server, query: str, application: Application | None = None) -> Any:
    with server.client(server.token(application)) as client:
        return client.post(f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": query})


def rows(server: Server, query: str, application: Application | None = None) -> Any:
    answer = ask(server, query, application)
    assert answer.status_code == 200, answer.text
    return answer.json()["tables"][0]["rows"]


@pytest.fixture(scope="module")
def functions(server: Server) -> Iterator[None]:
    home = {
        "BeatsOf": ("name: string = 'web'", "Heartbeat | where Computer startswith name | distinct Computer"),
        "Busy": ("T: (Computer: string), least: long = 20", "T | summarize n = count() by Computer | where n >= least"),
        "Half": ("x: real", "x / 2"),
        "Nothing": ("", "NoSuchTable | count"),
        "Around": ("", "Around2() | count"),
        "Around2": ("", "Around() | count"),
        "There": ("", "workspace('neighbour').Secret_CL | project Text"),
    }  # fmt: skip
    with saved(server, server.home, None, **home):
        yield


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("BeatsOf | order by Computer asc", [["web-1"], ["web-2"]]),
        ("BeatsOf('db')", [["db-1"]]),
        ("Heartbeat | invoke Busy() | count", [[3]]),
        ("Busy((Heartbeat | where Computer == 'db-1'), least = 21) | count", [[0]]),
        ("print Half(5.0)", [[2.5]]),
    ],
)
def test_functions_are_called(server: Server, query: str, expected: Any) -> None:
    assert rows(server, query) == expected


@pytest.mark.usefixtures("functions")
def test_a_function_reads_only_what_its_caller_may(server: Server) -> None:
    assert rows(server, "There") == [["secret-neighbour"]]
    refused = ask(server, "There", server.people.reader)
    assert refused.status_code == 400
    assert "secret" not in refused.text
    assert "in the function 'There': there is no workspace 'neighbour' that you may query" in refused.text


def test_a_function_of_another_workspace_reads_there(server: Server) -> None:
    neighbour = {
        "Secrets": ("least: long = 1", "Secret_CL | project Text | take least"),
        "AllSecrets": ("", "Secrets(10) | count"),
    }
    with saved(server, server.people.neighbour, None, **neighbour):
        assert rows(server, "workspace('neighbour').Secrets") == [["secret-neighbour"]]
        assert rows(server, "workspace('neighbour').AllSecrets() | project Count") == [[1]]
        union = (
            "union (workspace('neighbour').Secrets(least = 1)), (Heartbeat | take 1 | project Text = 'here')"
        )
        assert sorted(rows(server, union)) == [["here"], ["secret-neighbour"]]
        refused = ask(server, "workspace('neighbour').Secrets()", server.people.reader)
        assert (refused.status_code, "secret" in refused.text) == (400, False)
    assert "has no function named 'Secrets'" in ask(server, "workspace('neighbour').Secrets()").text


@pytest.mark.usefixtures("functions")
def test_functions_do_not_call_themselves(server: Server) -> None:
    refused = ask(server, "Around")
    assert refused.status_code == 400
    assert "calls itself" in refused.text


@pytest.mark.usefixtures("functions")
def test_what_is_wrong_in_a_function_is_told_where_it_is_called(server: Server) -> None:
    error = ask(server, "print 1;\nNothing").json()["error"]["innererror"]["innererror"]
    assert error["message"].startswith("in the function 'Nothing': there is no table named 'NoSuchTable'")
    assert (error["line"], error["pos"], error["token"]) == (2, 0, "Nothing")


@pytest.mark.usefixtures("functions")
def test_editors_learn_of_functions(server: Server) -> None:
    with server.client(server.token()) as client:
        told = client.get(f"/v1/workspaces/{server.home.workspace_id}/metadata").json()["functions"]
    (busy,) = [function for function in told if function["name"] == "Busy"]
    assert busy["parameters"] == "T: (Computer: string), least: long = 20"
    assert busy["body"].startswith("T | summarize")
    with server.client(server.token(server.people.reader)) as client:
        told = client.get(f"/v1/workspaces/{server.home.workspace_id}/metadata").json()["functions"]
    assert "Busy" in [function["name"] for function in told]


def test_a_function_is_known_at_once_and_gone_at_once(server: Server) -> None:
    with saved(server, server.home, None, Fleeting=("", "print 1")):
        assert rows(server, "Fleeting") == [[1]]
    assert ask(server, "Fleeting").status_code == 400
