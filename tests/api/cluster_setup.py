"""Dedicated clusters over a management service in process: documents, paths, and the job that ends what was begun."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from kelp.app.managed_identities import DirectoryIdentities
from kelp.base.ids import ResourceId
from kelp.base.settings import ClusterSettings
from kelp.jobs.cluster_provisioning import ClusterProvisioning
from kelp.resources.author import system_author
from kelp.resources.cluster import Cluster
from kelp.resources.resource import Resource
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import Workspace, WorkspaceSettings, put_workspace
from tests.api.management_service import ManagementService, open_service

V = "api-version=2025-07-01"
OLD = "api-version=2020-08-01"
SECONDS = 60.0
"""What every operation takes, by the clock."""
LOGS = "providers/Microsoft.OperationalInsights"


def document(**changes: Any) -> dict[str, Any]:
    """A cluster that is accepted; a change of None leaves the member out."""
    whole = {
        "location": "local",
        "identity": {"type": "SystemAssigned"},
        "sku": {"name": "CapacityReservation", "capacity": 1000},
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def open_clusters(folder: Path, **changes: Any) -> ManagementService:
    """A management service over an installation in the folder; changes are of the settings or of the services."""
    services = {name: changes.pop(name) for name in ("validate_key",) if name in changes}
    settings = ClusterSettings(provisioning_seconds=SECONDS, linking_seconds=SECONDS, **changes)
    return open_service(folder, clusters=settings, **services)


class NoStorage:
    """Stands for the storage of clusters where there is no engine."""

    async def make(self, cluster: Resource[Cluster]) -> None:
        pass

    async def link(
        self, workspace: Resource[Workspace], cluster: Resource[Cluster], note: Callable[[], None]
    ) -> None:
        note()

    async def unlink(self, workspace: Resource[Workspace], note: Callable[[], None]) -> None:
        note()

    async def destroy(self, cluster: Resource[Cluster]) -> None:
        pass


class Clusters:
    """What a test asks of a service: a subscription of its own, with a group and a workspace."""

    def __init__(self, service: ManagementService) -> None:
        self.service = service
        self.subscription = ResourceId.parse(f"/subscriptions/{uuid4()}")
        self.group = str(self.subscription.child("resourceGroups", "default"))
        with service.store.write(system_author(service.installation.tenant_id)) as transaction:
            transaction.put(self.subscription, Subscription("another"))
            group = ResourceId.parse(self.group)
            put_resource_group(transaction, group, ResourceGroup("local"))
            workspace = ResourceId.parse(self.workspace_path("default"))
            put_workspace(transaction, workspace, WorkspaceSettings("local"))
        self.provisioning = ClusterProvisioning(
            service.store,
            service.clock,
            DirectoryIdentities(service.directory),
            NoStorage(),
            lambda _cluster, _key: None,
        )

    def path(self, name: str) -> str:
        return f"{self.group}/{LOGS}/clusters/{name}"

    def workspace_path(self, name: str) -> str:
        return f"{self.group}/{LOGS}/workspaces/{name}"

    def link_path(self, workspace: str) -> str:
        return f"{self.workspace_path(workspace)}/linkedServices/cluster"

    async def call(self, method: str, path: str, body: Any = None, version: str = V) -> httpx.Response:
        return await self.service.call(method, f"{path}?{version}", body)

    async def make(self, name: str, **changes: Any) -> httpx.Response:
        """Make a cluster and wait for it."""
        answer = await self.call("PUT", self.path(name), document(**changes))
        assert answer.status_code == 202, answer.text
        return await self.settle(answer)

    async def make_workspace(self, name: str, location: str = "local") -> httpx.Response:
        return await self.call("PUT", self.workspace_path(name), {"location": location})

    async def link(self, workspace: str, cluster: str) -> httpx.Response:
        """Ask for a link and leave it running."""
        body = {"properties": {"writeAccessResourceId": self.path(cluster)}}
        return await self.call("PUT", self.link_path(workspace), body)

    async def settle(self, answer: httpx.Response | None = None) -> httpx.Response:
        """Carry out what is due; return how the answer's operation stands then."""
        self.service.clock.turn(seconds=SECONDS)
        await self.provisioning.run_once()
        if answer is None:
            return httpx.Response(200)
        operation = answer.headers["azure-asyncoperation"].removeprefix(self.service.base_url)
        return await self.service.call("GET", operation)
