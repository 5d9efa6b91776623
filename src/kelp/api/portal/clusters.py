"""`/portal/api/clusters`: what stands against a link before it is begun, and clusters that can still be recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.management.call import Answer
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.resources.cluster import Cluster
from kelp.resources.linking import check_link
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.api.portal.call import PortalCall, Work
    from kelp.base.clock import Clock
    from kelp.resources.access import Access
    from kelp.resources.cluster import LinkRules
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

_NAMESPACE = "Microsoft.OperationalInsights"
_READ_WORKSPACE, _READ_CLUSTER = f"{_NAMESPACE}/workspaces/read", f"{_NAMESPACE}/clusters/read"
_WORKSPACE_RIGHTS = (f"{_NAMESPACE}/workspaces/write", f"{_NAMESPACE}/workspaces/linkedServices/write")
_CLUSTER_RIGHT = f"{_NAMESPACE}/clusters/write"


class ClusterRoutes:
    """The routes. Safe for concurrent use; belongs on worker threads."""

    def __init__(self, store: ResourceStore, access: Access, rules: LinkRules, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._rules = rules
        self._clock = clock

    def works(self) -> Mapping[tuple[str, str], Work]:
        """Return the functions by method and path."""
        return {
            ("POST", "/clusters/link-checks"): self.check,
            ("GET", "/clusters/deleted"): self.list_deleted,
        }

    def check(self, call: PortalCall) -> Answer:
        """Tell, of all that a link needs, what holds and what does not; nothing is changed."""
        reader = call.reader()
        with reader.reporting():
            workspace_id, cluster_id = (_parse(reader.text(name)) for name in ("workspace", "cluster"))
        workspace = self._find(call, Workspace, workspace_id, _READ_WORKSPACE)
        cluster = self._find(call, Cluster, cluster_id, _READ_CLUSTER)
        now = self._clock.now()
        checks = check_link(self._store.snapshot, workspace, cluster, self._rules, now)
        times = [at for at in workspace.properties.link_times if now - at < self._rules.window]
        return Answer(
            200,
            {
                "checks": [
                    self._check_rights(call, workspace, cluster),
                    *(_encode(one.name, one.problem.message if one.problem else None) for one in checks),
                ],
                "linksUsed": len(times),
                "linksAllowed": self._rules.links_per_window,
                "windowDays": self._rules.window.days,
            },
        )

    def list_deleted(self, call: PortalCall) -> Answer:
        """List the deleted clusters of the caller's tenant that can be recovered, and until when."""
        return Answer(
            200,
            {
                "value": [
                    {
                        "id": str(one.id),
                        "name": one.id.name,
                        "location": one.properties.location,
                        "capacity": one.properties.capacity_gb,
                        "deletedAt": one.deleted_at,
                        "destroyedAt": one.purge_at,
                    }
                    for one in self._store.list_closed(Cluster)
                    if one.tenant_id == call.principal.tenant_id
                    and one.purge_at is not None
                    and one.purge_at > self._clock.now()
                    and self._access.decide(call.principal, _READ_CLUSTER, one.id).allowed
                ]
            },
        )

    def _check_rights(
        self, call: PortalCall, workspace: Resource[Workspace], cluster: Resource[Cluster]
    ) -> dict[str, Any]:
        needed = [(action, workspace.id) for action in _WORKSPACE_RIGHTS]
        needed.append((_CLUSTER_RIGHT, cluster.id))
        missing = [
            f"{action} at {scope.name}"
            for action, scope in needed
            if not self._access.decide(call.principal, action, scope).allowed
        ]
        return _encode("rights", f"You lack {', '.join(missing)}." if missing else None)

    def _find(self, call: PortalCall, kind: type[Any], resource_id: ResourceId, action: str) -> Resource[Any]:
        """Return the resource; for who may not read it, it is not there. Raises `ServiceError` (not_found)."""
        found = self._store.find(kind, resource_id)
        if found is None or not self._access.decide(call.principal, action, resource_id).allowed:
            message = f"'{resource_id}' was not found."
            raise ServiceError(Category.NOT_FOUND, "ResourceNotFound", message, target=str(resource_id))
        return found


def _encode(name: str, problem: str | None) -> dict[str, Any]:
    return {"name": name, "isMet": problem is None, "problem": problem}


def _parse(text: str) -> ResourceId:
    try:
        return ResourceId.parse(text)
    except InvalidResourceId:
        return ResourceId()
