"""What runs may use: places, memory, and the time after their page has gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.portal.browsing import browser_of
from tests.portal.test_runs import ENDLESS, iter_events, read_arrow, start, wait
from tests.servers import MANAGEMENT_SCOPE, Server, populate, start_server

LIMITS: dict[str, dict[str, object]] = {
    "query": {"concurrent_per_caller": 1, "queue_length": 5},
    "portal": {"result_bytes_per_user": 2_097_152, "result_bytes": 3_145_728, "grace_seconds": 0},
}
MEGABYTE = "range x from 1 to 125000 step 1"
"""A result of a little more than a million bytes."""


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("tight"), settings=LIMITS, populate=populate) as server:
        yield server


@pytest.fixture
def client(tight: Server) -> Iterator[httpx.Client]:
    with browser_of(tight) as client:
        yield client


def until_recorded(client: httpx.Client, query: str) -> dict[str, Any]:
    """The newest entry of the history for a query, once there is one."""
    while True:
        entries = client.get("/portal/api/history", params={"search": query}).json()["value"]
        if entries:
            return dict(entries[0])


def test_a_run_that_waits_is_told_its_place(client: httpx.Client, tight: Server) -> None:
    first = start(client, tight.home, ENDLESS, background=True)
    waiting = [start(client, tight.home, f"print {number}", background=True) for number in range(6)]
    assert wait(client, waiting[5])["error"]["code"] == "ThrottledError"
    events = iter_events(client, waiting[2])
    assert next(events) == ("queued", {"position": 3})
    assert client.delete(f"/portal/api/runs/{waiting[0]}").status_code == 204
    assert next(events) == ("queued", {"position": 2})
    assert client.delete(f"/portal/api/runs/{first}").status_code == 204
    assert list(events)[-1][1]["rowCount"] == 1
    assert wait(client, waiting[0])["error"]["code"] == "QueryCancelled"


def test_old_results_make_room(client: httpx.Client, tight: Server) -> None:
    runs = []
    for _ in range(3):
        runs.append(start(client, tight.home, MEGABYTE, maximumRows=200_000))
        assert wait(client, runs[-1])["rowCount"] == 125_000
    answer = client.get(f"/portal/api/runs/{runs[0]}/result")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RunResultGone")
    assert read_arrow(client, runs[2]).num_rows == 125_000
    assert wait(client, runs[0])["rowCount"] == 125_000


def test_nobody_takes_the_room_of_all(client: httpx.Client, tight: Server) -> None:
    run = start(client, tight.home, "range x from 1 to 400000 step 1", maximumRows=400_000)
    done = wait(client, run)
    assert (done["isTruncated"], done["limit"]["kind"]) == (True, "memory")
    assert 0 < read_arrow(client, run).num_rows == done["rowCount"] < 400_000


def test_a_run_ends_after_its_page(client: httpx.Client, tight: Server) -> None:
    query = f"{ENDLESS} // left"
    run = start(client, tight.home, query)
    next(iter_events(client, run))
    entry = until_recorded(client, query)
    assert entry["error"] == "The query was cancelled."
    assert wait(client, run)["error"]["code"] == "QueryCancelled"


def test_a_run_in_the_background_goes_on(client: httpx.Client, tight: Server) -> None:
    query = f"{ENDLESS} // background"
    run = start(client, tight.home, query, background=True)
    for _ in range(2):
        assert next(iter_events(client, run))[0] in ("progress", "queued")
    assert client.delete(f"/portal/api/runs/{run}").status_code == 204
    assert until_recorded(client, query)["error"] == "The query was cancelled."


def test_a_run_is_sent_to_the_background(client: httpx.Client, tight: Server) -> None:
    query = f"{ENDLESS} // sent"
    run = start(client, tight.home, query)
    events = iter_events(client, run)
    next(events)
    path = f"/portal/api/runs/{run}"
    assert client.patch(path, json={"background": 1}).status_code == 400
    assert client.patch(path, json={"background": True}).json()["background"] is True
    del events
    listed = client.get("/portal/api/runs").json()["value"]
    assert (listed[0]["id"], listed[0]["query"], listed[0]["state"] == "ended") == (run, query, False)
    with browser_of(tight, tight.people.person) as other:
        assert other.get("/portal/api/runs").json()["value"] == []
        assert other.patch(path, json={"background": True}).status_code == 404
    assert client.patch(path, json={"background": False}).status_code == 200
    assert until_recorded(client, query)["error"] == "The query was cancelled."


def test_rows_can_be_read_as_long_as_the_workspace_can(tight: Server) -> None:
    role = "73c42c96-874c-492b-b04d-ab87d138a893"  # Log Analytics Reader
    subscription = (
        str(tight.home.resource_id).split("/providers/", maxsplit=1)[0].split("/resourceGroups/")[0]
    )
    assignment = f"{tight.home.resource_id}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    person = tight.people.newcomer
    properties = {
        "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": str(person.object_id),
        "principalType": "User",
    }
    version = {"api-version": "2022-04-01"}
    with tight.client(tight.token(scope=MANAGEMENT_SCOPE)) as owner, browser_of(tight, person) as client:
        made = owner.put(assignment, params=version, json={"properties": properties})
        assert made.status_code == 201, made.text
        run = start(client, tight.home, "print 1")
        assert read_arrow(client, run).num_rows == 1
        assert owner.delete(assignment, params=version).status_code == 200
        refused = client.get(f"/portal/api/runs/{run}/result")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "InsufficientAccessError")


def test_what_was_asked_is_in_the_history(client: httpx.Client, tight: Server) -> None:
    query = "Heartbeat | summarize by Computer // history"
    wait(client, start(client, tight.home, query, timespan="P1D"))
    entry = until_recorded(client, query)
    assert entry["workspaces"] == [tight.home.workspace_id]
    assert (entry["timespan"], entry["error"]) == ("P1D", None)
    wait(client, start(client, tight.home, "wrongg | take 1 // history"))
    assert "wrongg" in until_recorded(client, "wrongg")["error"]
    parent = start(client, tight.home, "print 1")
    wait(client, start(client, tight.home, "print 'child of history'", parent=parent, purpose="field"))
    asked = client.get("/portal/api/history", params={"search": "child of history"}).json()
    assert asked["value"] == []
