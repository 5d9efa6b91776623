"""The architectures of a service provider, each from one command to the records: central, distributed, hybrid."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from kelp.base.ids import ResourceId
from kelp.resources.role_definition import LOG_ANALYTICS_READER
from tests.api.directory_calls import DIRECTORY_SCOPE, ask_directory
from tests.api.ingestion_setup import wait_for_rows
from tests.api.test_customers import call, collect_for
from tests.api.test_hybrid import send_to
from tests.api.test_usage import run_kelp
from tests.servers import MANAGEMENT_SCOPE, QUERY_SCOPE, Place, Server, User, populate, start_server
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("provider"), populate=populate) as server:
        yield server


def add(server: Server, *arguments: str) -> list[dict[str, Any]]:
    printed = run_kelp(server, "customers", "add", "--workspace", str(server.home.resource_id), *arguments)
    return list(json.loads(printed))


def place_of(made: dict[str, Any]) -> Place:
    resource_id = ResourceId.parse(made["workspaceResourceId"])
    return Place(UUID(made["tenantId"]), resource_id, made["workspaceId"], made["primaryKey"])


def test_a_hundred_customers_of_one_workspace_in_one_command(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["name", "displayName", "dailyQuotaGb", "retentionInDays", "reader"])
        reader = str(server.people.nobody.object_id)
        writer.writerows(
            [f"c{n:03}", f"Customer {n}", "1", "14", reader if n == 7 else ""] for n in range(100)
        )
    planned = add(server, "--file", str(file), "--dry-run")
    assert {one["state"] for one in planned} == {"Planned"}
    made = add(server, "--file", str(file))
    assert len({one["enrollmentKey"] for one in made}) == 100
    again = add(server, "--file", str(file))
    assert [one["customerId"] for one in again] == [one["customerId"] for one in made]
    assert not any("enrollmentKey" in one for one in again)
    for number in (7, 8):
        one = made[number]
        answer = collect_for(
            server, one["customerId"], one["enrollmentKey"], "Orders", b'[{"N": %d}]' % number
        )
        assert answer.status_code == 200
    wait_for_rows(server, "Orders_CL", 2)
    # The reader of one customer sees that customer's records and no others.
    with server.client(server.token(server.people.nobody, QUERY_SCOPE)) as client:
        path = f"/v1/workspaces/{server.home.workspace_id}/query"
        seen = client.post(path, json={"query": "Orders_CL | project N_d, _CustomerId"})
    assert seen.status_code == 200, seen.text
    assert seen.json()["tables"][0]["rows"] == [[7.0, made[7]["customerId"]]]
    listed = json.loads(
        run_kelp(server, "customers", "list", "--json", "--workspace", str(server.home.resource_id))
    )
    health = {one["name"]: one for one in listed}
    assert {one["name"] for one in made} <= set(health)
    assert health["c007"]["bytesToday"] > 0
    assert health["c009"]["lastRecord"] is None
    assert " customers" in run_kelp(server, "customers", "list", "--workspace", str(server.home.resource_id))


def test_a_customer_with_a_tenant_of_its_own_is_managed_by_delegation(server: Server) -> None:
    """Distributed: the provider queries and administers the customer's workspace until the customer revokes that."""
    (made,) = add(server, "contoso", "--architecture", "distributed")
    again = add(server, "contoso", "--architecture", "distributed")
    assert again == [
        {name: made[name] for name in made if name != "primaryKey"}
        | {"administrator": {"userPrincipalName": "admin@contoso.customers.local"}}
    ]
    place = place_of(made)
    send_to(server, place, "Theirs", [{"N": 1}])
    assert len(wait_for_rows(server, "Theirs_CL", 1, place)) == 1
    # Nobody else of the provider's tenant may, nor anybody of a third one.
    for application in (server.people.nobody, server.people.foreign_owner):
        with server.client(server.token(application, QUERY_SCOPE)) as client:
            answer = client.post(f"/v1/workspaces/{place.workspace_id}/query", json={"query": "Theirs_CL"})
        assert answer.status_code in (403, 404)
    change = {"properties": {"retentionInDays": 60}}
    assert call(server, "PATCH", str(place.resource_id), change).status_code == 200
    revoke_delegation(server, made)
    assert call(server, "GET", str(place.resource_id)).status_code == 404


def revoke_delegation(server: Server, made: dict[str, Any]) -> None:
    """What the customer does to end it."""
    assignments = (
        f"/subscriptions/{made['subscriptionId']}/providers/Microsoft.ManagedServices/registrationAssignments"
    )
    with server.client(_sign_in_administrator(server, made)) as client:
        listed = client.get(assignments, params={"api-version": "2022-10-01"}).json()["value"]
        assert len(listed) == 1
        revoked = client.delete(listed[0]["id"], params={"api-version": "2022-10-01"})
        assert revoked.status_code in (200, 204), revoked.text


def test_a_customer_with_a_tenant_of_its_own_has_guests_of_the_provider(server: Server) -> None:
    """Distributed, without delegation: the customer invites whom it wants, and each step has its effect at once."""
    (made,) = add(server, "hosting", "--architecture", "distributed")
    revoke_delegation(server, made)
    place, person = place_of(made), server.people.newcomer
    send_to(server, place, "Hosted", [{"N": 1}])

    def manage(method: str, path: str, document: Any = None) -> None:
        token = _sign_in_administrator(server, made)
        with server.client(token) as client:
            answer = client.request(method, path, params={"api-version": "2022-04-01"}, json=document)
        assert answer.is_success, answer.text

    assert sign_in(server, made["tenantId"], person, QUERY_SCOPE).json()["error_codes"] == [50020]
    administrator = _sign_in_administrator(server, made, DIRECTORY_SCOPE)
    guest = invite(server, person, administrator)
    # Whoever is called like the invited address redeems the invitation by signing in; that alone gives no right.
    entered = sign_in(server, made["tenantId"], person, QUERY_SCOPE).json()["access_token"]
    assert ask_directory(server, "GET", f"/users/{guest['id']}", token=administrator)[
        "externalUserState"
    ] == ("Accepted")

    def ask(token: str = entered) -> int:
        with server.client(token) as client:
            path = f"/v1/workspaces/{place.workspace_id}/query"
            return client.post(path, json={"query": "union isfuzzy=true (print 1), Hosted_CL"}).status_code

    assert ask() in (403, 404)
    role = f"{place.resource_id}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    reader = f"/providers/Microsoft.Authorization/roleDefinitions/{LOG_ANALYTICS_READER}"
    properties = {"roleDefinitionId": reader, "principalId": guest["id"], "principalType": "User"}
    manage("PUT", role, {"properties": properties})
    assert ask() == 200
    assert len(wait_for_guest_rows(server, place, entered)) == 1
    # At home the same person has nothing there, and here nothing but reading.
    at_home = sign_in(server, str(server.home.tenant_id), person, QUERY_SCOPE).json()["access_token"]
    assert ask(at_home) in (403, 404)
    writing = sign_in(server, made["tenantId"], person, MANAGEMENT_SCOPE).json()["access_token"]
    change = {"properties": {"retentionInDays": 60}}
    assert call(server, "PATCH", str(place.resource_id), change, writing).status_code == 403
    assert call(server, "GET", str(server.home.resource_id), token=writing).status_code in (403, 404)
    # The role goes and comes, the account at home is kept out and let in, and then the guest is removed.
    manage("DELETE", role)
    assert ask() in (403, 404)
    manage("PUT", role, {"properties": properties})
    assert ask() == 200
    home_account = f"/users/{person.object_id}"
    ask_directory(server, "PATCH", home_account, {"accountEnabled": False})
    assert ask() == 401
    ask_directory(server, "PATCH", home_account, {"accountEnabled": True})
    assert ask() == 200
    ask_directory(server, "DELETE", f"/users/{guest['id']}", token=administrator)
    assert ask() == 401
    assert sign_in(server, made["tenantId"], person, QUERY_SCOPE).json()["error_codes"] == [50020]


def invite(server: Server, person: User, administrator: str) -> dict[str, Any]:
    """What an administrator of a tenant invites somebody as."""
    invitation = ask_directory(
        server,
        "POST",
        "/invitations",
        {"invitedUserEmailAddress": person.user_name, "inviteRedirectUrl": "https://kelp.example/"},
        administrator,
    )
    assert invitation["invitedUser"]["externalUserState"] == "PendingAcceptance"
    return dict(invitation["invitedUser"])


def wait_for_guest_rows(server: Server, place: Place, token: str) -> list[list[Any]]:
    def find() -> list[list[Any]]:
        with server.client(token) as client:
            answer = client.post(f"/v1/workspaces/{place.workspace_id}/query", json={"query": "Hosted_CL"})
        return list(answer.json()["tables"][0]["rows"]) if answer.status_code == 200 else []

    return wait_for(find)


def _sign_in_administrator(server: Server, made: dict[str, Any], scope: str = MANAGEMENT_SCOPE) -> str:
    """A token of the customer's own administrator."""
    account = made["administrator"]
    user = User(server.user.object_id, account["userPrincipalName"], account["password"])
    answer = sign_in(server, made["tenantId"], user, scope)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def sign_in(server: Server, tenant_id: str, user: User, scope: str) -> httpx.Response:
    """What a tenant answers to a person who wants a token."""
    form = {
        "grant_type": "password",
        "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "username": user.user_name,
        "password": user.password,
        "scope": scope,
    }
    with server.client() as client:
        return client.post(f"/{tenant_id}/oauth2/v2.0/token", data=form)


def test_a_hybrid_customer_keeps_its_records_and_the_provider_pulls_a_table(
    server: Server, tmp_path: Path
) -> None:
    template = tmp_path / "template.json"
    template.write_text(json.dumps(TEMPLATE))
    (made,) = add(
        server, "fourth", "--architecture", "hybrid", "--pull", "Heartbeat", "--template", str(template)
    )
    place = place_of(made)
    search = call(server, "GET", f"{place.resource_id}/savedSearches/beats-of-fourth")
    assert search.status_code == 200, search.text
    assert call(server, "GET", f"{server.home.resource_id}/dataPulls/fourth-Heartbeat").status_code == 200
    # A summary over both: the provider's query spans the customers' workspaces.
    rows = wait_for_rows(server, f'union Heartbeat, workspace("{place.workspace_id}").Heartbeat | count', 1)
    assert len(rows) == 1


TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"customerName": {"type": "string"}, "workspaceName": {"type": "string"}},
    "resources": [
        {
            "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
            "apiVersion": "2020-08-01",
            "name": "[concat(parameters('workspaceName'), '/beats-of-', parameters('customerName'))]",
            "properties": {
                "category": "Provider",
                "displayName": "Beats",
                "query": "Heartbeat | summarize count() by Computer",
            },
        }
    ],
}
