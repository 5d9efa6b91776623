"""Results and texts that are asked for again: the same answer without reading, until the data or the caller changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.ingestion_setup import collect, wait_for_rows
from tests.servers import Server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.token()) as client:
        yield client


def ask(client: httpx.Client, server: Server, query: str) -> tuple[list[list[Any]], int]:
    """Return the rows, and how many rows were read for them."""
    path = f"/v1/workspaces/{server.home.workspace_id}/query"
    answer = client.post(path, json={"query": query}, headers={"Prefer": "include-statistics=true"})
    assert answer.status_code == 200, answer.text
    (table,) = answer.json()["tables"]
    return table["rows"], answer.json()["statistics"]["query"]["inputDatasetStatistics"]["rows"]["scanned"]


def ask_until_kept(client: httpx.Client, server: Server, query: str) -> list[list[Any]]:
    """Return the rows once they are given without reading; a table of Kelp's own that is made meanwhile delays that."""
    for _ in range(20):
        rows, read = ask(client, server, query)
        if not read:
            return rows
    raise AssertionError("the result is read each time")


def test_the_same_over_the_same_data_is_not_read_again(client: httpx.Client, server: Server) -> None:
    query = f"Types_CL | extend mark = '{uuid4()}' | count"
    first, read = ask(client, server, query)
    assert read > 0
    assert ask_until_kept(client, server, query) == first


def test_new_rows_are_seen_at_once(client: httpx.Client, server: Server) -> None:
    table = f"Cache{uuid4().hex[:8]}"
    query = f"{table}_CL | project Name_s | order by Name_s asc"
    for number in range(1, 4):
        collect(server, b'[{"Name": "row %d"}]' % number, table)
        rows = wait_for_rows(server, query, number)
        assert rows == [[f"row {one}"] for one in range(1, number + 1)]
        assert ask_until_kept(client, server, query) == rows


def test_what_chance_or_the_clock_decides_is_computed_each_time(client: httpx.Client, server: Server) -> None:
    for query in ("Types_CL | extend x = rand(), y = new_guid() | project x, y", "Types_CL | project now()"):
        (first, _), (second, read) = ask(client, server, query), ask(client, server, query)
        assert first != second
        assert read > 0


def test_a_caller_with_other_rights_gets_another_answer(client: httpx.Client, server: Server) -> None:
    query = f"Secret_CL | where Text != '{uuid4()}' | project Text"
    path = f"/v1/workspaces/{server.people.foreign.workspace_id}/query"
    with server.client(server.token(server.people.foreign_owner)) as theirs:
        assert theirs.post(path, json={"query": query}).json()["tables"][0]["rows"] == [["secret-foreign"]]
    own = client.post(f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": query})
    assert "secret" not in own.text
    refused = client.post(path, json={"query": query})
    assert refused.status_code in (403, 404)


def test_a_text_means_what_its_asker_is(client: httpx.Client, server: Server) -> None:
    query = "print current_principal()"
    (own,), _ = ask(client, server, query)
    with server.client(server.token(server.people.reader)) as other:
        ((others,), _) = ask(other, server, query)
    assert own != others
