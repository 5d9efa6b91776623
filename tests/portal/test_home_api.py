"""What the first page tells of a workspace, through HTTP: arrivals, health, first steps, and only what one may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.portal.browsing import browser_of, fresh_user
from tests.security.aims import sign
from tests.servers import MANAGEMENT_SCOPE, Place, Server, User
from tests.waiting import wait_for


@pytest.fixture
def newcomer(server: Server) -> Iterator[User]:
    with fresh_user(server) as user:
        yield user


def home(client: httpx.Client, place: Place) -> dict[str, Any]:
    answer = client.get("/portal/api/home", params={"workspace": place.workspace_id})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def by_name(listed: list[dict[str, Any]], name: str = "name") -> dict[str, dict[str, Any]]:
    return {one[name]: one for one in listed}


def test_arrivals_are_counted_by_table_and_minute(server: Server) -> None:
    content = b'[{"Text": "one"}, {"Text": "two"}]'
    headers = sign(server.home.workspace_id, server.home.primary_key, content)
    headers |= {"Content-Type": "application/json", "Log-Type": "HomeRates"}
    with browser_of(server) as client:
        sent = client.post("/api/logs?api-version=2016-04-01", content=content, headers=headers)
        assert sent.is_success, sent.text
        arrived = wait_for(lambda: by_name(home(client, server.home)["rates"], "table").get("HomeRates_CL"))
        told = home(client, server.home)
    assert len(arrived["perMinute"]) == 60
    assert arrived["total"] == sum(arrived["perMinute"]) == 2
    assert told["lastRecordAt"] is not None
    assert told["rates"] == sorted(told["rates"], key=lambda one: (-one["total"], one["table"]))
    steps = by_name(told["steps"], "id")
    assert [one["id"] for one in told["steps"]] == [
        "firstRecord",
        "firstAgent",
        "firstAlert",
        "secondUser",
        "firstDashboard",
    ]
    assert steps["firstRecord"]["done"] is True
    assert steps["firstAgent"]["done"] is True
    assert steps["secondUser"]["done"] is True
    assert by_name(told["health"]).keys() == {"records", "lag", "heartbeat", "cap", "errors"}
    assert all(one["reason"] for one in told["health"])


def test_the_first_page_of_an_empty_workspace(server: Server) -> None:
    place = str(server.home.resource_id).rpartition("/")[0] + "/empty-for-home"
    with browser_of(server) as client:
        made = client.put(
            place, params={"api-version": "2023-09-01"}, json={"location": "local", "properties": {}}
        )
        assert made.is_success, made.text
        workspace = made.json()["properties"]["customerId"]
        told = client.get("/portal/api/home", params={"workspace": workspace}).json()
        client.delete(place, params={"api-version": "2023-09-01", "force": "true"})
    assert (told["rates"], told["lastRecordAt"], told["errors"]) == ([], None, [])
    assert by_name(told["steps"], "id")["firstRecord"]["done"] is False
    assert by_name(told["health"])["records"]["state"] == "none"


def test_a_cap_is_part_of_the_health(server: Server) -> None:
    place = str(server.home.resource_id).rpartition("/")[0] + "/capped-for-home"
    document = {"location": "local", "properties": {"workspaceCapping": {"dailyQuotaGb": 0.5}}}
    with browser_of(server) as client:
        made = client.put(place, params={"api-version": "2023-09-01"}, json=document)
        workspace = made.json()["properties"]["customerId"]
        told = client.get("/portal/api/home", params={"workspace": workspace}).json()
        client.delete(place, params={"api-version": "2023-09-01", "force": "true"})
    cap = by_name(told["health"])["cap"]
    assert cap["state"] == "ok"
    assert "0.5 GB" in cap["reason"]


def test_who_reads_one_table_is_told_of_that_alone(server: Server, newcomer: User) -> None:
    role = "/providers/Microsoft.Authorization/roleDefinitions/3b03c2da-16b3-4a49-8834-0f8130efdd3b"
    name = "5a0f7f2e-6a57-4c39-9d3e-2f54a6a6c0ab"
    scope = f"{server.home.resource_id}/tables/Types_CL"
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    version = {"api-version": "2022-04-01"}
    body = {"properties": {"roleDefinitionId": role, "principalId": str(newcomer.object_id)}}
    token = server.token(scope=MANAGEMENT_SCOPE)
    with server.client(token) as owner, browser_of(server, newcomer) as client:
        answer = owner.put(path, params=version, json=body)
        assert answer.is_success, answer.text
        try:
            told = home(client, server.home)
        finally:
            owner.delete(path, params=version)
    assert {one["table"] for one in told["rates"]} <= {"Types_CL"}
    assert by_name(told["steps"], "id")["firstAgent"]["done"] is False


@pytest.mark.parametrize("place", ["neighbour", "foreign"])
def test_others_workspaces_are_not_told_of(server: Server, place: str) -> None:
    with browser_of(server, server.people.person) as client:
        target = getattr(server.people, place)
        answer = client.get("/portal/api/home", params={"workspace": target.workspace_id})
        assert answer.status_code in (403, 404)
        assert client.get("/portal/api/home").status_code == 404
