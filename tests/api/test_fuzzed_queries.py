"""Whatever text is sent, the query API answers it or says where it is wrong; the server never fails."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.differential.mutations import iter_mutations
from tests.servers import Server
from tests.spec.case_files import iter_cases

WORDS = (
    *(
        "Heartbeat",
        "Nothing",
        "Computer",
        "TimeGenerated",
        "where",
        "summarize",
        "extend",
        "project",
        "join",
        "union",
    ),
    *(
        "by",
        "on",
        "print",
        "let",
        "toscalar",
        "search",
        "render",
        "take",
        "sort",
        "mv-expand",
        "parse",
        "datatable",
    ),
    *(
        "|",
        ";",
        ",",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "=",
        "==",
        "=~",
        "..",
        "*",
        "-",
        "'a'",
        '"',
        "5",
        "1h",
        "1.5",
        "\\",
    ),
    *(
        "count()",
        "strlen(Computer)",
        "ago(1d)",
        "dynamic([1])",
        "datetime(2020-01-01)",
        "null",
        "é",
        "\x00",
        "\n",
        "//",
    ),
)


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.token()) as client:
        yield client


def check(client: httpx.Client, server: Server, text: str) -> None:
    path = f"/v1/workspaces/{server.home.workspace_id}/query"
    answer = client.post(path, json={"query": text}, headers={"Prefer": "wait=20"})
    if answer.status_code == 200:
        assert answer.json()["tables"]
        return
    assert answer.status_code == 400, (text, answer.text)
    error = answer.json()["error"]
    assert error["code"]
    assert error["message"]
    place = error.get("innererror", {}).get("innererror")
    if place is not None:
        lines = text.split("\n")
        assert 1 <= place["line"] <= len(lines), (text, place)
        assert 0 <= place["pos"] <= len(lines[place["line"] - 1]) + 1, (text, place)
        assert place["message"]
        assert place in error["details"]


@pytest.mark.parametrize("seed", range(4))
def test_mutations_of_queries(client: httpx.Client, server: Server, seed: int) -> None:
    source = Random(seed)
    queries = [case.query.replace("Events", "Heartbeat").replace("Name", "Computer") for case in iter_cases()]
    for query in source.sample(queries, 30):
        for _, text in iter_mutations(query, 2):
            check(client, server, text)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words(client: httpx.Client, server: Server, text: str) -> None:
    check(client, server, f"Heartbeat | {text}")


@given(st.text(min_size=1, max_size=120).filter(str.strip))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(client: httpx.Client, server: Server, text: str) -> None:
    check(client, server, text)
