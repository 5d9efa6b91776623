"""`explainAccess`, and `kelp access explain` on a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import httpx
import pytest
from typer.testing import CliRunner

from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.base.settings import ServerSettings
from kelp.cli.access_commands import app
from kelp.resources.author import system_author
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import (
    CONTRIBUTOR,
    LOG_ANALYTICS_DATA_READER,
    OWNER,
    READER,
    USER_ACCESS_ADMINISTRATOR,
)
from tests.api.management_service import ManagementService, open_service
from tests.servers import MANAGEMENT_SCOPE, Server

A = "api-version=2022-04-01"
READ = "Microsoft.OperationalInsights/workspaces/read"
WRITE = "Microsoft.OperationalInsights/workspaces/write"
TABLE_READ = "Microsoft.OperationalInsights/workspaces/tables/data/read"
CONDITION = (
    "!(ActionMatches{'Microsoft.OperationalInsights/workspaces/tables/data/read'}) OR "
    "@Resource[Microsoft.OperationalInsights/workspaces/tables/record:_CustomerId] StringEquals 'contoso'"
)


@pytest.fixture
def service(tmp_path: Path) -> ManagementService:
    return open_service(tmp_path)


@pytest.fixture
def workspace(service: ManagementService) -> str:
    return str(service.installation.workspace_resource_id)


async def ask(
    service: ManagementService, scope: str, token: str | None = None, **body: Any
) -> httpx.Response:
    path = f"{scope.rstrip('/')}/providers/Microsoft.Authorization/explainAccess?{A}"
    return await service.call("POST", path, body, token=token)


async def test_a_decision_is_told_with_all_that_was_considered(
    service: ManagementService, workspace: str
) -> None:
    account = service.directory.create_application(service.installation.tenant_id, "reader")
    group = service.directory.groups.create(service.installation.tenant_id, "team")
    service.directory.groups.add_member(group.object_id, account.object_id)
    with service.store.write(system_author(service.installation.tenant_id)) as transaction:
        for principal, role, condition in (
            (group.object_id, READER, None),
            (account.object_id, LOG_ANALYTICS_DATA_READER, CONDITION),
        ):
            put_role_assignment(
                transaction,
                ResourceId.parse(workspace).child("Microsoft.Authorization/roleAssignments", str(uuid4())),
                role,
                principal,
                find_principal_kind=lambda *_: PrincipalKind.USER,
                condition=condition,
            )
    answer = (await ask(service, workspace, principal=str(account.application_id), action=READ)).json()
    assert answer["allowed"]
    assert answer["principal"]["groupIds"] == [str(group.object_id)]
    assert {role["roleName"]: role["permits"] for role in answer["roles"]} == {
        "Reader": True,
        "Log Analytics Data Reader": True,
    }
    refused = (await ask(service, workspace, principal=str(account.object_id), action=WRITE)).json()
    assert (refused["allowed"], refused["grantedBy"]) == (False, None)
    assert "None of these grants" in refused["reason"]
    table = f"{workspace}/tables/Heartbeat"
    limited = (
        await ask(service, table, principal=str(account.object_id), action=TABLE_READ, isDataAction=True)
    ).json()
    assert limited["allowed"]
    assert [text.rpartition("record:")[2] for text in limited["limits"]] == [
        "_CustomerId] StringEquals 'contoso'"
    ]
    of_group = (await ask(service, workspace, principal=str(group.object_id), action=READ)).json()
    assert of_group["allowed"]


async def test_each_role_is_told_with_names_and_what_took_the_action_away(
    service: ManagementService, workspace: str
) -> None:
    tenant_id, groups = service.installation.tenant_id, service.directory.groups
    account = service.directory.create_application(tenant_id, "helper")
    team, department = groups.create(tenant_id, "Team"), groups.create(tenant_id, "Department")
    groups.add_member(team.object_id, account.object_id)
    groups.add_member(department.object_id, team.object_id)
    given = await give(service, workspace, department.object_id, CONTRIBUTOR)
    assert given.status_code == 201
    answer = await ask(
        service,
        f"{workspace}/tables/Heartbeat",
        principal=str(account.object_id),
        action="Microsoft.Authorization/roleAssignments/write",
    )
    told = answer.json()
    assert not told["allowed"]
    kinds = [(place["kind"], place["name"]) for place in told["places"]]
    assert [kind for kind, _ in kinds] == ["tenant", "subscription", "resourceGroup", "workspace", "table"]
    tenant = service.directory.find_tenant(str(tenant_id))
    assert tenant is not None
    assert kinds[0][1] == tenant.name
    (role,) = told["roles"]
    assert (role["principalName"], role["through"]) == ("Department", ["Team", "Department"])
    assert (role["granting"], role["excluding"]) == ("*", "Microsoft.Authorization/*/Write")
    assert role["createdBy"]
    assert role["createdOn"]


async def test_the_other_way_to_read_a_table_is_told_too(service: ManagementService, workspace: str) -> None:
    account = service.directory.create_application(service.installation.tenant_id, "reader")
    await give(service, workspace, account.object_id, LOG_ANALYTICS_DATA_READER, CONDITION)
    action = "Microsoft.OperationalInsights/workspaces/query/Syslog/read"
    for scope in (workspace, f"{workspace}/tables/Syslog"):
        told = (await ask(service, scope, principal=str(account.object_id), action=action)).json()
        other = told["otherWay"]
        assert (told["allowed"], other["allowed"], other["action"]) == (False, True, TABLE_READ)
        assert "'contoso'" in other["limits"][0]
        assert other["roles"][0]["left"] == other["limits"][0]
    none = (await ask(service, workspace, principal=str(account.object_id), action=READ)).json()
    assert "otherWay" not in none


async def test_what_would_be_is_asked_by_who_may_see_assignments(
    service: ManagementService, workspace: str
) -> None:
    account = service.directory.create_application(service.installation.tenant_id, "reader")
    more = {"scope": workspace, "roleDefinitionId": str(READER), "principalId": str(account.object_id)}
    question: dict[str, Any] = {"principal": str(account.object_id), "action": READ}
    supposed: dict[str, Any] = question | {"with": [more]}
    told = (await ask(service, workspace, **supposed)).json()
    assert (told["allowed"], told["supposed"]["allowed"]) == (False, True)
    token = await service.get_token_of_new_application()
    assert (await ask(service, workspace, token, **supposed)).status_code == 403
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"with": [more | {"condition": "@Resource"}]}, "with[0].condition"),
        ({"with": [more | {"roleDefinitionId": str(uuid4())}]}, "with[0].roleDefinitionId"),
        ({"with": [more | {"scope": f"{workspace}/tables/Syslog"}]}, "with[0].scope"),
        ({"with": [more | {"principalId": str(uuid4())}]}, "with[0].principalId"),
        (
            {"without": [f"{workspace}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"]},
            "without[0]",
        ),
    )
    for change, target in changes:
        refused = await ask(service, workspace, **question, **change)
        assert refused.status_code == 400
        assert [one["target"] for one in refused.json()["error"]["details"]] == [target]


async def test_what_a_role_would_add_is_told_by_action_and_by_table(
    service: ManagementService, workspace: str
) -> None:
    account = service.directory.create_application(service.installation.tenant_id, "reader")
    more = {
        "scope": workspace,
        "roleDefinitionId": str(LOG_ANALYTICS_DATA_READER),
        "principalId": str(account.object_id),
        "condition": f"({CONDITION}) AND "
        "@Resource[Microsoft.OperationalInsights/workspaces/tables:name] StringEquals 'Syslog'",
    }
    path = f"{workspace}/providers/Microsoft.Authorization/compareAccess?{A}"
    answer = await service.call("POST", path, {"principal": str(account.object_id), "with": [more]})
    assert answer.status_code == 200, answer.text
    (table,) = answer.json()["tables"]
    assert (table["name"], table["now"]) == ("Syslog", {"allowed": False, "limits": []})
    assert table["then"]["allowed"]
    assert answer.json()["tableCount"] == 2
    refused = await service.call("POST", path, {"principal": str(account.object_id)})
    assert (refused.status_code, refused.json()["error"]["details"][0]["target"]) == (400, "with")
    whole = more | {"condition": ""}
    answer = await service.call("POST", path, {"principal": str(account.object_id), "with": [whole]})
    names = {one["name"]: (one["now"], one["then"]) for one in answer.json()["actions"]}
    assert names[READ] == (False, True)
    assert WRITE not in names
    assert [one["name"] for one in answer.json()["tables"]] == ["Heartbeat", "Syslog"]


async def test_nobody_takes_their_own_last_right_to_give_access(
    service: ManagementService, workspace: str
) -> None:
    tenant_id = service.installation.tenant_id
    account = service.directory.create_application(tenant_id, "owner")
    secret = service.directory.add_secret(account.object_id)
    own = (await give(service, workspace, account.object_id, OWNER)).json()["id"]
    token = await service.get_token(client_id=str(account.application_id), client_secret=secret)
    code = "CannotDeleteLastRbacAdminAssignment"
    refused = await service.call("DELETE", f"{own}?{A}", token=token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (412, code)
    assert "Somebody else" in refused.json()["error"]["message"]
    asked = await ask(service, workspace, token, action=READ, without=[own])
    assert asked.json()["error"]["code"] == code
    # Nor by a condition that leaves nothing of it.
    narrow = {
        "roleDefinitionId": str(OWNER),
        "principalId": str(account.object_id),
        "condition": "ActionMatches{'Microsoft.OperationalInsights/workspaces/read'}",
    }
    refused = await service.call("PUT", f"{own}?{A}", {"properties": narrow}, token=token)
    assert refused.json()["error"]["code"] == code
    # It is there as before, and goes where another right is left, or by another's hand.
    second = (await give(service, workspace, account.object_id, USER_ACCESS_ADMINISTRATOR)).json()["id"]
    assert (await service.call("DELETE", f"{own}?{A}", token=token)).status_code == 200
    assert (await service.call("DELETE", f"{second}?{A}", token=token)).status_code == 412
    assert (await service.call("DELETE", f"{second}?{A}")).status_code == 200


async def test_a_role_of_ones_own_keeps_what_lets_its_holder_give_access(
    service: ManagementService, workspace: str
) -> None:
    account = service.directory.create_application(service.installation.tenant_id, "owner")
    secret = service.directory.add_secret(account.object_id)
    path = f"{service.subscription}/providers/Microsoft.Authorization/roleDefinitions/{uuid4()}?{A}"
    role = {"roleName": "Keeper", "assignableScopes": [str(service.subscription)]}
    document = {"properties": role | {"permissions": [{"actions": ["Microsoft.Authorization/*"]}]}}
    assert (await service.call("PUT", path, document)).status_code == 201
    role_id = UUID(path.partition("?")[0].rpartition("/")[2])
    await give(service, str(service.subscription), account.object_id, role_id)
    token = await service.get_token(client_id=str(account.application_id), client_secret=secret)
    narrow = {"properties": role | {"permissions": [{"actions": ["Microsoft.Authorization/*/read"]}]}}
    refused = await service.call("PUT", path, narrow, token=token)
    assert refused.json()["error"]["code"] == "CannotDeleteLastRbacAdminAssignment"
    assert (await service.call("PUT", path, document, token=token)).status_code == 201
    assert (await service.call("PUT", path, narrow)).status_code == 201


async def test_the_actions_that_roles_name_are_told_to_everybody(service: ManagementService) -> None:
    token = await service.get_token_of_new_application()
    path = f"/providers/Microsoft.Authorization/providerOperations?{A}"
    providers = (await service.call("GET", path, token=token)).json()["value"]
    operations = [
        operation
        for provider in providers
        for kind in provider["resourceTypes"]
        for operation in kind["operations"]
    ]
    names = [operation["name"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {READ, WRITE, TABLE_READ, "Microsoft.Authorization/roleAssignments/write"} <= set(names)
    assert [one["isDataAction"] for one in operations if one["name"] == TABLE_READ] == [True]


async def give(
    service: ManagementService, scope: str, principal: UUID, role: UUID, condition: str | None = None
) -> httpx.Response:
    properties = {"roleDefinitionId": str(role), "principalId": str(principal)}
    if condition is not None:
        properties["condition"] = condition
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}?{A}"
    return await service.call("PUT", path, {"properties": properties})


def test_a_refusal_tells_which_right_is_missing_but_of_other_tenants_nothing(server: Server) -> None:
    people = server.people
    stranger, missing = people.nobody, "x-kelp-missing-right"
    with server.client(server.token(stranger)) as client:
        own = client.post(f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": "Heartbeat"})
        foreign = client.post(
            f"/v1/workspaces/{people.foreign.workspace_id}/query", json={"query": "Heartbeat"}
        )
    assert dict(parse_qsl(own.headers[missing])) == {
        "who": str(stranger.object_id),
        "action": "Microsoft.OperationalInsights/workspaces/query/read",
        "scope": str(server.home.resource_id),
    }
    assert (own.status_code, foreign.status_code) == (403, 403)
    assert missing not in foreign.headers
    with server.client(server.token(stranger, MANAGEMENT_SCOPE)) as client:
        refused = client.delete(f"{server.home.resource_id}?api-version=2025-07-01")
    assert (
        dict(parse_qsl(refused.headers[missing]))["action"]
        == "Microsoft.OperationalInsights/workspaces/delete"
    )


async def test_everybody_may_ask_about_themselves_and_few_about_others(
    service: ManagementService, workspace: str
) -> None:
    nobody = await service.get_token_of_new_application()
    answer = await ask(service, workspace, nobody, action=READ)
    assert answer.json()["allowed"] is False
    owner = str(service.installation.client_id)
    answer = await ask(service, workspace, nobody, action=READ, principal=owner)
    assert answer.status_code == 403
    tenant_id, foreign = service.add_foreign_subscription()
    assert (await ask(service, str(foreign), action=READ)).status_code == 404
    stranger = service.directory.create_application(tenant_id, "stranger")
    for name in (str(stranger.object_id), "nobody@nowhere", str(uuid4())):
        answer = await ask(service, workspace, action=READ, principal=name)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "PrincipalNotFound")
    assert (await ask(service, workspace)).status_code == 400


async def test_closed_workspaces_are_for_those_with_a_role(service: ManagementService) -> None:
    nobody = await service.get_token_of_new_application()
    for scope in (service.subscription, f"{service.subscription}/resourceGroups/default"):
        path = f"{scope}/providers/Microsoft.OperationalInsights/deletedWorkspaces?api-version=2025-07-01"
        assert (await service.call("GET", path, token=nobody)).status_code == 403
        assert (await service.call("GET", path)).status_code == 200


def test_a_folder_is_asked_offline(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    installation = Installation.create(folder)
    names = installation.initialize(ServerSettings()).names
    account = installation.directory.create_application(names.tenant_id, "helper")
    scope = names.workspace_resource_id
    with installation.store.write(system_author(names.tenant_id)) as transaction:
        name = scope.child("Microsoft.Authorization/roleAssignments", str(uuid4()))
        put_role_assignment(
            transaction,
            name,
            CONTRIBUTOR,
            account.object_id,
            find_principal_kind=lambda *_: PrincipalKind.SERVICE_PRINCIPAL,
        )
    installation.close()

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["explain", *arguments, "--data", str(folder)])
        return result.exit_code, result.output

    code, shown = run(str(account.object_id), WRITE, str(scope))
    assert code == 0
    assert shown.startswith("Allowed: role 'Contributor' assigned to the caller at")
    assert str(name) in shown
    code, shown = run(str(account.object_id), "Microsoft.Authorization/roleAssignments/write", str(scope))
    assert code == 5
    assert shown.startswith("Not allowed: None of these grants the action")
    assert "it excludes Microsoft.Authorization/*/Write" in shown
    # A table is read in either of two ways.
    code, shown = run(str(account.object_id), TABLE_READ, f"{scope}/tables/Heartbeat", "--data-action")
    assert code == 0
    assert shown.startswith("Allowed: role 'Contributor'")
    code, shown = run(names.user_name, READ, "/", "--json")
    assert code == 0
    assert '"allowed": true' in shown
