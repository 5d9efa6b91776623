"""Groups, lists of resources and subscriptions through `azure-mgmt-resource`, over TLS."""

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
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient

from kelp.resources.role_definition import OWNER, READER
from kelp.resources.subscription import Subscription
from tests.api.management_service import ManagementService, serve_tls

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
OI = "api-version=2025-02-01"
A = "api-version=2021-10-01"
R = "api-version=2025-04-01"
MI = "api-version=2023-03-11"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagementService]:
    folder: Path = tmp_path_factory.mktemp("installation")
    with serve_tls(folder) as service:
        yield service


@pytest.fixture(scope="module")
def clients(service: ManagementService) -> Iterator[tuple[Any, Any]]:
    with ExitStack() as stack:
        credential = stack.enter_context(ClientSecretCredential(**service.credential_arguments()))
        arguments: dict[str, Any] = {
            "base_url": service.base_url,
            "polling_interval": 0,
            "connection_verify": service.ca_file,
        }
        subscription_id = str(service.installation.subscription_id)
        yield (
            stack.enter_context(ResourceManagementClient(credential, subscription_id, **arguments)),
            stack.enter_context(SubscriptionClient(credential, **arguments)),
        )
    # Answers that the client did not read to their end keep connections, for whose end the server would wait.
    gc.collect()


async def put_workspace(service: ManagementService, group: str, name: str, **tags: str) -> str:
    path = f"{service.subscription}/resourceGroups/{group}/providers/{WORKSPACE}/{name}"
    answer = await service.call("PUT", f"{path}?{OI}", {"location": "local", "tags": tags})
    assert answer.status_code == 201, answer.text
    return path


async def test_resources_are_listed_and_found(service: ManagementService, clients: tuple[Any, Any]) -> None:
    resources, _ = clients
    for group in ("here", "there"):
        resources.resource_groups.create_or_update(group, {"location": "local"})
        for number in range(3):
            await put_workspace(service, group, f"{group}-{number}", team="blue" if number else "red")
    endpoint = (
        f"{service.subscription}/resourceGroups/here/providers/Microsoft.Insights/dataCollectionEndpoints/dce"
    )
    answer = await service.call("PUT", f"{endpoint}?api-version=2023-03-11", {"location": "local"})
    assert answer.is_success, answer.text
    table = f"{service.subscription}/resourceGroups/here/providers/{WORKSPACE}/here-0/tables/Some_CL"
    columns = [{"name": "TimeGenerated", "type": "dateTime"}]
    body = {"properties": {"schema": {"name": "Some_CL", "columns": columns}}}
    assert (await service.call("PUT", f"{table}?api-version=2022-10-01", body)).status_code == 200

    def names(**options: Any) -> list[str]:
        return [one.name for one in resources.resources.list(**options)]

    inside = [one.name for one in resources.resources.list_by_resource_group("here")]
    assert sorted(inside) == ["dce", "here-0", "here-1", "here-2"]
    assert set(names()) >= {"default", "dce", "here-0", "there-2"}
    assert names(filter="resourceType eq 'microsoft.insights/datacollectionendpoints'") == ["dce"]
    assert names(filter="name eq 'there-1'") == ["there-1"]
    assert names(filter="tagName eq 'team' and tagValue eq 'red'") == ["here-0", "there-0"]
    assert names(filter="resourceGroup eq 'there' and substringof('-1', name)") == ["there-1"]
    assert names(filter="name eq 'dce' or name eq 'here-2'", top=1) == ["dce", "here-2"]
    (found,) = (one for one in resources.resources.list_by_resource_group("there") if one.name == "there-0")
    assert (found.type, found.location, found.tags) == (WORKSPACE, "local", {"team": "red"})
    for wrong in ("color eq 'red'", "name eq 'a' and", "name eq 'a' or name eq 'b' and name eq 'c'"):
        with pytest.raises(HttpResponseError, match="InvalidFilter"):
            names(filter=wrong)
    token = await service.get_token_of_new_application(
        (READER, service.subscription.child("resourceGroups", "there").child(WORKSPACE, "there-2"))
    )
    answer = await service.call(
        "GET", f"{service.subscription}/resources?api-version=2021-04-01", token=token
    )
    assert [one["name"] for one in answer.json()["value"]] == ["there-2"]


async def test_a_group_goes_with_what_is_in_it(service: ManagementService, clients: tuple[Any, Any]) -> None:
    resources, _ = clients
    resources.resource_groups.create_or_update("going", {"location": "local"})
    assert resources.resource_groups.check_existence("going")
    space = await put_workspace(service, "going", "space")
    resources.resource_groups.begin_delete("going").result()
    assert not resources.resource_groups.check_existence("going")
    assert (await service.call("GET", f"{space}?{OI}")).status_code == 404
    deleted = f"{service.subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces?{OI}"
    assert "space" in {one["name"] for one in (await service.call("GET", deleted)).json()["value"]}
    with pytest.raises(HttpResponseError, match="ResourceGroupNotFound"):
        resources.resource_groups.begin_delete("going").result()


async def test_a_group_is_deleted_after_the_answer(
    service: ManagementService, clients: tuple[Any, Any]
) -> None:
    resources, _ = clients
    resources.resource_groups.create_or_update("leaving", {"location": "local"})
    await put_workspace(service, "leaving", "space")
    answer = await service.call("DELETE", f"{service.subscription}/resourceGroups/leaving?{R}")
    assert (answer.status_code, answer.headers["retry-after"], answer.content) == (202, "1", b"")
    assert "/operationResults/" in answer.headers["location"]
    result = await service.follow(answer)
    assert result.status_code == 204
    assert not resources.resource_groups.check_existence("leaving")


async def test_a_group_that_can_not_go_says_why(service: ManagementService, clients: tuple[Any, Any]) -> None:
    resources, _ = clients
    resources.resource_groups.create_or_update("staying", {"location": "local"})
    group = f"{service.subscription}/resourceGroups/staying"
    rule = f"{group}/providers/Microsoft.Insights/dataCollectionEndpoints/watched"
    assert (await service.call("PUT", f"{rule}?{MI}", {"location": "local"})).status_code == 201
    resources.resource_groups.create_or_update("watcher", {"location": "local"})
    watcher = await put_workspace(service, "watcher", "space")
    associations = f"{watcher}/providers/Microsoft.Insights/dataCollectionRuleAssociations"
    association = f"{associations}/configurationAccessEndpoint"
    document = {"properties": {"dataCollectionEndpointId": rule}}
    assert (await service.call("PUT", f"{association}?{MI}", document)).status_code < 300
    with pytest.raises(HttpResponseError, match="is associated with 1 resources"):
        resources.resource_groups.begin_delete("staying").result()
    assert resources.resource_groups.get("staying").properties.provisioning_state == "Succeeded"
    assert (await service.call("DELETE", f"{association}?{MI}")).status_code < 300
    resources.resource_groups.begin_delete("staying").result()


async def test_who_owned_only_the_group_sees_it_gone(
    service: ManagementService, clients: tuple[Any, Any]
) -> None:
    resources, _ = clients
    resources.resource_groups.create_or_update("owned", {"location": "local"})
    group = service.subscription.child("resourceGroups", "owned")
    token = await service.get_token_of_new_application((OWNER, group))
    # It comes after roles where things are taken by their names.
    endpoint = f"{group}/providers/Microsoft.Insights/dataCollectionEndpoints/own?{MI}"
    made = await service.call("PUT", endpoint, {"location": "local", "properties": {}}, token=token)
    assert made.status_code < 300, made.text
    answer = await service.call("DELETE", f"{group}?{R}", token=token)
    assert answer.status_code == 202
    assert (await service.follow(answer, token=token)).status_code == 204
    stranger = await service.get_token_of_new_application()
    location = answer.headers["location"].partition(service.base_url)[2]
    assert (await service.call("GET", location, token=stranger)).status_code in (403, 404)


async def test_a_subscription_is_made_renamed_and_canceled(
    service: ManagementService, clients: tuple[Any, Any]
) -> None:
    _, subscriptions = clients
    path = f"/providers/Microsoft.Subscription/aliases/team-{uuid4().hex[:6]}?{A}"
    made = await service.call("PUT", path, {"properties": {"displayName": "Team", "workload": "Production"}})
    assert made.status_code == 201, made.text
    subscription_id = made.json()["properties"]["subscriptionId"]
    again = await service.call("PUT", path, {"properties": {"displayName": "Other"}})
    assert (again.status_code, again.json()) == (200, made.json())
    assert (await service.call("GET", path)).json() == made.json()
    shown = subscriptions.subscriptions.get(subscription_id)
    assert (shown.display_name, shown.state) == ("Team", "Enabled")
    assert subscription_id in {one.subscription_id for one in subscriptions.subscriptions.list()}
    provider = f"/subscriptions/{subscription_id}/providers/Microsoft.Subscription"
    renamed = await service.call("POST", f"{provider}/rename?{A}", {"subscriptionName": "Blue team"})
    assert renamed.json() == {"subscriptionId": subscription_id}
    group = f"/subscriptions/{subscription_id}/resourceGroups/g?api-version=2022-12-01"
    assert (await service.call("PUT", group, {"location": "local"})).status_code == 201
    assert (await service.call("POST", f"{provider}/cancel?{A}")).status_code == 200
    assert subscriptions.subscriptions.get(subscription_id).state == "Disabled"
    refused = await service.call("PUT", group, {"location": "local"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ReadOnlyDisabledSubscription")
    assert (await service.call("GET", group)).status_code == 200
    assert (await service.call("POST", f"{provider}/cancel?{A}")).status_code == 409
    assert (await service.call("POST", f"{provider}/enable?{A}")).status_code == 200
    assert (await service.call("PUT", group, {"location": "local"})).status_code == 200
    assert (
        len((await service.call("GET", f"/providers/Microsoft.Subscription/aliases?{A}")).json()["value"])
        == 1
    )
    assert (await service.call("DELETE", path)).status_code == 200
    assert (await service.call("GET", path)).status_code == 404
    (found,) = (
        one for one in service.store.snapshot.subscriptions_by_key.values() if one.id.name == subscription_id
    )
    assert found.properties == Subscription("Blue team")


async def test_who_may_not_make_subscriptions(service: ManagementService) -> None:
    token = await service.get_token_of_new_application((READER, service.subscription))
    path = f"/providers/Microsoft.Subscription/aliases/mine?{A}"
    assert (await service.call("PUT", path, {}, token=token)).status_code == 403
    answer = await service.call("PUT", path, {"properties": {"displayName": " ", "subscriptionId": "x"}})
    assert answer.status_code == 400
    assert (await service.call("GET", path)).status_code == 404
