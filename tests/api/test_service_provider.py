"""The architectures of a service provider, each from one command to the records: central, distributed, hybrid."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kelp.base.ids import ResourceId
from tests.api.ingestion_setup import wait_for_rows
from tests.api.test_customers import call, collect_for
from tests.api.test_hybrid import send_to
from tests.api.test_usage import run_kelp
from tests.servers import MANAGEMENT_SCOPE, QUERY_SCOPE, Place, Server, populate, start_server


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
    assignments = (
        f"/subscriptions/{made['subscriptionId']}/providers/Microsoft.ManagedServices/registrationAssignments"
    )
    token = _sign_in(server, made)
    with server.client(token) as client:
        listed = client.get(assignments, params={"api-version": "2022-10-01"}).json()["value"]
        assert len(listed) == 1
        revoked = client.delete(listed[0]["id"], params={"api-version": "2022-10-01"})
        assert revoked.status_code in (200, 204), revoked.text
    assert call(server, "GET", str(place.resource_id)).status_code == 404


def _sign_in(server: Server, made: dict[str, Any]) -> str:
    """A token of the customer's own administrator."""
    form = {
        "grant_type": "password",
        "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "username": made["administrator"]["userPrincipalName"],
        "password": made["administrator"]["password"],
        "scope": MANAGEMENT_SCOPE,
    }
    with server.client() as client:
        answer = client.post(f"/{made['tenantId']}/oauth2/v2.0/token", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


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
