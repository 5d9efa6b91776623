"""Roles of one's own, assignments of them and permissions, through azure-mgmt-authorization."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import (
    Permission,
    RoleAssignmentCreateParameters,
    RoleDefinition,
)
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from kelp.resources.role_definition import READER, USER_ACCESS_ADMINISTRATOR
from tests.api.management_service import ManagementService, serve_tls

READ_TABLE = "Microsoft.OperationalInsights/workspaces/query/Heartbeat/read"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagementService]:
    folder: Path = tmp_path_factory.mktemp("installation")
    with serve_tls(folder) as service:
        yield service


def connect(service: ManagementService, kind: Any, client_id: object = None, secret: str = "") -> Any:
    credential = ClientSecretCredential(**service.credential_arguments(client_id, secret))
    subscription = str(service.installation.subscription_id)
    return kind(credential, subscription, base_url=service.base_url, connection_verify=service.ca_file)


@pytest.fixture
def client(service: ManagementService) -> Iterator[Any]:
    with connect(service, AuthorizationManagementClient) as client:
        yield client


def scope_of(service: ManagementService) -> str:
    return str(service.subscription).removeprefix("/")


def role(service: ManagementService, name: str, **changes: Any) -> RoleDefinition:
    permission = Permission(
        actions=["Microsoft.OperationalInsights/workspaces/read", "Microsoft.Insights/*"],
        not_actions=["Microsoft.Insights/*/delete"],
        data_actions=["Microsoft.Insights/Telemetry/Write"],
        not_data_actions=[],
    )
    members: dict[str, Any] = {
        "role_name": name,
        "description": "for tests",
        "role_type": "CustomRole",
        "permissions": [permission],
        "assignable_scopes": [str(service.subscription)],
    }
    return RoleDefinition(**(members | changes))


def test_a_role_is_defined_changed_listed_and_removed(service: ManagementService, client: Any) -> None:
    role_id, scope = str(uuid4()), scope_of(service)
    made = client.role_definitions.create_or_update(scope, role_id, role(service, "Watcher"))
    assert (made.name, made.role_name, made.role_type) == (role_id, "Watcher", "CustomRole")
    assert made.permissions[0].not_actions == ["Microsoft.Insights/*/delete"]
    changed = client.role_definitions.create_or_update(scope, role_id, role(service, "Guard"))
    assert changed.role_name == "Guard"
    assert client.role_definitions.get(scope, role_id).role_name == "Guard"
    assert client.role_definitions.get_by_id(made.id).name == role_id
    for wanted in (
        "type eq 'CustomRole'",
        "roleName eq 'guard'",
        "atScopeAndBelow() and roleName eq 'Guard'",
    ):
        assert [one.name for one in client.role_definitions.list(scope, filter=wanted)] == [role_id]
    assert {one.role_name for one in client.role_definitions.list(scope)} >= {"Guard", "Owner"}
    with pytest.raises(HttpResponseError, match="The filter is"):
        list(client.role_definitions.list(scope, filter="colour eq 'red'"))
    assert client.role_definitions.delete(scope, role_id).role_name == "Guard"
    assert client.role_definitions.delete(scope, role_id) is None
    with pytest.raises(ResourceNotFoundError):
        client.role_definitions.get(scope, role_id)


def test_a_role_of_ones_own_works_and_stays_while_it_is_assigned(
    service: ManagementService, client: Any
) -> None:
    role_id, scope = str(uuid4()), scope_of(service)
    made = client.role_definitions.create_or_update(scope, role_id, role(service, "Sees workspaces"))
    account = service.directory.create_application(service.installation.tenant_id, "watcher")
    secret = service.directory.add_secret(account.object_id)
    parameters = RoleAssignmentCreateParameters(
        role_definition_id=made.id, principal_id=str(account.object_id), principal_type="ServicePrincipal"
    )
    granted = client.role_assignments.create(scope, str(uuid4()), parameters)
    assert granted.role_definition_id == made.id
    with connect(service, LogAnalyticsManagementClient, account.application_id, secret) as logs:
        assert logs.workspaces.get("default", "default").name == "default"
        with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
            logs.workspaces.update("default", "default", {"tags": {}})
    with connect(service, AuthorizationManagementClient, account.application_id, secret) as theirs:
        (permission,) = theirs.permissions.list_for_resource_group("default")
        assert permission.data_actions == ["Microsoft.Insights/Telemetry/Write"]
    with pytest.raises(HttpResponseError, match="RoleDefinitionHasAssignments"):
        client.role_definitions.delete(scope, role_id)
    narrower = [str(service.installation.workspace_resource_id)]
    with pytest.raises(HttpResponseError, match="leave out"):
        changed = role(service, "Sees workspaces", assignable_scopes=narrower)
        client.role_definitions.create_or_update(scope, role_id, changed)
    client.role_assignments.delete_by_id(granted.id)
    client.role_definitions.delete(scope, role_id)


def test_every_problem_of_a_role_is_told(service: ManagementService, client: Any) -> None:
    permission = Permission(actions=["not an action"], not_actions=["also not!"], data_actions=[])
    wrong = role(
        service,
        "",
        permissions=[permission, Permission()],
        assignable_scopes=["nowhere", f"/subscriptions/{uuid4()}"],
    )
    with pytest.raises(HttpResponseError) as refused:
        client.role_definitions.create_or_update(scope_of(service), "no-guid", wrong)
    assert refused.value.response is not None
    error = json.loads(refused.value.response.text())["error"]
    assert [detail["target"] for detail in error["details"]] == [
        "name",
        "properties.roleName",
        "properties.permissions[0].actions[0]",
        "properties.permissions[0].notActions[0]",
        "properties.permissions[1]",
        "properties.assignableScopes[0]",
        "properties.assignableScopes[1]",
    ]


def test_names_are_unique_and_built_in_roles_stay(service: ManagementService, client: Any) -> None:
    scope = scope_of(service)
    role_id = str(uuid4())
    client.role_definitions.create_or_update(scope, role_id, role(service, "Only one"))
    for name in ("only ONE", "Reader"):
        with pytest.raises(HttpResponseError, match="RoleDefinitionWithSameNameExists"):
            client.role_definitions.create_or_update(scope, str(uuid4()), role(service, name))
    with pytest.raises(HttpResponseError, match="RoleDefinitionIsBuiltIn"):
        client.role_definitions.create_or_update(scope, str(READER), role(service, "Mine"))
    with pytest.raises(HttpResponseError, match="RoleDefinitionIsBuiltIn"):
        client.role_definitions.delete(scope, str(READER))
    client.role_definitions.delete(scope, role_id)


def test_defining_takes_the_right_in_every_scope(service: ManagementService, client: Any) -> None:
    group = str(service.installation.workspace_resource_id).partition("/providers/")[0]
    account = service.directory.create_application(service.installation.tenant_id, "administrator")
    secret = service.directory.add_secret(account.object_id)
    client.role_assignments.create(
        group.removeprefix("/"),
        str(uuid4()),
        RoleAssignmentCreateParameters(
            role_definition_id=str(USER_ACCESS_ADMINISTRATOR), principal_id=str(account.object_id)
        ),
    )
    with connect(service, AuthorizationManagementClient, account.application_id, secret) as theirs:
        definitions, path = theirs.role_definitions, group.removeprefix("/")
        made = definitions.create_or_update(
            path, str(uuid4()), role(service, "Of the group", assignable_scopes=[group])
        )
        with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
            definitions.create_or_update(path, str(uuid4()), role(service, "Of all"))
        with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
            definitions.create_or_update(path, made.name, role(service, "Of all"))
    with pytest.raises(HttpResponseError, match="RoleDefinitionScopeNotAssignable"):
        client.role_assignments.create(
            scope_of(service),
            str(uuid4()),
            RoleAssignmentCreateParameters(role_definition_id=made.id, principal_id=str(account.object_id)),
        )


def test_assignments_are_found_through_groups(service: ManagementService, client: Any) -> None:
    tenant_id, scope = service.installation.tenant_id, scope_of(service)
    account = service.directory.create_application(tenant_id, "member")
    group = service.directory.groups.create(tenant_id, "team")
    service.directory.groups.add_member(group.object_id, account.object_id)
    made = client.role_assignments.create(
        scope,
        str(uuid4()),
        RoleAssignmentCreateParameters(role_definition_id=str(READER), principal_id=str(group.object_id)),
    )
    assert made.principal_type == "Group"

    def find(wanted: str) -> list[str]:
        return [one.name for one in client.role_assignments.list_for_scope(scope, filter=wanted)]

    assert find(f"assignedTo('{account.object_id}')") == [made.name]
    assert find(f"atScope() and assignedTo('{account.object_id}')") == [made.name]
    assert find(f"principalId eq '{account.object_id}'") == []
    assert find(f"principalId eq '{group.object_id}'") == [made.name]
