"""Templates through `azure-mgmt-resource`, over TLS."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.deployments import DeploymentsMgmtClient

from kelp.api.management.deployment_execution import ACTION, end_interrupted
from kelp.base.ids import ResourceId
from kelp.resources.author import system_author
from kelp.resources.deployment import Deployment, DeploymentMode, put_deployment
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_definition import READER
from kelp.resources.workspace import Workspace
from tests.api.management_service import ManagementService, serve_tls

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagementService]:
    folder: Path = tmp_path_factory.mktemp("installation")
    with serve_tls(folder) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: ManagementService) -> Iterator[Any]:
    with ExitStack() as stack:
        credential = stack.enter_context(ClientSecretCredential(**service.credential_arguments()))
        yield stack.enter_context(
            DeploymentsMgmtClient(
                credential,
                str(service.installation.subscription_id),
                base_url=service.base_url,
                polling_interval=0,
                connection_verify=service.ca_file,
            )
        )
    # Answers that the client did not read to their end keep connections, for whose end the server would wait.
    gc.collect()


@pytest.fixture
def group(service: ManagementService) -> ResourceId:
    group_id = service.subscription.child("resourceGroups", f"g{uuid4().hex[:8]}")
    with service.store.write(system_author(service.installation.tenant_id)) as transaction:
        put_resource_group(transaction, group_id, ResourceGroup("local"))
    return group_id


def make_template(*resources: Any, **sections: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": list(resources), **sections}


def workspace(name: str, **members: Any) -> dict[str, Any]:
    properties = members.pop("properties", {})
    return {
        "type": WORKSPACE,
        "apiVersion": "2025-02-01",
        "name": name,
        "location": "[resourceGroup().location]",
        "properties": properties,
        **members,
    }


def table(workspace_name: str, name: str, **members: Any) -> dict[str, Any]:
    columns = [{"name": "TimeGenerated", "type": "dateTime"}, {"name": "Text", "type": "string"}]
    return {
        "type": f"{WORKSPACE}/tables",
        "apiVersion": "2022-10-01",
        "name": f"[concat('{workspace_name}', '/', '{name}')]",
        "properties": {"schema": {"name": name, "columns": columns}},
        **members,
    }


def error_of(raised: pytest.ExceptionInfo[HttpResponseError]) -> Any:
    """The error as the client read it."""
    return raised.value.error


def deploy(
    client: Any, group: ResourceId, template: Any, mode: str = "Incremental", **parameters: Any
) -> Any:
    given = {name: {"value": value} for name, value in parameters.items()}
    properties = {"template": template, "parameters": given, "mode": mode}
    return client.deployments.begin_create_or_update(group.name, "d", {"properties": properties}).result()


def names_in(service: ManagementService, group: ResourceId) -> set[str]:
    found = service.store.snapshot.workspaces.values()
    return {one.id.name for one in found if group.contains(one.id)}


def test_a_template_is_deployed_and_deployed_again(
    client: Any, service: ManagementService, group: ResourceId
) -> None:
    template = make_template(
        table(
            "space", "App_CL", dependsOn=["[resourceId('Microsoft.OperationalInsights/workspaces', 'space')]"]
        ),
        workspace(
            "space", properties={"retentionInDays": "[parameters('days')]"}, tags="[parameters('tags')]"
        ),
        parameters={
            "days": {"type": "int", "minValue": 30, "maxValue": 730},
            "tags": {"type": "object", "defaultValue": {"made": "by template"}},
            "secret": {"type": "securestring"},
        },
        outputs={
            "customerId": {"type": "string", "value": "[reference('space').customerId]"},
            "key": {
                "type": "string",
                "value": "[listKeys(resourceId('Microsoft.OperationalInsights/workspaces', 'space'), '2020-08-01').primarySharedKey]",
            },
            "secret": {"type": "securestring", "value": "[parameters('secret')]"},
        },
    )
    made = deploy(client, group, template, days=45, secret="hush-hush").properties
    assert made.provisioning_state == "Succeeded"
    (space,) = (one for one in service.store.snapshot.workspaces.values() if group.contains(one.id))
    assert (space.properties.settings.retention_in_days, space.properties.settings.tags) == (
        45,
        {"made": "by template"},
    )
    assert made.outputs["customerId"]["value"] == str(space.properties.workspace_id)
    assert made.outputs["key"]["value"] == service.store.shared_keys(space.properties.workspace_id).primary
    assert made.outputs["secret"] == {"type": "SecureString"}
    assert [one.id.rpartition("/")[2] for one in made.output_resources] == ["space", "App_CL"]
    stored = service.store.get(Deployment, group.child("Microsoft.Resources/deployments", "d"))
    assert "hush-hush" not in repr(stored)
    assert [
        one.properties.target_resource.resource_name
        for one in client.deployment_operations.list(group.name, "d")
    ] == [
        "space",
        "App_CL",
    ]
    again = deploy(client, group, template, days=60, secret="hush-hush").properties
    assert again.outputs["customerId"] == made.outputs["customerId"]
    assert (
        client.deployments.export_template(group.name, "d").template["parameters"]["days"]["minValue"] == 30
    )


def test_all_problems_of_a_template_are_told_before_anything_is_changed(
    client: Any, service: ManagementService, group: ResourceId
) -> None:
    template = make_template(
        workspace("first"),
        workspace("second", apiVersion="1999-01-01"),
        {"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01", "name": "x"},
        workspace("third", dependsOn=["nothing"]),
        outputs={"o": {"type": "string", "value": "[nothing()]"}},
    )
    with pytest.raises(HttpResponseError) as refused:
        deploy(client, group, template)
    assert refused.value.status_code == 400
    assert error_of(refused).code == "InvalidTemplate"
    assert len(error_of(refused).details) == 2
    del template["outputs"], template["resources"][3]
    with pytest.raises(HttpResponseError) as refused:
        client.deployments.begin_validate(
            group.name, "d", {"properties": {"template": template, "mode": "Incremental"}}
        ).result()
    assert [one.target for one in error_of(refused).details] == [
        "resources[1].apiVersion",
        "resources[2].type",
    ]
    assert names_in(service, group) == set()
    assert client.deployments.check_existence(group.name, "d") is False


def test_what_does_not_depend_on_a_failure_is_done_and_all_errors_are_told(
    client: Any, service: ManagementService, group: ResourceId
) -> None:
    template = make_template(
        workspace("badly", properties={"retentionInDays": "[int(parameters('secret'))]"}),
        table("badly", "Never_CL"),
        workspace("worse", properties={"sku": {"name": "[parameters('secret')]"}}),
        workspace("good"),
        parameters={"secret": {"type": "securestring"}},
    )
    with pytest.raises(HttpResponseError) as failed:
        deploy(client, group, template, secret="99999")
    assert error_of(failed).code == "DeploymentFailed"
    details = {one.target.rpartition("/")[2]: one.message for one in error_of(failed).details}
    assert set(details) == {"badly", "worse"}
    assert "Retention is 7 to 730 days, not ***" in details["badly"]
    assert "99999" not in str(details)
    assert names_in(service, group) == {"good"}
    states = [
        (one.properties.target_resource.resource_name, one.properties.provisioning_state)
        for one in client.deployment_operations.list(group.name, "d")
    ]
    assert states == [("badly", "Failed"), ("worse", "Failed"), ("good", "Succeeded")]
    assert client.deployments.get(group.name, "d").properties.provisioning_state == "Failed"


def test_complete_mode_removes_what_the_template_does_not_name(
    client: Any, service: ManagementService, group: ResourceId
) -> None:
    loop = {"name": "loop", "count": "[length(parameters('names'))]"}
    template = make_template(
        workspace("[parameters('names')[copyIndex()]]", copy=loop), parameters={"names": {"type": "array"}}
    )
    deploy(client, group, template, names=["first", "second", "third"])
    assert names_in(service, group) == {"first", "second", "third"}
    deploy(client, group, template, names=["first"])
    assert names_in(service, group) == {"first", "second", "third"}
    deploy(client, group, template, mode="Complete", names=["second", "fourth"])
    assert names_in(service, group) == {"second", "fourth"}


def test_a_deployment_to_the_subscription_with_others_inside(client: Any, service: ManagementService) -> None:
    inner = make_template(workspace("[parameters('name')]"), parameters={"name": {"type": "string"}},
                          outputs={"id": {"type": "string", "value": "[reference(parameters('name')).customerId]"}})  # fmt: skip
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "resourceGroup": "[parameters('group')]",
    }
    template = make_template(
        {"type": "Microsoft.Resources/resourceGroups", "apiVersion": "2022-09-01", "name": "[parameters('group')]", "location": "local"},
        {
            **nested,
            "name": "inner",
            "dependsOn": ["[parameters('group')]"],
            "properties": {
                "mode": "Incremental",
                "expressionEvaluationOptions": {"scope": "inner"},
                "parameters": {"name": {"value": "[concat('in-', parameters('group'))]"}},
                "template": inner,
            },
        },
        {
            **nested,
            "name": "outer",
            "dependsOn": ["inner"],
            "properties": {
                "mode": "Incremental",
                "template": make_template(workspace("[concat('out-', parameters('group'))]", location="local")),
            },
        },
        parameters={"group": {"type": "string"}},
        outputs={"inside": {"type": "string", "value": "[reference('inner').outputs.id.value]"}},
    )  # fmt: skip
    body = {
        "location": "local",
        "properties": {
            "template": template,
            "parameters": {"group": {"value": "nested"}},
            "mode": "Incremental",
        },
    }
    made = client.deployments.begin_create_or_update_at_subscription_scope("whole", body).result().properties
    assert made.provisioning_state == "Succeeded"
    group = service.subscription.child("resourceGroups", "nested")
    assert names_in(service, group) == {"in-nested", "out-nested"}
    space = service.store.get(Workspace, group.child(WORKSPACE, "in-nested"))
    assert made.outputs["inside"]["value"] == str(space.properties.workspace_id)
    assert [one.name for one in client.deployments.list_at_subscription_scope()] == ["whole"]
    assert {one.name for one in client.deployments.list_by_resource_group("nested")} == {"inner", "outer"}
    client.deployments.begin_delete_at_subscription_scope("whole").result()
    assert list(client.deployments.list_at_subscription_scope()) == []
    assert names_in(service, group) == {"in-nested", "out-nested"}


def test_a_deployment_that_was_interrupted_is_told_to_have_failed(
    client: Any, service: ManagementService, group: ResourceId
) -> None:
    deployment_id = group.child("Microsoft.Resources/deployments", "cut")
    with service.store.write(system_author(service.installation.tenant_id)) as transaction:
        begun = Deployment(DeploymentMode.INCREMENTAL, {}, "0", {}, "", transaction.now)
        resource = put_deployment(transaction, deployment_id, begun)
        transaction.start_operation(resource, "local", ACTION)
    with pytest.raises(HttpResponseError) as running:
        client.deployments.begin_create_or_update(
            group.name, "cut", {"properties": {"template": make_template(), "mode": "Incremental"}}
        )
    assert error_of(running).code == "DeploymentActive"
    assert end_interrupted(service.store) == 1
    assert end_interrupted(service.store) == 0
    told = client.deployments.get(group.name, "cut").properties
    assert (told.provisioning_state, told.error.code) == ("Failed", "DeploymentInterrupted")


async def test_the_rights_are_those_of_the_caller(service: ManagementService, group: ResourceId) -> None:
    path = f"{group}/providers/Microsoft.Resources/deployments/d?api-version=2022-09-01"
    body = {"properties": {"template": make_template(workspace("space")), "mode": "Incremental"}}
    reader = await service.get_token_of_new_application((READER, group))
    assert (await service.call("PUT", path, body, token=reader)).status_code == 403
    assert (await service.call("GET", path, token=reader)).status_code == 404
    _, foreign = service.add_foreign_subscription()
    foreign_path = f"{foreign}/providers/Microsoft.Resources/deployments/d?api-version=2022-09-01"
    assert (await service.call("PUT", foreign_path, {"location": "local", **body})).status_code == 404


async def test_what_is_not_followed_is_refused(service: ManagementService, group: ResourceId) -> None:
    path = f"{group}/providers/Microsoft.Resources/deployments/d?api-version=2022-09-01"
    body = {"properties": {"templateLink": {"uri": "https://x"}, "parametersLink": {}, "mode": "Odd"}}
    answer = await service.call("PUT", path, body)
    assert answer.status_code == 400
    targets = {one["target"] for one in answer.json()["error"]["details"]}
    assert targets == {
        "properties.mode",
        "properties.templateLink",
        "properties.parametersLink",
        "properties.template",
    }


def what_if(client: Any, group: ResourceId, template: Any, **properties: Any) -> dict[str, Any]:
    """The changes that are foretold, by the names of their resources."""
    asked = {"template": template, "mode": "Incremental", **properties}
    answer = client.deployments.begin_what_if(group.name, "d", {"properties": asked}).result()
    assert answer.status == "Succeeded"
    return {change.resource_id.rpartition("/")[2]: change for change in answer.properties.changes}


def test_changes_are_foretold_and_not_made(
    client: Any, service: ManagementService, group: ResourceId
) -> None:
    space = workspace("space", properties={"retentionInDays": 45}, tags={"made": "by template"})
    deploy(client, group, make_template(space, workspace("other")))
    wanted = make_template(
        workspace("space", properties={"retentionInDays": 60, "sku": {"name": "PerGB2018"}}),
        table("space", "App_CL"),
    )
    changes = what_if(client, group, wanted)
    kinds = {name: change.change_type for name, change in changes.items()}
    assert kinds == {"space": "Modify", "App_CL": "Create", "other": "Ignore"}
    (properties,) = changes["space"].delta
    assert (properties.path, properties.property_change_type) == ("properties", "Modify")
    (days,) = properties.children
    assert (days.path, days.before, days.after) == ("retentionInDays", 45, 60)
    assert changes["space"].before["properties"]["retentionInDays"] == 45
    assert changes["space"].after["properties"]["retentionInDays"] == 60
    assert changes["space"].after["tags"] == {"made": "by template"}
    assert changes["App_CL"].after["properties"]["schema"]["name"] == "App_CL"
    (stored,) = (
        one
        for one in service.store.snapshot.workspaces.values()
        if one.id.parent == group and one.id.name == "space"
    )
    assert stored.properties.settings.retention_in_days == 45
    same = what_if(client, group, make_template(space))
    assert same["space"].change_type == "NoChange"
    complete = what_if(client, group, make_template(space), mode="Complete")
    assert complete["other"].change_type == "Delete"
    brief = what_if(client, group, wanted, whatIfSettings={"resultFormat": "ResourceIdOnly"})
    assert {name: change.change_type for name, change in brief.items()} == kinds | {"space": "Deploy"}
    assert brief["space"].before is None


def test_secrets_are_not_foretold(client: Any, group: ResourceId) -> None:
    template = make_template(
        workspace("space", tags={"secret": "[parameters('secret')]"}),
        workspace("keyed", tags={"key": "[listKeys('space', '2020-08-01').primarySharedKey]"}),
        parameters={"secret": {"type": "securestring"}},
    )
    changes = what_if(client, group, template, parameters={"secret": {"value": "hush-hush"}})
    assert changes["space"].after["tags"] == {"secret": "***"}
    assert changes["keyed"].change_type == "Unsupported"
    assert "known once it is deployed" in changes["keyed"].unsupported_reason


def test_a_template_that_is_wrong_is_not_foretold(client: Any, group: ResourceId) -> None:
    with pytest.raises(HttpResponseError, match="InvalidTemplate"):
        what_if(client, group, make_template({"type": "Nothing/here", "apiVersion": "1", "name": "x"}))


async def test_who_may_not_read_is_told_nothing(service: ManagementService, group: ResourceId) -> None:
    token = await service.get_token_of_new_application()
    path = f"{group}/providers/Microsoft.Resources/deployments/d/whatIf?api-version=2025-04-01"
    body = {"properties": {"mode": "Incremental", "template": make_template()}}
    assert (await service.call("POST", path, body, token=token)).status_code in (403, 404)
