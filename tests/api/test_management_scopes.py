"""Locks, tags and moves: what holds for resources of any kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kelp.base.ids import ResourceId
from kelp.resources.author import system_author
from kelp.resources.data_collection_rule import DataCollectionRule
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_definition import CONTRIBUTOR, READER
from kelp.resources.workspace import Workspace
from tests.api.management_service import ManagementService, open_service

V, R, A, M = (f"api-version={one}" for one in ("2025-07-01", "2022-12-01", "2020-05-01", "2023-03-11"))


@pytest.fixture
def service(tmp_path: Path) -> ManagementService:
    return open_service(tmp_path)


@pytest.fixture
def group(service: ManagementService) -> str:
    return f"{service.subscription}/resourceGroups/default"


@pytest.fixture
def workspace(group: str) -> str:
    return f"{group}/providers/Microsoft.OperationalInsights/workspaces/default"


def outcome(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"] if answer.status_code >= 400 else ""


async def lock(service: ManagementService, scope: str, level: str) -> str:
    path = f"{scope}/providers/Microsoft.Authorization/locks/held?{A}"
    made = await service.call("PUT", path, {"properties": {"level": level, "notes": "in use"}})
    assert made.status_code == 201, made.text
    return path


SEARCH = {"properties": {"category": "c", "displayName": "d", "query": "Heartbeat"}}


async def test_a_lock_keeps_from_deleting(service: ManagementService, group: str, workspace: str) -> None:
    path = await lock(service, workspace, "CanNotDelete")
    search = f"{workspace}/savedSearches/one?{V}"
    assert (await service.call("PUT", search, SEARCH)).status_code == 200
    locked = (409, "ScopeLocked")
    assert outcome(await service.call("DELETE", search)) == locked
    assert outcome(await service.call("DELETE", f"{workspace}?{V}")) == locked
    refused = await service.call("DELETE", f"{group}?{R}")
    assert outcome(refused) == locked
    assert "remove the lock 'held'" in refused.json()["error"]["message"]
    assert (await service.call("DELETE", path)).status_code == 200
    assert (await service.follow(await service.call("DELETE", f"{group}?{R}"))).status_code == 204


PURGED = {"column": "Computer", "operator": "==", "value": "one"}


async def test_a_lock_keeps_from_changing_what_lies_below(
    service: ManagementService, group: str, workspace: str
) -> None:
    assert (await service.call("PUT", f"{workspace}/customers/contoso?{V}", {})).status_code == 201
    path = await lock(service, group, "ReadOnly")
    locked = (409, "ScopeLocked")
    for method, target, body in (
        ("PUT", f"{workspace}/savedSearches/one?{V}", SEARCH),
        ("PATCH", f"{workspace}?{V}", {"tags": {"a": "b"}}),
        ("PUT", f"{group}?{R}", {"location": "local", "tags": {"a": "b"}}),
        ("POST", f"{workspace}/regenerateSharedKey?{V}", {"keyType": "PrimarySharedKey"}),
        ("POST", f"{workspace}/sharedKeys?{V}", None),
        ("POST", f"{workspace}/customers/contoso/listKeys?{V}", None),
        ("POST", f"{workspace}/purge?{V}", {"table": "Heartbeat", "filters": [PURGED]}),
        ("PUT", f"{workspace}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}?api-version=2022-04-01",
         grant(service, service.installation.client_id)),
        ("DELETE", f"{workspace}?{V}", None),
        ("PATCH", f"{workspace}/providers/Microsoft.Resources/tags/default?{R}", {"properties": {"tags": {"a": "b"}}}),
    ):  # fmt: skip
        refused = await service.call(method, target, body)
        if "roleAssignments" not in target:
            assert outcome(refused) == locked, (target, refused.text)
        else:
            assert refused.status_code >= 400
    assert (await service.call("GET", f"{workspace}?{V}")).status_code == 200
    assert (await service.call("DELETE", path)).status_code == 200
    assert (await service.call("PATCH", f"{workspace}?{V}", {"tags": {"a": "b"}})).status_code == 200
    assert (await service.call("POST", f"{workspace}/sharedKeys?{V}")).status_code == 200


def grant(service: ManagementService, principal: Any) -> dict[str, Any]:
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    return {"properties": {"roleDefinitionId": role, "principalId": str(principal)}}


async def test_locks_are_listed_and_only_owners_make_them(
    service: ManagementService, group: str, workspace: str
) -> None:
    await lock(service, workspace, "CanNotDelete")
    for scope, only_there, expected in (
        (str(service.subscription), "", ["held"]),
        (group, "", ["held"]),
        (group, "&$filter=atScope()", []),
        (workspace, "&$filter=atScope()", ["held"]),
    ):
        listed = await service.call("GET", f"{scope}/providers/Microsoft.Authorization/locks?{A}{only_there}")
        assert [one["name"] for one in listed.json()["value"]] == expected, scope
    contributor = await service.get_token_of_new_application((CONTRIBUTOR, service.subscription))
    path = f"{workspace}/providers/Microsoft.Authorization/locks/held?{A}"
    assert outcome(await service.call("DELETE", path, token=contributor)) == (403, "AuthorizationFailed")


async def test_tags_are_a_resource_of_their_own(
    service: ManagementService, group: str, workspace: str
) -> None:
    for scope in (str(service.subscription), group, workspace):
        path = f"{scope}/providers/Microsoft.Resources/tags/default?{R}"

        def tags_in(answer: httpx.Response) -> Any:
            assert answer.status_code == 200, answer.text
            return answer.json()["properties"]["tags"]

        body = {"properties": {"tags": {"a": "1", "b": "2"}}}
        assert tags_in(await service.call("PUT", path, body)) == {"a": "1", "b": "2"}
        merged = {"operation": "Merge", "properties": {"tags": {"b": "3", "c": "4"}}}
        assert tags_in(await service.call("PATCH", path, merged)) == {"a": "1", "b": "3", "c": "4"}
        taken = {"operation": "Delete", "properties": {"tags": {"a": "1", "b": "not this"}}}
        assert tags_in(await service.call("PATCH", path, taken)) == {"b": "3", "c": "4"}
        assert tags_in(await service.call("GET", path)) == {"b": "3", "c": "4"}
        wrong = {"operation": "Forget", "properties": {"tags": {"<": "x"}}}
        assert (await service.call("PATCH", path, wrong)).status_code == 400
    shown = (await service.call("GET", f"{workspace}?{V}")).json()
    assert (shown["tags"], shown["properties"]["retentionInDays"]) == ({"b": "3", "c": "4"}, 30)
    path = f"{workspace}/providers/Microsoft.Resources/tags/default?{R}"
    assert (await service.call("DELETE", path)).status_code == 200
    assert (await service.call("GET", path)).json()["properties"]["tags"] == {}
    search = f"{workspace}/savedSearches/one"
    await service.call("PUT", f"{search}?{V}", SEARCH)
    assert (
        await service.call(
            "GET", f"{workspace}/tables/Heartbeat/providers/Microsoft.Resources/tags/default?{R}"
        )
    ).status_code >= 400


def make_group(service: ManagementService, name: str, subscription: ResourceId | None = None) -> str:
    group = (subscription or service.subscription).child("resourceGroups", name)
    author = system_author(service.installation.tenant_id)
    with service.store.write(author) as transaction:
        put_resource_group(transaction, group, ResourceGroup("local"))
    return str(group)


async def test_a_workspace_moves_with_all_it_has(
    service: ManagementService, group: str, workspace: str
) -> None:
    target = make_group(service, "target")
    await service.call("PUT", f"{workspace}/savedSearches/one?{V}", SEARCH)
    assignment = f"{workspace}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    client = service.directory.create_application(service.installation.tenant_id, "granted")
    granted = await service.call(
        "PUT", f"{assignment}?api-version=2022-04-01", grant(service, client.object_id)
    )
    assert granted.status_code == 201, granted.text
    rule = {
        "location": "local",
        "properties": {
            "destinations": {"logAnalytics": [{"name": "here", "workspaceResourceId": workspace}]},
            "dataFlows": [{"streams": ["Microsoft-Heartbeat"], "destinations": ["here"]}],
        },
    }
    rule_path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/fills"
    assert (await service.call("PUT", f"{rule_path}?{M}", rule)).status_code == 201
    before = service.store.get(Workspace, ResourceId.parse(workspace)).properties.workspace_id
    keys = service.store.shared_keys(before)
    body = {"resources": [workspace], "targetResourceGroup": target}
    assert (await service.call("POST", f"{group}/validateMoveResources?{R}", body)).status_code == 204
    assert (await service.call("GET", f"{workspace}?{V}")).status_code == 200
    moved = await service.call("POST", f"{group}/moveResources?{R}", body)
    assert moved.status_code == 204, moved.text
    there = workspace.replace("/default/providers", "/target/providers")
    assert (await service.call("GET", f"{workspace}?{V}")).status_code == 404
    assert (await service.call("GET", f"{there}?{V}")).json()["properties"]["customerId"] == str(before)
    assert (await service.call("GET", f"{there}/savedSearches/one?{V}")).status_code == 200
    assert service.store.snapshot.workspaces[before].id == ResourceId.parse(there)
    assert service.store.shared_keys(before) == keys
    assert client.object_id not in service.store.snapshot.assignments
    stored = service.store.get(DataCollectionRule, ResourceId.parse(rule_path))
    assert stored.properties.destinations[0].workspace_resource_id == there


async def test_what_does_not_move_is_refused_whole(
    service: ManagementService, group: str, workspace: str
) -> None:
    target = make_group(service, "target")
    cluster = f"{group}/providers/Microsoft.OperationalInsights/clusters/dedicated"
    machine = f"{group}/providers/Microsoft.Compute/virtualMachines/web-1"
    move = f"{group}/moveResources?{R}"

    async def refusals(body: dict[str, Any]) -> set[tuple[str, str]]:
        answer = await service.call("POST", move, body)
        assert answer.status_code == 400, answer.text
        return {(one["target"], one["code"]) for one in answer.json()["error"]["details"]}

    named = [workspace, cluster, machine, f"{workspace}-gone", f"{workspace}/savedSearches/one", "x"]
    assert await refusals({"resources": named, "targetResourceGroup": target}) == {
        ("resources[1]", "ResourceMoveNotSupported"),
        ("resources[2]", "ResourceMoveNotSupported"),
        ("resources[3]", "ResourceNotFound"),
        ("resources[4]", "ResourceMoveNotSupported"),
        ("resources[5]", "InvalidParameter"),
    }
    assert ("targetResourceGroup", "MoveTargetIsSource") in await refusals(
        {"resources": [workspace], "targetResourceGroup": group}
    )
    there = workspace.replace("/default/providers", "/target/providers")
    assert (await service.call("PUT", f"{there}?{V}", {"location": "local"})).status_code == 201
    assert await refusals({"resources": [workspace], "targetResourceGroup": target}) == {
        ("resources[0]", "ResourceAlreadyExists")
    }
    _, foreign = service.add_foreign_subscription()
    elsewhere = f"{foreign}/resourceGroups/theirs"
    answer = await service.call("POST", move, {"resources": [workspace], "targetResourceGroup": elsewhere})
    assert answer.status_code == 404
    await lock(service, workspace, "ReadOnly")
    other = make_group(service, "other")
    answer = await service.call("POST", move, {"resources": [workspace], "targetResourceGroup": other})
    assert outcome(answer) == (409, "ScopeLocked")
    assert (await service.call("GET", f"{workspace}?{V}")).status_code == 200
