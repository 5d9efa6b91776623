"""The test bench of transformations, through HTTP with a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.portal.browsing import browser_of
from tests.servers import Server

COLUMNS = [
    {"name": "Time", "type": "datetime"},
    {"name": "Level", "type": "string"},
    {"name": "Count", "type": "int"},
    {"name": "Details", "type": "dynamic"},
]
RECORDS: list[dict[str, Any]] = [
    {"Time": "2026-01-02T03:04:05.1234567Z", "Level": "err", "Count": 1, "Details": {"a": [1, 2.50]}},
    {"Time": "yesterday", "Level": "err", "Count": "many", "Other": 1},
    {"Time": "2026-01-02", "Level": "info", "Count": 3},
]


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server) as client:
        yield client


def post(client: httpx.Client, status: int = 200, **document: Any) -> dict[str, Any]:
    answer = client.post("/portal/api/rules/test", json={"columns": COLUMNS, "records": RECORDS, **document})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def test_records_go_through_the_transformation(client: httpx.Client) -> None:
    text = "source | where Level == 'err' | project TimeGenerated = Time, Twice = Count * 2, First = Details.a[0]"
    tried = post(client, transformKql=text)
    assert tried["columns"] == [
        {"name": "TimeGenerated", "type": "datetime"},
        {"name": "Twice", "type": "long"},
        {"name": "First", "type": "dynamic"},
    ]
    assert tried["rows"] == [["2026-01-02T03:04:05.1234567Z", 2, "1"], [None, None, None]]
    problems = [(one["record"], one["message"].partition(" ")[0]) for one in tried["problems"]]
    assert sorted(problems) == [(1, "Count:"), (1, "The"), (1, "Time:")]
    assert any("'Other'" in one["message"] for one in tried["problems"])


def test_a_fault_has_its_place(client: httpx.Client) -> None:
    text = "source | where Levek == 'err'"
    (found,) = post(client, transformKql=text)["diagnostics"]
    assert text[found["start"] : found["end"]] == "Levek"
    assert found["fix"]["text"] == "Level"
    (found,) = post(client, transformKql="source | summarize count()")["diagnostics"]
    assert "each record by itself" in found["message"]


def test_columns_are_compared_with_the_table(client: httpx.Client, server: Server) -> None:
    place: dict[str, Any] = {"workspace": server.home.workspace_id, "table": "Heartbeat"}
    text = "source | project TimeGenerated = Time, Computer = Count, Strange = Level"
    table = post(client, transformKql=text, **place)["table"]
    assert table["extra"] == [{"name": "Strange", "type": "string"}]
    assert table["different"] == [{"name": "Computer", "type": "int", "tableType": "string"}]
    missing = {column["name"] for column in table["missing"]}
    assert "OSType" in missing
    assert not missing & {"TimeGenerated", "Computer", "TenantId", "Type"}


def test_what_is_asked_wrongly_is_told(client: httpx.Client, server: Server) -> None:
    wrong = {
        "transformKql": "",
        "columns": [{"name": "a", "type": "joke"}],
        "records": [1],
        "table": "Heartbeat",
    }
    details = post(client, 400, **wrong)["error"]["details"]
    assert {one["target"] for one in details} == {"transformKql", "columns", "records", "workspace"}
    foreign = {"workspace": server.people.foreign.workspace_id, "table": "Heartbeat"}
    assert post(client, 403, transformKql="source", **foreign)
    unknown = {"workspace": server.home.workspace_id, "table": "Nothing_CL"}
    assert "Nothing_CL" in post(client, 400, transformKql="source", **unknown)["error"]["message"]
