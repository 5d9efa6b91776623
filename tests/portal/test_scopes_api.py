"""Where somebody may look, through HTTP: across tenants and by search, and nothing that is not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kelp.resources.role_definition import LOG_ANALYTICS_READER
from tests.portal.browsing import browser_of, fresh_user
from tests.servers import MANAGEMENT_SCOPE, Server, User


@pytest.fixture
def newcomer(server: Server) -> Iterator[User]:
    with fresh_user(server) as user:
        yield user


def scopes(client: httpx.Client, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/portal/api/scopes", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_reader_sees_one_workspace_and_what_it_lies_in(server: Server, newcomer: User) -> None:
    path = f"{server.home.resource_id}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{LOG_ANALYTICS_READER}"
    body = {"properties": {"roleDefinitionId": role, "principalId": str(newcomer.object_id)}}
    with (
        server.client(server.token(scope=MANAGEMENT_SCOPE)) as owner,
        browser_of(server, newcomer) as client,
    ):
        assert scopes(client) == {"value": [], "total": 0}
        version = {"api-version": "2022-04-01"}
        owner.put(path, params=version, json=body).raise_for_status()
        told = scopes(client)
        owner.delete(path, params=version).raise_for_status()
    assert [(one["kind"], one["relation"]) for one in told["value"]] == [
        ("workspace", "home"),
        ("resourceGroup", "home"),
        ("subscription", "home"),
    ]
    workspace = told["value"][0]
    assert workspace["workspaceId"] == server.home.workspace_id
    assert workspace["id"] == str(server.home.resource_id)
    assert workspace["path"].startswith("Kelp / ")
    assert told["total"] == 3


def test_a_search_takes_all_words_and_pages(server: Server) -> None:
    with browser_of(server) as client:
        found = scopes(client, search="ELSEWHERE neigh")
        assert [one["name"] for one in found["value"]] == ["neighbour"]
        by_id = scopes(client, search=server.people.neighbour.workspace_id, kind="workspace")
        assert by_id["total"] == 1
        assert scopes(client, search="fabrikam")["total"] == 0
        everything = scopes(client, top=1000)
        assert everything["total"] == len(everything["value"])
        second = scopes(client, top=1, skip=1)
        assert second["value"] == everything["value"][1:2]
        assert second["total"] == everything["total"]
        assert client.get("/portal/api/scopes?top=all").status_code == 400


def test_what_is_delegated_is_marked_and_ends_with_the_delegation(server: Server, newcomer: User) -> None:
    people, home = server.people, str(server.home.tenant_id)
    group = str(people.foreign.resource_id).partition("/providers/")[0]
    subscription = group.partition("/resourceGroups/")[0]
    base = "/providers/Microsoft.ManagedServices"
    name = "5a0f7f2e-6a57-4c39-9d3e-2f54a6a6c0aa"
    reader = "73c42c96-874c-492b-b04d-ab87d138a893"
    definition = f"{subscription}{base}/registrationDefinitions/{name}"
    offer = {
        "properties": {
            "registrationDefinitionName": "to the newcomer",
            "managedByTenantId": home,
            "authorizations": [
                {"principalId": str(newcomer.object_id), "roleDefinitionId": reader},
            ],
        }
    }
    version = {"api-version": "2022-10-01"}
    token = server.token(people.foreign_owner, MANAGEMENT_SCOPE)
    with server.client(token) as customer, browser_of(server, newcomer) as client:
        assert scopes(client)["total"] == 0
        customer.put(definition, params=version, json=offer).raise_for_status()
        assignment = f"{group}{base}/registrationAssignments/{name}"
        body = {"properties": {"registrationDefinitionId": definition}}
        customer.put(assignment, params=version, json=body).raise_for_status()
        try:
            found = scopes(client, kind="workspace")["value"]
            assert [(one["name"], one["relation"], one["tenantName"]) for one in found] == [
                ("fabrikam", "delegated", "Fabrikam")
            ]
            assert found[0]["through"] == home
            session = client.get("/portal/api/session").json()
            assert [(one["kind"], one["domain"]) for one in session["tenants"]] == [
                ("home", "kelp.local"),
                ("delegated", "fabrikam.local"),
            ]
            assert session["permissions"]["customers"] is True
            assert session["defaultWorkspace"] == people.foreign.workspace_id
            stays = client.post("/portal/api/session/tenant", json={"tenant": "fabrikam.local"})
            assert stays.json()["tenant"]["id"] == home
        finally:
            customer.delete(assignment, params=version).raise_for_status()
            customer.delete(definition, params=version).raise_for_status()
        assert scopes(client)["total"] == 0
