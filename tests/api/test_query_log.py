"""Each query leaves a row in `LAQueryLogs` of every workspace that it reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.portal.browsing import browser_of
from tests.servers import KUSTO_SCOPE, Place, Server, populate, shared_rows, start_server
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("logged")
    with start_server(folder, populate=populate, rows=shared_rows) as server:
        yield server


def wait_for_row(server: Server, mark: str, place: Place | None = None) -> dict[str, Any]:
    """The row of the query whose text holds the mark; asking leaves rows as well, which are told apart by its name."""
    query = f"LAQueryLogs | where QueryText has '{mark}' and QueryText !has 'LAQueryLogs'"

    def find() -> dict[str, Any] | None:
        (table,) = server.query(query, place)["tables"]
        names = [column["name"] for column in table["columns"]]
        return next((dict(zip(names, row, strict=True)) for row in table["rows"]), None)

    return wait_for(find)


def test_a_query_that_was_answered(logged: Server) -> None:
    mark = uuid4().hex
    body = {"query": f"Heartbeat | where Computer != '{mark}'", "timespan": "2026-01-01T00:00:00Z/P9000D"}
    path = f"/v1/workspaces/{logged.home.workspace_id}/query"
    headers = {"x-ms-app": "a test", "x-ms-correlation-request-id": mark}
    with logged.client(logged.token(logged.people.reader)) as client:
        rows = client.post(path, json=body, headers=headers).json()["tables"][0]["rows"]
    row = wait_for_row(logged, mark)
    assert (row["ResponseCode"], row["ResponseRowCount"], len(rows)) == (200, 60, 60)
    assert (row["QueryText"], row["CorrelationId"], row["RequestClientApp"]) == (
        body["query"],
        mark,
        "a test",
    )
    assert (row["AADObjectId"], row["AADTenantId"], row["AADClientId"], row["AADEmail"]) == (
        str(logged.people.reader.object_id),
        str(logged.home.tenant_id),
        logged.people.reader.client_id,
        "",
    )
    assert row["QueryTimeRangeStart"] == "2026-01-01T00:00:00.0000000Z"
    assert row["RequestTarget"] == path
    assert str(logged.home.resource_id) in row["RequestContext"]
    assert (row["StatsWorkspaceCount"], row["StatsRegionCount"], row["WorkspaceRegion"]) == (1, 1, "local")
    assert row["ResponseDurationMs"] > 0
    assert 0 < row["ScannedGB"] < 0.001
    assert (row["IsBillableQuery"], row["IsWorkspaceInFailover"]) == (False, False)
    assert row["_ResourceId"] == str(logged.home.resource_id).lower()
    assert (row["TenantId"], row["Type"]) == (logged.home.workspace_id, "LAQueryLogs")
    # What nobody measures is not made up.
    assert (row["StatsCPUTimeMs"], row["StatsDataProcessedStart"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "options", "code"),
    [
        ("Heartbeat | where Nothing == '{mark}'", {}, 400),
        ("range x from 1 to 1000000000000 step 1 | where x % 7 == 8 and '{mark}' != '' | count", {"wait": 1}, 504),
    ],
)  # fmt: skip
def test_a_query_that_failed(logged: Server, query: str, options: dict[str, int], code: int) -> None:
    mark = uuid4().hex
    path = f"/v1/workspaces/{logged.home.workspace_id}/query"
    headers = {"Prefer": ",".join(f"{name}={value}" for name, value in options.items())}
    with logged.client(logged.token()) as client:
        answer = client.post(path, json={"query": query.format(mark=mark)}, headers=headers)
    assert answer.status_code == code
    row = wait_for_row(logged, mark)
    assert (row["ResponseCode"], row["ResponseRowCount"], row["StatsWorkspaceCount"]) == (code, 0, None)


def test_a_query_over_several_workspaces_is_told_to_each(logged: Server) -> None:
    neighbour = logged.people.neighbour
    for query, more in (
        ("workspace('neighbour').Heartbeat | where Computer != '{mark}'", []),
        ("Heartbeat | where Computer != '{mark}'", [neighbour.name]),
    ):
        mark = uuid4().hex
        logged.query(query.format(mark=mark), workspaces=more)
        for place in (logged.home, neighbour):
            row = wait_for_row(logged, mark, place)
            assert row["StatsWorkspaceCount"] == 2
            assert row["_ResourceId"] == str(place.resource_id).lower()
            assert str(neighbour.resource_id) in row["RequestContext"]


def test_a_kusto_query_and_one_of_a_person(logged: Server) -> None:
    mark = uuid4().hex
    with logged.client(logged.token(scope=KUSTO_SCOPE)) as client:
        body = {"db": "default", "csl": f"print '{mark}'"}
        assert client.post("/v2/rest/query", json=body, headers={"x-ms-app": "Kusto"}).status_code == 200
    row = wait_for_row(logged, mark)
    assert (row["RequestTarget"], row["RequestClientApp"]) == ("/v2/rest/query", "Kusto")
    mark = uuid4().hex
    person = logged.people.person
    with browser_of(logged, person) as client:
        asked = {"workspaces": [logged.home.workspace_id], "query": f"print '{mark}'"}
        run = client.post("/portal/api/runs", json=asked).json()["id"]
        assert "event: done" in client.get(f"/portal/api/runs/{run}/events").text
    row = wait_for_row(logged, mark)
    assert (row["AADEmail"], row["RequestClientApp"]) == (person.user_name, "Kelp portal")
