"""What a query over several workspaces may name: the schema of all, and who is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.ingestion_setup import put
from tests.portal.browsing import browser_of
from tests.servers import Server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server) as client:
        yield client


def ask(client: httpx.Client, *workspaces: str) -> dict[str, Any]:
    answer = client.post("/portal/api/kql/schema", json={"workspaces": workspaces})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_schema_is_that_of_all_who_let_one_query(client: httpx.Client, server: Server) -> None:
    home, people = server.home, server.people
    told = ask(client, home.workspace_id, people.neighbour.name, people.foreign.workspace_id, "nowhere")
    assert [(one["id"], one["name"]) for one in told["workspaces"]] == [
        (home.workspace_id, home.name),
        (people.neighbour.workspace_id, people.neighbour.name),
    ]
    tables = {one["name"]: one for one in told["tables"]}
    assert tables["Secret_CL"]["hasData"]
    assert tables["Types_CL"]["hasData"]
    holders = [set(one["related"]["tables"]) >= {"t/Secret_CL"} for one in told["workspaces"]]
    assert holders == [False, True]
    refused = {one["workspace"]: one["code"] for one in told["refused"]}
    assert refused == {people.foreign.workspace_id: "InsufficientAccess", "nowhere": "WorkspaceNotFound"}


def test_where_all_are_refused_the_answer_is_a_refusal(client: httpx.Client, server: Server) -> None:
    body = {"workspaces": [server.people.foreign.workspace_id]}
    assert client.post("/portal/api/kql/schema", json=body).status_code == 403
    refused: list[dict[str, Any]] = [{}, {"workspaces": []}, {"workspaces": [1]}, {"workspaces": "a"}]
    for wrong in refused:
        answer = client.post("/portal/api/kql/schema", json=wrong)
        assert (answer.status_code, answer.json()["error"]["target"]) == (400, "workspaces")


def test_a_table_whose_columns_disagree_is_left_out_and_said(client: httpx.Client, server: Server) -> None:
    group = str(server.people.neighbour.resource_id).partition("/providers/")[0]
    ids = []
    for kind in ("int", "string"):
        name = f"clash-{kind}-{uuid4().hex[:6]}"
        path = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
        made = put(server, path, "2025-07-01", {"location": "local"})
        ids.append(made["properties"]["customerId"])
        columns = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Code", "type": kind}]
        schema = {"properties": {"schema": {"name": "Clash_CL", "columns": columns}}}
        put(server, f"{path}/tables/Clash_CL", "2022-10-01", schema)
    told = ask(client, *ids)
    assert "Clash_CL" not in {one["name"] for one in told["tables"]}
    assert "Heartbeat" in {one["name"] for one in told["tables"]}
    (conflict,) = told["conflicts"]
    assert conflict["table"] == "Clash_CL"
    assert "'Code'" in conflict["message"]
