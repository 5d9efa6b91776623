"""The life of dedicated clusters and links, with the clock turned by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from kelp.base.ids import ResourceId
from kelp.resources.role_definition import CONTRIBUTOR, LOG_ANALYTICS_READER
from tests.api.cluster_setup import OLD, SECONDS, Clusters, document, open_clusters
from tests.api.management_service import ManagementService

KEY = {"keyVaultUri": "https://safe.vault.azure.net/", "keyName": "ours", "keyVersion": ""}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ManagementService:
    return open_clusters(tmp_path_factory.mktemp("clusters"), validate_key=lambda *_: None)


@pytest.fixture
def clusters(service: ManagementService) -> Clusters:
    return Clusters(service)


async def test_a_cluster_is_made_in_the_time_that_it_takes(clusters: Clusters) -> None:
    answer = await clusters.call("PUT", clusters.path("big-one"), document(tags={"of": "us"}))
    assert answer.status_code == 202
    assert answer.headers["retry-after"] == "1"
    made = answer.json()
    assert made["properties"]["provisioningState"] == "ProvisioningAccount"
    assert made["properties"]["isDoubleEncryptionEnabled"] is True
    assert made["properties"]["billingType"] == "Cluster"
    UUID(made["properties"]["clusterId"])
    await clusters.provisioning.run_once()
    operation = answer.headers["azure-asyncoperation"].removeprefix(clusters.service.base_url)
    assert (await clusters.service.call("GET", operation)).json()["status"] == "InProgress"
    assert (await clusters.settle(answer)).json()["status"] == "Succeeded"
    found = (await clusters.call("GET", clusters.path("BIG-one"))).json()
    assert found["properties"]["provisioningState"] == "Succeeded"
    assert found["identity"]["type"] == "SystemAssigned"
    account = clusters.service.directory.find_account(UUID(found["identity"]["principalId"]))
    assert account is not None
    assert found["identity"]["tenantId"] == str(account.tenant_id)
    assert found["sku"] == {"name": "CapacityReservation", "capacity": 1000}
    assert found["tags"] == {"of": "us"}
    for scope in (clusters.group, str(clusters.subscription)):
        listed = await clusters.call("GET", f"{scope}/providers/microsoft.operationalinsights/clusters")
        assert [one["name"] for one in listed.json()["value"]] == ["big-one"]


async def test_a_second_put_of_what_was_read_changes_what_differs(clusters: Clusters) -> None:
    """As `az` updates: GET, then PUT of all of it."""
    await clusters.make("cluster-1")
    read = (await clusters.call("GET", clusters.path("cluster-1"))).json()
    read["properties"]["capacityReservationProperties"] = {}
    read["properties"]["billingType"] = "workspaces"
    read["sku"]["capacity"] = 2000
    answer = await clusters.call("PUT", clusters.path("cluster-1"), read)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["sku"]["capacity"], found["properties"]["billingType"]) == (2000, "Workspaces")
    assert found["properties"]["clusterId"] == read["properties"]["clusterId"]
    assert found["identity"] == read["identity"]


async def test_a_patch_of_the_sku_repeats_nothing_else(clusters: Clusters) -> None:
    await clusters.make("cluster-1", tags={"a": "b"})
    sku = {"sku": {"name": "CapacityReservation", "capacity": 2000}}
    answer = await clusters.call("PATCH", clusters.path("cluster-1"), sku)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["sku"]["capacity"], answer.json()["tags"]) == (2000, {"a": "b"})
    smaller = {"sku": {"capacity": 1000}}
    clusters.service.clock.turn(days=30, hours=23)
    assert (await clusters.call("PATCH", clusters.path("cluster-1"), smaller)).status_code == 400
    clusters.service.clock.turn(hours=1)
    found = (await clusters.call("GET", clusters.path("cluster-1"))).json()
    assert found["properties"]["capacityReservationProperties"]["minCapacity"] == 100
    assert (await clusters.call("PATCH", clusters.path("cluster-1"), smaller)).status_code == 200


async def test_older_clients_have_older_rules(clusters: Clusters) -> None:
    old = document(sku={"name": "CapacityReservation", "capacity": 1100})
    answer = await clusters.call("PUT", clusters.path("abc"), old, OLD)
    assert answer.status_code == 202, answer.text
    await clusters.settle()
    smaller = {"sku": {"capacity": 1000}}
    clusters.service.clock.turn(days=29, hours=23, seconds=60 - 2 * SECONDS)
    assert (await clusters.call("PATCH", clusters.path("abc"), smaller, OLD)).status_code == 400
    clusters.service.clock.turn(hours=1)
    assert (await clusters.call("PATCH", clusters.path("abc"), smaller, OLD)).status_code == 200


async def test_a_key_is_brought_by_an_operation(clusters: Clusters) -> None:
    await clusters.make("cluster-1")
    answer = await clusters.call(
        "PATCH", clusters.path("cluster-1"), {"properties": {"keyVaultProperties": KEY}}
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["properties"]["provisioningState"] == "Updating"
    assert (await clusters.settle(answer)).json()["status"] == "Succeeded"
    found = (await clusters.call("GET", clusters.path("cluster-1"))).json()["properties"]
    assert found["provisioningState"] == "Succeeded"
    assert found["keyVaultProperties"] == KEY | {"keyVaultUri": "https://safe.vault.azure.net"}
    again = await clusters.call("PUT", clusters.path("cluster-1"), document(properties=found))
    assert again.status_code == 200, again.text


async def test_a_deleted_cluster_comes_back_as_it_was(clusters: Clusters) -> None:
    await clusters.make("cluster-1")
    before = (await clusters.call("GET", clusters.path("cluster-1"))).json()
    deleted = await clusters.call("DELETE", clusters.path("cluster-1"))
    assert deleted.status_code == 200
    assert (await clusters.settle(deleted)).json()["status"] == "Succeeded"
    assert (await clusters.call("GET", clusters.path("cluster-1"))).status_code == 404
    assert (await clusters.call("DELETE", clusters.path("cluster-1"))).status_code == 204
    clusters.service.clock.turn(days=13, hours=23)
    answer = await clusters.call("PUT", clusters.path("cluster-1"), document())
    assert answer.status_code == 202, answer.text
    assert (await clusters.settle(answer)).json()["status"] == "Succeeded"
    assert answer.json()["properties"]["clusterId"] == before["properties"]["clusterId"]


async def test_links_come_and_go(clusters: Clusters) -> None:
    await clusters.make("cluster-1")
    link, workspace = clusters.link_path("default"), clusters.workspace_path("default")
    assert (await clusters.call("GET", link)).status_code == 404
    answer = await clusters.link("default", "cluster-1")
    assert answer.status_code == 202, answer.text
    assert answer.json()["name"] == "default/Cluster"
    assert answer.json()["properties"]["provisioningState"] == "ProvisioningAccount"
    assert "clusterResourceId" not in (await clusters.call("GET", workspace)).json()["properties"]["features"]
    assert (await clusters.settle(answer)).json()["status"] == "Succeeded"
    found = (await clusters.call("GET", link)).json()["properties"]
    assert found == {
        "writeAccessResourceId": clusters.path("cluster-1"),
        "provisioningState": "Succeeded",
    }
    features = (await clusters.call("GET", workspace)).json()["properties"]["features"]
    assert features["clusterResourceId"] == clusters.path("cluster-1")
    (associated,) = (await clusters.call("GET", clusters.path("cluster-1"))).json()["properties"][
        "associatedWorkspaces"
    ]
    assert associated["workspaceName"] == "default"
    assert associated["resourceId"] == workspace
    assert (await clusters.link("default", "cluster-1")).status_code == 200
    gone = await clusters.call("DELETE", link)
    assert gone.status_code == 202
    assert (await clusters.call("GET", link)).json()["properties"]["provisioningState"] == "Deleting"
    assert (await clusters.settle(gone)).json()["status"] == "Succeeded"
    assert (await clusters.call("GET", link)).status_code == 404
    assert (await clusters.call("DELETE", link)).status_code == 204
    listed = await clusters.call("GET", f"{workspace}/linkedServices")
    assert listed.json() == {"value": []}


async def test_a_workspace_deleted_while_it_is_linked_ends_the_operation(clusters: Clusters) -> None:
    await clusters.make("cluster-1")
    await clusters.make_workspace("space-1")
    answer = await clusters.link("space-1", "cluster-1")
    await clusters.call("DELETE", clusters.workspace_path("space-1"))
    ended = (await clusters.settle(answer)).json()
    assert (ended["status"], ended["error"]["error"]["code"]) == ("Failed", "WorkspaceDeleted")
    assert (await clusters.call("DELETE", clusters.path("cluster-1"))).status_code == 200


async def test_links_need_write_on_both(clusters: Clusters) -> None:
    await clusters.make("cluster-1")
    workspace = ResourceId.parse(clusters.workspace_path("default"))
    token = await clusters.service.get_token_of_new_application((CONTRIBUTOR, workspace))
    body = {"properties": {"writeAccessResourceId": clusters.path("cluster-1")}}
    path = f"{clusters.link_path('default')}?api-version=2025-07-01"
    refused = await clusters.service.call("PUT", path, body, token=token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
    reader = await clusters.service.get_token_of_new_application(
        (LOG_ANALYTICS_READER, clusters.subscription)
    )
    assert (await clusters.service.call("PUT", path, body, token=reader)).status_code == 403


async def test_a_cluster_of_another_tenant_is_none(clusters: Clusters) -> None:
    body = {
        "properties": {
            "writeAccessResourceId": f"/subscriptions/{uuid4()}/resourceGroups/default/providers/"
            "Microsoft.OperationalInsights/clusters/theirs"
        }
    }
    answer = await clusters.call("PUT", clusters.link_path("default"), body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "ClusterNotFound")


async def test_every_problem_of_a_document_is_told_at_once(clusters: Clusters) -> None:
    wrong: dict[str, Any] = {"sku": {"name": "Free"}, "properties": {"billingType": "friends"}}
    answer = await clusters.call("PUT", clusters.path("a"), wrong)
    assert answer.status_code == 400
    targets = {detail["target"] for detail in answer.json()["error"]["details"]}
    assert targets == {"name", "location", "identity.type", "sku.name", "properties.billingType"}
