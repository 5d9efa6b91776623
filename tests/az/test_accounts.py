"""`az account`, `az group`, `az role`, `az rest`: what a user does before anything else."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.az.command_line import Az

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]
_READER = "Log Analytics Reader"


def test_the_account(az: Az) -> None:
    shown = az.run("account show")
    assert shown["id"] == az.subscription.rpartition("/")[2]
    assert (shown["tenantId"], shown["state"]) == (str(az.server.home.tenant_id), "Enabled")
    assert shown["environmentName"] == "kelp"
    assert [one["id"] for one in az.run("account list --refresh")] == [shown["id"]]
    assert [one["name"] for one in az.run("account list-locations")] == ["local"]


def test_a_group(az: Az) -> None:
    made = az.run("group create --name by-az --location local --tags team=blue")
    assert (made["name"], made["tags"]) == ("by-az", {"team": "blue"})
    assert az.run("group exists --name by-az") is True
    az.run("monitor log-analytics workspace create --resource-group by-az --workspace-name inside")
    assert "by-az" in {one["name"] for one in az.run("group list")}
    az.run("group delete --name by-az --yes")
    assert az.run("group exists --name by-az") is False


def test_a_role(az: Az) -> None:
    scope = str(az.server.home.resource_id)
    principal = str(az.server.user.object_id)
    arguments = (
        f"--assignee-object-id {principal} --assignee-principal-type User --scope {scope} --role",
        _READER,
    )
    made = az.run(f"role assignment create {arguments[0]}", arguments[1])
    assert (made["principalId"], made["scope"]) == (principal, scope)
    listed = az.run(
        f"role assignment list --scope {scope} --fill-principal-name false --fill-role-definition-name false"
    )
    assert made["id"] in {one["id"] for one in listed}
    az.run(f"role assignment delete --ids {made['id']}")
    (role,) = az.run("role definition list --name", _READER)
    assert role["roleName"] == _READER


def test_any_request(az: Az) -> None:
    url = f"{az.server.endpoint}/v1/workspaces/{az.server.home.workspace_id}/query"
    mark = uuid4().hex
    answer = az.run(
        f"rest --method post --url {url} --resource https://api.loganalytics.io --body",
        f'{{"query": "print Mark = \'{mark}\'"}}',
    )
    assert answer["tables"][0]["rows"] == [[mark]]


def test_a_role_of_one_s_own(az: Az) -> None:
    definition = {
        "Name": "Reader of groups",
        "Description": "Sees groups.",
        "Actions": ["Microsoft.Resources/subscriptions/resourceGroups/read"],
        "AssignableScopes": [az.subscription],
    }
    made = az.run("role definition create --role-definition", json.dumps(definition))
    assert made["roleName"] == "Reader of groups"
    (listed,) = az.run("role definition list --custom-role-only true")
    assert listed["permissions"][0]["actions"] == definition["Actions"]
    az.run("role definition delete --name", "Reader of groups")
    assert az.run("role definition list --custom-role-only true") == []


def test_resources_of_any_kind(az: Az) -> None:
    listed = az.run(
        "resource list --resource-group default --resource-type Microsoft.OperationalInsights/workspaces"
    )
    assert "default" in {one["name"] for one in listed}
