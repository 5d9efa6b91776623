"""The customers that somebody serves, through HTTP: both kinds, filtered, ordered and paged, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.portal.browsing import browser_of, fresh_user
from tests.servers import MANAGEMENT_SCOPE, Server, User

VERSION = {"api-version": "2022-10-01"}
READER = "73c42c96-874c-492b-b04d-ab87d138a893"


def customers(client: httpx.Client, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/portal/api/customers", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def newcomer(server: Server) -> Iterator[User]:
    with fresh_user(server) as user:
        yield user


@pytest.fixture
def central(server: Server) -> Iterator[str]:
    """The path of a workspace with three customers, one of which is blocked."""
    path = str(server.home.resource_id).rpartition("/")[0] + f"/central-{uuid4().hex[:8]}"
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as owner:
        document = {"location": "local", "properties": {}}
        owner.put(path, params=VERSION, json=document).raise_for_status()
        for name, properties in (
            ("alpha", {"displayName": "Alpha of roll-up", "dailyQuotaGb": 1}),
            ("beta", {"displayName": "Beta of roll-up"}),
            (
                "gamma",
                {"displayName": "Gamma of roll-up", "state": "Blocked", "blockReason": "Did not pay."},
            ),
        ):
            body = {"properties": properties}
            owner.put(f"{path}/customers/{name}", params=VERSION, json=body).raise_for_status()
        yield path
        owner.delete(path, params={**VERSION, "force": "true"}).raise_for_status()


def test_central_customers_are_told_with_health_in_words(server: Server, central: str) -> None:
    with browser_of(server) as client:
        told = customers(client, search="of roll-up")
        rows = told["value"]
        assert [row["name"] for row in rows] == [f"{name} of roll-up" for name in ("Alpha", "Beta", "Gamma")]
        assert {row["kind"] for row in rows} == {"central"}
        assert rows[2]["health"] == {
            "name": "blocked",
            "state": "danger",
            "reason": "No records are taken: Did not pay.",
        }
        assert rows[2]["state"] == "Blocked"
        assert (rows[0]["capBytes"], rows[1]["capBytes"]) == (1e9, None)
        assert all(len(row["days"]) == 7 and row["todayBytes"] == row["days"][-1] for row in rows)
        assert rows[0]["resourceId"] == f"{central}/customers/alpha"
        assert rows[0]["costMonthToDate"] == 0
        owner = next(role for role in rows[0]["roles"] if role["name"] == "Owner")
        assert (owner["isDelegated"], owner["group"], owner["mayEnd"]) == (False, None, False)
        assert owner["grantedBy"]
        assert owner["grantedAt"]
        assert told["summary"]["customers"] >= 3
        assert told["currency"]


def test_rows_are_filtered_ordered_and_paged(server: Server, central: str) -> None:
    with browser_of(server) as client:
        search = {"search": "of roll-up"}
        worst = customers(client, **search, **{"$orderby": "health desc", "$top": 1})
        assert worst["value"][0]["name"] == "Gamma of roll-up"
        assert (worst["total"], worst["skipToken"]) == (3, "1")
        rest = customers(client, **search, **{"$orderby": "health desc", "$skiptoken": worst["skipToken"]})
        assert len(rest["value"]) == 2
        assert rest["skipToken"] is None
        blocked = customers(client, **search, **{"$filter": "health eq 'danger' and kind eq 'central'"})
        assert [row["name"] for row in blocked["value"]] == ["Gamma of roll-up"]
        capped = customers(client, **search, **{"$orderby": "capUsed desc"})
        assert capped["value"][0]["name"] == "Alpha of roll-up"
        for wrong in (
            {"$orderby": "shoeSize"},
            {"$orderby": "name sideways"},
            {"$filter": "health near 3"},
            {"$top": "many"},
        ):
            assert client.get("/portal/api/customers", params=wrong).status_code == 400


def test_who_reads_nothing_of_it_sees_no_customer(server: Server, central: str) -> None:
    for user in (server.people.person, server.people.newcomer, server.people.foreign_person):
        with browser_of(server, user) as client:
            told = customers(client, search="of roll-up")
            assert (told["value"], told["total"]) == ([], 0)


def test_a_delegated_tenant_is_a_customer_while_it_is_delegated(server: Server, newcomer: User) -> None:
    people, name = server.people, str(uuid4())
    group = str(people.foreign.resource_id).partition("/providers/")[0]
    subscription = group.partition("/resourceGroups/")[0]
    base = "/providers/Microsoft.ManagedServices"
    definition = f"{subscription}{base}/registrationDefinitions/{name}"
    assignment = f"{group}{base}/registrationAssignments/{name}"
    authorization = {"principalId": str(newcomer.object_id), "roleDefinitionId": READER}
    offer = {
        "properties": {
            "registrationDefinitionName": "roll-up",
            "managedByTenantId": str(server.home.tenant_id),
            "authorizations": [authorization],
        }
    }
    token = server.token(people.foreign_owner, MANAGEMENT_SCOPE)
    with server.client(token) as customer, browser_of(server, newcomer) as client:
        customer.put(definition, params=VERSION, json=offer).raise_for_status()
        body = {"properties": {"registrationDefinitionId": definition}}
        customer.put(assignment, params=VERSION, json=body).raise_for_status()
        try:
            told = customers(client)
            row = next(one for one in told["value"] if one["kind"] == "delegated")
            assert (row["name"], row["domain"]) == ("Fabrikam", "fabrikam.local")
            assert people.foreign.workspace_id in {one["id"] for one in row["workspaces"]}
            assert row["health"]["reason"]
            assert row["agents"] == 1
            assert row["agentsReporting"] in (0, 1)  # its beats end when the server starts
            (role,) = row["roles"]
            assert (role["name"], role["isDelegated"]) == ("Log Analytics Reader", True)
            assert role["scope"].lower() == group.lower()
            assert role["assignmentId"].lower() == assignment.lower()
            assert role["grantedBy"]
            assert (role["group"], role["mayEnd"]) == (None, False)
            assert row["costMonthToDate"] is None
        finally:
            customer.delete(assignment, params=VERSION).raise_for_status()
            customer.delete(definition, params=VERSION).raise_for_status()
        assert all(one["kind"] != "delegated" for one in customers(client)["value"])
