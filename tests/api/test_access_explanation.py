"""`explainAccess`, and `kelp access explain` on a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.base.settings import ServerSettings
from kelp.cli.access_commands import app
from kelp.resources.author import system_author
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import CONTRIBUTOR, LOG_ANALYTICS_DATA_READER, READER
from tests.api.management_service import ManagementService, open_service

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
    code, shown = run(names.user_name, READ, "/", "--json")
    assert code == 0
    assert '"allowed": true' in shown
