"""Every row of the refusals of dedicated clusters: what is asked, and what must be said of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import pytest

from tests.api.cluster_setup import OLD, Clusters, V, document, open_clusters
from tests.api.management_service import ManagementService

Step: TypeAlias = Callable[[Clusters], Awaitable[object]]
KEY = {"keyVaultUri": "https://safe.vault.azure.net", "keyName": "absent"}


@dataclass(frozen=True)
class Refusal:
    """A request after some steps, its status, its code, and words that its message must hold."""

    name: str
    status: int
    code: str
    words: tuple[str, ...]
    method: str = "PUT"
    path: str = "clusters/cluster-1"
    body: Any = None
    before: tuple[Step, ...] = ()
    version: str = V


def making(name: str = "cluster-1", **changes: Any) -> Step:
    return lambda clusters: clusters.make(name, **changes)


def beginning(name: str = "cluster-1") -> Step:
    return lambda clusters: clusters.call("PUT", clusters.path(name), document())


def deleting(name: str = "cluster-1") -> Step:
    return lambda clusters: clusters.call("DELETE", clusters.path(name))


def making_workspace(name: str, location: str = "local") -> Step:
    return lambda clusters: clusters.make_workspace(name, location)


def begin_linking(workspace: str = "default", cluster: str = "cluster-1") -> Step:
    return lambda clusters: clusters.link(workspace, cluster)


def linking(workspace: str = "default", cluster: str = "cluster-1") -> Step:
    async def link(clusters: Clusters) -> None:
        answer = await clusters.link(workspace, cluster)
        assert answer.status_code == 202, answer.text
        await clusters.settle()

    return link


def linking_from_afar() -> Step:
    """A workspace of another group is linked."""

    async def link(clusters: Clusters) -> None:
        group = f"{clusters.subscription}/resourceGroups/elsewhere"
        await clusters.call("PUT", group, {"location": "local"}, "api-version=2022-12-01")
        workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/afar"
        await clusters.call("PUT", workspace, {"location": "local"})
        body = {"properties": {"writeAccessResourceId": clusters.path("cluster-1")}}
        answer = await clusters.call("PUT", f"{workspace}/linkedServices/cluster", body)
        assert answer.status_code == 202, answer.text
        await clusters.settle()

    return link


def bringing_key() -> Step:
    async def bring(clusters: Clusters) -> None:
        body = {"properties": {"keyVaultProperties": KEY | {"keyName": "ours"}}}
        answer = await clusters.call("PATCH", clusters.path("cluster-1"), body)
        assert answer.status_code == 202, answer.text
        await clusters.settle()

    return bring


def unlinking(workspace: str = "default") -> Step:
    async def unlink(clusters: Clusters) -> None:
        await clusters.call("DELETE", clusters.link_path(workspace))
        await clusters.settle()

    return unlink


def deleting_workspace(name: str) -> Step:
    return lambda clusters: clusters.call("DELETE", clusters.workspace_path(name))


def sku(capacity: Any, name: str = "CapacityReservation") -> dict[str, Any]:
    return {"name": name, "capacity": capacity}


def to(cluster: str = "cluster-1") -> dict[str, Any]:
    return {"properties": {"writeAccessResourceId": f"GROUP/clusters/{cluster}"}}


LINK = "workspaces/default/linkedServices/cluster"
TIERS = ("100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000, 50000",)

REFUSALS = [
    Refusal(
        "name of newer versions",
        400,
        "InvalidResourceName",
        ("'a-b'", "4 to 63"),
        path="clusters/a-b",
        body=document(),
    ),
    Refusal(
        "name of older versions",
        400,
        "InvalidResourceName",
        ("'with-hyphen'", "3 to 63"),
        path="clusters/with-hyphen",
        body=document(sku=sku(1100)),
        version=OLD,
    ),
    Refusal("body null", 400, "InvalidRequestContent", ("JSON object",), body=b"null"),
    Refusal("body malformed", 400, "InvalidRequestContent", ("deserialized",), body=b'{"location": '),
    Refusal("no sku", 400, "SkuRequired", ("CapacityReservation", *TIERS), body=document(sku=None)),
    Refusal(
        "another sku",
        400,
        "InvalidSku",
        ("'Free'", "CapacityReservation"),
        body=document(sku={"name": "Free"}),
    ),
    Refusal(
        "capacity with another sku",
        400,
        "InvalidSku",
        ("'Free'", "1000", "CapacityReservation"),
        body=document(sku=sku(1000, "Free")),
    ),
    Refusal(
        "no capacity", 400, "CapacityRequired", TIERS, body=document(sku={"name": "CapacityReservation"})
    ),
    Refusal("no tier", 400, "InvalidCapacity", ("1100", *TIERS), body=document(sku=sku(1100))),
    Refusal(
        "capacity no step",
        400,
        "InvalidCapacity",
        ("1050", "1000 to 3000", "steps of 100"),
        path="clusters/one",
        body=document(sku=sku(1050)),
        version=OLD,
    ),
    Refusal(
        "capacity out of range",
        400,
        "InvalidCapacity",
        ("3100", "1000 to 3000"),
        path="clusters/one",
        body=document(sku=sku(3100)),
        version=OLD,
    ),
    Refusal(
        "identity null", 400, "InvalidIdentity", ("missing", "SystemAssigned"), body=document(identity=None)
    ),
    Refusal(
        "identity empty", 400, "InvalidIdentity", ("missing", "SystemAssigned"), body=document(identity={})
    ),
    Refusal(
        "identity of another type",
        400,
        "InvalidIdentity",
        ("'UserAssigned'", "SystemAssigned"),
        body=document(identity={"type": "UserAssigned"}),
    ),
    Refusal(
        "key at creation",
        400,
        "KeyVaultPropertiesNotAllowed",
        ("created", "update"),
        body=document(properties={"keyVaultProperties": KEY}),
    ),
    Refusal(
        "create while an operation runs",
        400,
        "ClusterOperationRunning",
        ("ProvisioningAccount", "Wait"),
        body=document(),
        before=(beginning(),),
    ),
    Refusal(
        "name reserved by a deleted cluster",
        409,
        "ClusterNameReserved",
        ("'cluster-1'", "'local', not 'elsewhere'", "choose another name"),
        body=document(location="elsewhere"),
        before=(making(), deleting()),
    ),
    Refusal(
        "third active cluster",
        400,
        "ClusterLimitReached",
        ("'cluster-1'", "there are 2", "allowed: 2 active clusters in region 'local'"),
        body=document(),
        before=(making("cluster-2"), making("cluster-3")),
    ),
    Refusal(
        "fifth reserved cluster",
        400,
        "ClusterLimitReached",
        ("there are 4", "allowed: 4", "deleted in the last 14 days"),
        body=document(),
        before=tuple(step for n in range(4) for step in (making(f"other-{n}"), deleting(f"other-{n}"))),
    ),
    Refusal(
        "update of a deleted cluster",
        404,
        "ResourceNotFound",
        ("cluster-1",),
        method="PATCH",
        body={"tags": {}},
        before=(making(), deleting()),
    ),
    Refusal(
        "update while an operation runs",
        400,
        "ClusterOperationRunning",
        ("ProvisioningAccount", "Wait"),
        method="PATCH",
        body={"tags": {}},
        before=(beginning(),),
    ),
    Refusal(
        "key malformed",
        400,
        "InvalidKeyVaultProperties",
        ("'safe'", "https://", "'our key'"),
        method="PATCH",
        body={"properties": {"keyVaultProperties": {"keyVaultUri": "safe", "keyName": "our key"}}},
        before=(making(),),
    ),
    Refusal(
        "key can't be validated",
        400,
        "KeyVaultKeyNotUsable",
        ("'absent'", "https://safe.vault.azure.net", "there is no such key", "purge protection", "wrap"),
        method="PATCH",
        body={"properties": {"keyVaultProperties": KEY}},
        before=(making(),),
    ),
    Refusal(
        "key removed",
        400,
        "KeyVaultPropertiesNotRemovable",
        ("replaced", "not removed", "leave keyVaultProperties out"),
        method="PATCH",
        body={"properties": {"keyVaultProperties": {"keyVaultUri": "", "keyName": "", "keyVersion": ""}}},
        before=(making(), bringing_key()),
    ),
    Refusal(
        "capacity decrease",
        400,
        "CapacityDecreaseNotAllowed",
        ("from 1000 to 500", "31 days", "allowed: 1000 or more", "wait until"),
        method="PATCH",
        body={"sku": sku(500)},
        before=(making(),),
    ),
    Refusal(
        "double encryption is for ever",
        400,
        "InvalidParameter",
        ("stays true, not false",),
        body=document(properties={"isDoubleEncryptionEnabled": False}),
        before=(making(),),
    ),
    Refusal("get", 404, "ResourceNotFound", ("cluster-1",), method="GET"),
    Refusal(
        "get of a deleted cluster",
        404,
        "ResourceNotFound",
        ("cluster-1",),
        method="GET",
        before=(making(), deleting()),
    ),
    Refusal(
        "delete while provisioning",
        409,
        "ClusterNotProvisioned",
        ("ProvisioningAccount", "once it has Succeeded"),
        method="DELETE",
        before=(beginning(),),
    ),
    Refusal(
        "delete with linked workspaces",
        400,
        "ClusterHasLinkedWorkspaces",
        ("'cluster-1'", "1 ('default')", "Unlink"),
        method="DELETE",
        before=(making(), linking()),
    ),
    Refusal(
        "delete of the group of a cluster with linked workspaces elsewhere",
        409,
        "ResourceGroupDeletionBlocked",
        ("ClusterHasLinkedWorkspaces", "'cluster-1'", "1 ('afar')", "Unlink"),
        method="DELETE",
        path="",
        before=(making(), linking_from_afar()),
    ),
    Refusal(
        "link of no workspace",
        404,
        "ResourceNotFound",
        ("none",),
        path="workspaces/none/linkedServices/cluster",
        body=to(),
        before=(making(),),
    ),
    Refusal(
        "link of a deleted workspace",
        404,
        "ResourceNotFound",
        ("space-1",),
        path="workspaces/space-1/linkedServices/cluster",
        body=to(),
        before=(making(), making_workspace("space-1"), deleting_workspace("space-1")),
    ),
    Refusal(
        "unlink of no workspace",
        404,
        "ResourceNotFound",
        ("none",),
        method="DELETE",
        path="workspaces/none/linkedServices/cluster",
    ),
    Refusal(
        "link while linking",
        409,
        "LinkOperationRunning",
        ("'default'", "Linking", "Wait"),
        path=LINK,
        body=to(),
        before=(making(), begin_linking()),
    ),
    Refusal(
        "unlink while linking",
        409,
        "LinkOperationRunning",
        ("'default'", "Linking", "Wait"),
        method="DELETE",
        path=LINK,
        before=(making(), begin_linking()),
    ),
    Refusal(
        "link to no cluster", 400, "ClusterNotFound", ("clusters/none", "lists"), path=LINK, body=to("none")
    ),
    Refusal(
        "link to a deleted cluster",
        400,
        "ClusterNotFound",
        ("clusters/cluster-1", "recover"),
        path=LINK,
        body=to(),
        before=(making(), deleting()),
    ),
    Refusal(
        "link to a cluster that is being made",
        400,
        "ClusterNotReady",
        ("'cluster-1'", "ProvisioningAccount", "Succeeded"),
        path=LINK,
        body=to(),
        before=(beginning(),),
    ),
    Refusal(
        "link to another region",
        400,
        "DifferentRegions",
        ("'local'", "'elsewhere'", "one region"),
        path=LINK,
        body=to(),
        before=(making(location="elsewhere"),),
    ),
    Refusal(
        "link of a workspace that is linked",
        400,
        "WorkspaceLinkedToAnotherCluster",
        ("clusters/cluster-1", "clusters/cluster-2", "Unlink"),
        path=LINK,
        body=to("cluster-2"),
        before=(making(), making("cluster-2"), linking()),
    ),
    Refusal(
        "third link in 30 days",
        400,
        "TooManyLinkOperations",
        ("2 times", "30 days", "allowed: 2", "again at"),
        path=LINK,
        body=to(),
        before=(making(), linking(), unlinking(), linking(), unlinking()),
    ),
    Refusal(
        "too many workspaces",
        400,
        "TooManyLinkedWorkspaces",
        ("has 2", "allowed: 2"),
        path=LINK,
        body=to(),
        before=(
            making(),
            making_workspace("space-1"),
            making_workspace("space-2"),
            linking("space-1"),
            linking("space-2"),
        ),
    ),
    Refusal(
        "link without a cluster", 400, "InvalidParameter", ("writeAccessResourceId",), path=LINK, body={}
    ),
    Refusal(
        "link to what is no cluster",
        400,
        "InvalidParameter",
        ("/workspaces/default'", "Microsoft.OperationalInsights/clusters"),
        path=LINK,
        body={"properties": {"writeAccessResourceId": "GROUP/workspaces/default"}},
    ),
    Refusal(
        "link to another service",
        400,
        "InvalidParameter",
        ("'automation'", "cluster"),
        path="workspaces/default/linkedServices/automation",
        body=to(),
    ),
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ManagementService:
    return open_clusters(
        tmp_path_factory.mktemp("clusters"), validate_key=no_such_key, maximum_linked_workspaces=2
    )


@pytest.fixture
def clusters(service: ManagementService) -> Clusters:
    return Clusters(service)


def no_such_key(
    key_vault_uri: str, key_name: str, key_version: str, identity_object_id: UUID | None
) -> str | None:
    assert identity_object_id is not None
    return "there is no such key" if key_name == "absent" else None


async def ask(clusters: Clusters, refusal: Refusal) -> httpx.Response:
    logs = f"{clusters.group}/providers/Microsoft.OperationalInsights"
    path = f"{logs}/{refusal.path}" if refusal.path else clusters.group
    if isinstance(refusal.body, bytes):
        headers = {"Authorization": f"Bearer {await clusters.service.get_token()}"}
        async with clusters.service.client() as client:
            return await client.put(f"{path}?{refusal.version}", content=refusal.body, headers=headers)
    body = refusal.body
    if body is not None and "writeAccessResourceId" in body.get("properties", {}):
        named = body["properties"]["writeAccessResourceId"].replace("GROUP", logs)
        body = {"properties": {"writeAccessResourceId": named}}
    version = refusal.version if refusal.path else "api-version=2022-12-01"
    return await clusters.call(refusal.method, path, body, version)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
async def test_refused(clusters: Clusters, refusal: Refusal) -> None:
    for step in refusal.before:
        await step(clusters)
    answer = await ask(clusters, refusal)
    if answer.status_code == 202:
        answer = await clusters.service.follow(answer)
    error = answer.json()["error"]
    told = " ".join([error["message"], *(detail["message"] for detail in error.get("details", ()))])
    codes = {error["code"], *(detail["code"] for detail in error.get("details", ()))}
    assert (answer.status_code, refusal.code in codes) == (refusal.status, True), answer.text
    assert [word for word in refusal.words if word not in told] == []
