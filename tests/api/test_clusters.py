"""The life of dedicated clusters and links, with the clock turned by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from kelp.base.ids import ResourceId
from kelp.resources.author import system_author
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import CONTRIBUTOR, LOG_ANALYTICS_READER
from kelp.resources.workspace import WorkspaceSettings, put_workspace
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
    result = answer.headers["location"].removeprefix(clusters.service.base_url)
    assert (await clusters.service.call("GET", operation)).json()["status"] == "InProgress"
    waiting = await clusters.service.call("GET", result)
    assert (waiting.status_code, waiting.headers["retry-after"], waiting.content) == (202, "1", b"")
    assert (await clusters.settle(answer)).json()["status"] == "Succeeded"
    assert (await clusters.service.call("GET", result)).json()["name"] == "big-one"
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


async def test_a_workspace_of_one_tenant_is_linked_to_a_cluster_of_another_when_delegated(
    clusters: Clusters,
) -> None:
    """The cluster's owner lets a principal of the workspace's tenant manage it; without that there is no such cluster."""
    await clusters.make("cluster-1")
    service = clusters.service
    tenant_id, workspace, principal_id, token = await make_other_tenant(clusters)
    body = {"properties": {"writeAccessResourceId": clusters.path("cluster-1")}}
    path = f"{workspace}/linkedServices/cluster?api-version=2025-07-01"
    refused = await service.call("PUT", path, body, token=token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ClusterNotFound")

    offers = f"{clusters.subscription}/providers/Microsoft.ManagedServices"
    definition = f"{offers}/registrationDefinitions/{uuid4()}"
    offer = {
        "properties": {
            "registrationDefinitionName": "cluster",
            "managedByTenantId": str(tenant_id),
            "authorizations": [{"principalId": str(principal_id), "roleDefinitionId": str(CONTRIBUTOR)}],
        }
    }
    version = "api-version=2022-10-01"
    made = await clusters.call("PUT", definition, offer, version)
    assert made.is_success, made.text
    assignment = {"properties": {"registrationDefinitionId": definition}}
    made = await clusters.call("PUT", f"{offers}/registrationAssignments/{uuid4()}", assignment, version)
    assert made.is_success, made.text

    linked = await service.call("PUT", path, body, token=token)
    assert linked.status_code == 202, linked.text
    await clusters.settle()
    found = (await service.call("GET", path, token=token)).json()
    assert found["properties"]["provisioningState"] == "Succeeded"
    # The cluster's owner has no right to see whose workspace that is, but that there is one.
    cluster = (await clusters.call("GET", clusters.path("cluster-1"))).json()
    assert cluster["properties"]["associatedWorkspaces"] == []
    refused = await clusters.call("DELETE", clusters.path("cluster-1"))
    assert refused.status_code == 400
    assert "theirs" not in refused.text


async def make_other_tenant(clusters: Clusters) -> tuple[UUID, ResourceId, UUID, str]:
    """Another tenant with a workspace, and a principal of it that may do anything there: its ids and a token."""
    service = clusters.service
    tenant_id, subscription = service.add_foreign_subscription()
    workspace = subscription.child("resourceGroups", "group").child(
        "Microsoft.OperationalInsights/workspaces", "theirs"
    )
    account = service.directory.create_application(tenant_id, "manager")
    secret = service.directory.add_secret(account.object_id)
    with service.store.write(system_author(tenant_id)) as transaction:
        group = subscription.child("resourceGroups", "group")
        put_resource_group(transaction, group, ResourceGroup("local"))
        put_workspace(transaction, workspace, WorkspaceSettings("local"))
        put_role_assignment(
            transaction,
            subscription.child("Microsoft.Authorization/roleAssignments", str(uuid4())),
            CONTRIBUTOR,
            account.object_id,
            find_principal_kind=lambda *_: PrincipalKind.SERVICE_PRINCIPAL,
        )
    form = {
        "grant_type": "client_credentials",
        "client_id": str(account.application_id),
        "client_secret": secret,
        "scope": "https://management.azure.com/.default",
    }
    async with service.client() as client:
        answer = await client.post(f"/{tenant_id}/oauth2/v2.0/token", data=form)
    return tenant_id, workspace, account.object_id, str(answer.json()["access_token"])
