"""Onboarding through the management API: foreseen, done, repeated; each customer answers for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_customers import call
from tests.servers import MANAGEMENT_SCOPE, Server

ONBOARD = "/providers/Microsoft.OperationalInsights/onboardCustomers"
LIST = """name,displayName,dailyQuotaGb,retentionInDays,reader
alpha,Alpha Ltd.,1.5,14,
beta,,,4000,
gamma,,lots,,
alpha,,,,
delta,,,,nobody@kelp.local
epsilon,,,,ana@elsewhere.example
"""


@pytest.fixture
def workspace(server: Server) -> Iterator[str]:
    path = str(server.home.resource_id).rpartition("/")[0] + f"/board-{uuid4().hex[:8]}"
    made = call(server, "PUT", path, {"location": "local", "properties": {}})
    assert made.status_code == 201, made.text
    yield path
    call(server, "DELETE", f"{path}?force=true").raise_for_status()


def onboard(server: Server, **document: Any) -> list[dict[str, Any]]:
    answer = call(server, "POST", ONBOARD, document)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])


def list_customers(server: Server, workspace: str) -> list[str]:
    return [one["name"] for one in call(server, "GET", f"{workspace}/customers").json()["value"]]


def test_a_dry_run_tells_all_and_makes_nothing(server: Server, workspace: str) -> None:
    plan = {"architecture": "central", "workspaceResourceId": workspace, "dryRun": True}
    text = LIST.replace("nobody@kelp.local", str(server.people.nobody.object_id))
    alpha, beta, gamma, twice, delta, epsilon = onboard(server, **plan, list=text)
    assert (alpha["line"], alpha["state"]) == (2, "Planned")
    assert [(step["kind"], step["change"]) for step in alpha["steps"]] == [("customer", "Create")]
    assert [one["path"] for one in alpha["steps"][0]["differences"]] == [
        "displayName",
        "dailyQuotaGb",
        "retentionInDays",
    ]
    assert "made" not in alpha or alpha["made"] == {}
    assert (beta["line"], beta["state"]) == (3, "Failed")
    assert "raise the workspace's first" in beta["error"]["message"]
    assert gamma["error"]["details"][0]["target"] == "dailyQuotaGb"
    assert twice["error"]["message"] == "'alpha' is named in line 2 already."
    assert [step["kind"] for step in delta["steps"]] == ["customer", "reader"]
    assert epsilon["error"]["code"] == "PrincipalNotFound"
    assert list_customers(server, workspace) == []


def test_each_customer_is_there_or_refused_by_itself_and_a_repeat_changes_nothing(
    server: Server, workspace: str
) -> None:
    plan = {"workspaceResourceId": workspace}
    alpha, beta, *_ = onboard(server, **plan, list=LIST)
    assert alpha["state"] == "Succeeded"
    assert alpha["made"]["isNew"] is True
    assert len({alpha["made"]["enrollmentKey"], alpha["made"]["secondaryEnrollmentKey"]}) == 2
    assert beta["state"] == "Failed"
    assert list_customers(server, workspace) == ["alpha", "delta", "epsilon"]
    path = f"{workspace}/customers/alpha"
    etag = call(server, "GET", path).json()["etag"]
    (again,) = onboard(server, **plan, customers=[{"name": "ALPHA"}])
    assert (again["steps"][0]["change"], again["made"]) == (
        "NoChange",
        {"isNew": False, "customerId": alpha["made"]["customerId"]},
    )
    assert call(server, "GET", path).json()["etag"] == etag
    (changed,) = onboard(server, **plan, customers=[{"name": "alpha", "dailyQuotaGb": 3}])
    assert changed["steps"][0]["differences"] == [
        {"path": "dailyQuotaGb", "propertyChangeType": "Modify", "before": 1.5, "after": 3.0}
    ]
    found = call(server, "GET", path).json()["properties"]
    assert (found["displayName"], found["dailyQuotaGb"]) == ("Alpha Ltd.", 3)


def test_a_template_is_foreseen_and_its_failure_keeps_what_was_made(server: Server, workspace: str) -> None:
    search = {
        "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
        "apiVersion": "2025-07-01",
        "name": "[concat(parameters('workspaceName'), '/of-', parameters('customerName'))]",
        "properties": {"category": "c", "displayName": "d", "query": "Heartbeat", "version": 2},
    }
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"customerName": {"type": "string"}, "workspaceName": {"type": "string"}},
        "resources": [search],
    }
    plan = {"workspaceResourceId": workspace, "customers": [{"name": "zeta"}]}
    (foreseen,) = onboard(server, **plan, template=template, dryRun=True)
    assert [(step["kind"], step["change"]) for step in foreseen["steps"]] == [
        ("customer", "Create"),
        ("template", "Create"),
    ]
    assert foreseen["steps"][1]["target"].endswith("/savedSearches/of-zeta")
    wrong = {**template, "resources": [{**search, "name": "elsewhere/of-zeta"}]}
    (failed,) = onboard(server, **plan, template=wrong)
    assert (failed["state"], failed["error"]["target"]) == ("Failed", "template")
    assert "elsewhere" in failed["error"]["message"]
    assert failed["made"]["enrollmentKey"]
    (done,) = onboard(server, **plan, template=template)
    assert (done["state"], done["made"]["isNew"]) == ("Succeeded", False)
    assert call(server, "GET", f"{workspace}/savedSearches/of-zeta").status_code == 200


def test_a_tenant_is_made_only_for_a_document_that_is_right(server: Server) -> None:
    name = f"board-{uuid4().hex[:8]}"
    plan = {"architecture": "distributed", "domainSuffix": "board.example"}
    manager = {"principalId": str(uuid4()), "roleDefinitionId": "92aaf0da-9dab-42b6-94a3-d43ce8d16293"}
    for wrong in (
        {"customers": [{"name": name, "retentionInDays": 100_000}]},
        {"customers": [{"name": "abc"}]},
        {"customers": [{"name": name}], "authorizations": [manager]},
    ):
        for is_dry_run in (True, False):
            (refused,) = onboard(server, **plan, **wrong, dryRun=is_dry_run)
            assert refused["state"] == "Failed", refused
    (foreseen,) = onboard(server, **plan, customers=[{"name": name}], dryRun=True)
    assert foreseen["steps"] == [
        {"kind": "tenant", "target": f"{name}.board.example", "change": "Create", "differences": []}
    ]


def test_who_may_manage_stays_when_another_repeats_it(server: Server) -> None:
    name = f"board-{uuid4().hex[:8]}"
    plan = {"architecture": "distributed", "domainSuffix": "board.example", "customers": [{"name": name}]}
    person = str(server.people.newcomer.object_id)
    manager = {"principalId": person, "roleDefinitionId": "92aaf0da-9dab-42b6-94a3-d43ce8d16293"}
    (made,) = onboard(server, **plan, authorizations=[manager])
    assert made["made"]["administrator"]["password"]
    (again,) = onboard(server, **plan)
    assert again["steps"][0]["change"] == "NoChange"
    assert "password" not in again["made"]["administrator"]
    # The application that repeated it is not among those whom the customer let in.
    assert call(server, "GET", made["made"]["workspaceResourceId"]).status_code == 404


def test_who_may_not_make_customers_is_refused(server: Server, workspace: str) -> None:
    central = {"workspaceResourceId": workspace, "customers": [{"name": "alpha"}]}
    for application, statuses in ((server.people.reader, {403}), (server.people.foreign_owner, {404})):
        token = server.token(application, MANAGEMENT_SCOPE)
        for document in (central, {**central, "dryRun": True}):
            assert call(server, "POST", ONBOARD, document, token).status_code in statuses
        tenant = {"architecture": "distributed", "customers": [{"name": "alphabet"}]}
        assert call(server, "POST", ONBOARD, tenant, token).status_code == 403
    assert list_customers(server, workspace) == []


def test_a_request_that_names_nobody_or_no_place_is_refused(server: Server, workspace: str) -> None:
    for document, target in (
        ({"workspaceResourceId": workspace}, "customers"),
        ({"workspaceResourceId": "/subscriptions/x", "list": "a"}, "workspaceResourceId"),
        ({"workspaceResourceId": workspace, "list": "name,size\na,1"}, "list"),
        ({"workspaceResourceId": workspace, "customers": {"name": "a"}}, "customers"),
        ({"architecture": "sideways", "list": "a"}, "architecture"),
    ):
        answer = call(server, "POST", ONBOARD, document)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["target"] == target
