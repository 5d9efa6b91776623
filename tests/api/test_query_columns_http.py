"""Queries whose columns or tables depend on data: the server asks itself first, or answers with several tables."""

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


def tables_of(client: httpx.Client, server: Server, query: str) -> Any:
    answer = client.post(f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": query})
    assert answer.status_code == 200, answer.text
    return [
        (table["name"], [column["name"] for column in table["columns"]], table["rows"])
        for table in answer.json()["tables"]
    ]


def test_columns_of_data(client: httpx.Client, server: Server) -> None:
    query = "datatable(b: dynamic) [dynamic({'y': 1, 'x': 'a'}), dynamic({'y': 2})] | evaluate bag_unpack(b)"
    assert tables_of(client, server, query) == [("PrimaryResult", ["x", "y"], [["a", 1], ["", 2]])]


def test_columns_of_columns_of_data(client: httpx.Client, server: Server) -> None:
    query = (
        "Heartbeat | take 1 | project b = bag_pack('inner', bag_pack('deep', 5)) "
        "| evaluate bag_unpack(b) | evaluate bag_unpack(inner) | evaluate pivot(deep)"
    )
    assert tables_of(client, server, query) == [("PrimaryResult", ["5"], [[1]])]


def test_several_tables(client: httpx.Client, server: Server) -> None:
    tables = tables_of(client, server, "range x from 1 to 3 step 1 | fork last = (top 1 by x) (count)")
    assert tables == [("last", ["x"], [[3]]), ("PrimaryResult_1", ["Count"], [[3]])]


def test_requests_are_refused_with_the_setting_that_allows_them(client: httpx.Client, server: Server) -> None:
    query = 'evaluate http_request("https://example.com/") | project ResponseBody'
    answer = client.post(f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": query})
    assert answer.status_code == 400
    assert "query.allowed_request_urls" in answer.text


def test_patterns(client: httpx.Client, server: Server) -> None:
    query = "range i from 0 to 19 step 1 | project kind = iff(i < 15, 'x', 'y') | evaluate basket(0.5)"
    columns = ["SegmentId", "Count", "Percent", "kind"]
    assert tables_of(client, server, query) == [("PrimaryResult", columns, [[0, 15, 75, "x"]])]
