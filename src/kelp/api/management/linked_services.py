"""Links of workspaces to dedicated clusters (`Microsoft.OperationalInsights/workspaces/linkedServices`)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import present
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.operations import begin_headers
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.cluster import LinkRules
from kelp.resources.cluster_link import ClusterLink, LinkState
from kelp.resources.errors import InvalidDocument, Problem, ResourceNotFound
from kelp.resources.linking import cluster_not_found, find_link, link_workspace, unlink_workspace
from kelp.resources.resource import Resource
from kelp.resources.shape import Entries, Path, Record, Text
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from kelp.base.settings import ClusterSettings

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces/linkedServices"
_WORKSPACE_WRITE = f"{_NAMESPACE}/workspaces/write"
_CLUSTER_TYPE = f"{_NAMESPACE}/clusters"
_CLUSTER = "Cluster"
"""The one service that workspaces can be linked to."""
_ALL = (
    f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}/workspaces/{{workspace}}"
    "/linkedServices"
)
_ONE = f"{_ALL}/{{service}}"


def list_all(call: Call) -> Answer:
    """Answer with the links of a workspace: one or none."""
    call.require(f"{_TYPE}/read", call.workspace)
    workspace = call.store.get(Workspace, call.workspace)
    link = find_link(call.store.snapshot, workspace)
    return Answer(200, {"value": [] if link is None else [_encode(workspace, link)]})


def get(call: Call) -> Answer:
    """Answer with the link to a cluster."""
    call.require(f"{_TYPE}/read", call.workspace)
    workspace = call.store.get(Workspace, call.workspace)
    link = find_link(call.store.snapshot, workspace) if _is_cluster(call) else None
    if link is None:
        raise ResourceNotFound(_service_id(call))
    return Answer(200, _encode(workspace, link))


def put(call: Call) -> Answer:
    """Begin to link the workspace to a cluster; the caller needs to write to both."""
    _require_write(call)
    reader = call.reader()
    with reader.reporting():
        tags, text = reader.tags(), reader.section("properties").find_text("writeAccessResourceId")
        cluster_id = _read_cluster_id(call, text)
    _require_cluster_write(call, cluster_id)
    with call.write() as transaction:
        workspace, operation = link_workspace(
            transaction, call.workspace, cluster_id, link_rules_of(call), tags=tags
        )
    link = workspace.properties.link
    assert link is not None
    document = _encode(workspace, link)
    if operation is None:
        return Answer(200, document)
    return Answer(202, document, begin_headers(call, operation))


def delete(call: Call) -> Answer:
    """Begin to unlink the workspace: what is in the cluster stays there; 204 where it is linked to nothing."""
    _require_write(call)
    if not _is_cluster(call):
        return Answer(204)
    workspace = call.store.get(Workspace, call.workspace)
    link = find_link(call.store.snapshot, workspace)
    if link is not None:
        call.require(f"{_CLUSTER_TYPE}/write", ResourceId.parse(link.cluster))
    with call.write() as transaction:
        operation = unlink_workspace(transaction, call.workspace, link_rules_of(call))
    if operation is None:
        return Answer(204)
    return Answer(202, None, begin_headers(call, operation))


def link_rules_of(call: Call) -> LinkRules:
    """Return the limits that are set."""
    return make_link_rules(call.services.clusters)


def make_link_rules(settings: ClusterSettings) -> LinkRules:
    """Return the limits of links."""
    return LinkRules(
        links_per_window=settings.maximum_links,
        window=timedelta(days=settings.link_window_days),
        workspaces_per_cluster=settings.maximum_linked_workspaces,
        linking=timedelta(seconds=settings.linking_seconds),
    )


def _read_cluster_id(call: Call, text: str | None) -> ResourceId:
    if not _is_cluster(call):
        name = call.parameters["service"]
        message = (
            f"A workspace can't be linked to '{name}'; allowed: {_CLUSTER.lower()}, a dedicated cluster."
        )
        raise InvalidDocument([Problem("name", message)])
    target = "properties.writeAccessResourceId"
    if not text:
        message = f"{target} is missing; allowed: the resource id of a dedicated cluster."
        raise InvalidDocument([Problem(target, message)])
    try:
        cluster_id = ResourceId.parse(text)
    except ServiceError:
        cluster_id = ResourceId()
    if cluster_id.type.lower() != _CLUSTER_TYPE.lower():
        allowed = f"/subscriptions/.../resourceGroups/.../providers/{_CLUSTER_TYPE}/..."
        message = f"'{text}' is no dedicated cluster; allowed: {allowed}"
        raise InvalidDocument([Problem(target, message)])
    return cluster_id


def _require_write(call: Call) -> None:
    call.require(_WORKSPACE_WRITE, call.workspace)
    call.require(f"{_TYPE}/{'delete' if call.method == 'DELETE' else 'write'}", call.workspace)


def _require_cluster_write(call: Call, cluster_id: ResourceId) -> None:
    """Refuse a caller without write at the cluster; to one who can't know of it, it is not there."""
    try:
        call.require(f"{_CLUSTER_TYPE}/write", cluster_id)
    except ResourceNotFound:
        raise cluster_not_found(cluster_id) from None


def _is_cluster(call: Call) -> bool:
    return call.parameters["service"].lower() == _CLUSTER.lower()


def _service_id(call: Call) -> ResourceId:
    return call.workspace.child("linkedServices", call.parameters["service"])


def _encode(workspace: Resource[Workspace], link: ClusterLink) -> dict[str, Any]:
    state = {
        LinkState.LINKING: "ProvisioningAccount",
        LinkState.LINKED: "Succeeded",
        LinkState.UNLINKING: "Deleting",
    }[link.state]
    document = {
        "id": f"{workspace.id}/linkedServices/{_CLUSTER}",
        "name": f"{workspace.id.name}/{_CLUSTER}",
        "type": _TYPE,
        "tags": link.tags or None,
        "properties": {"writeAccessResourceId": link.cluster, "provisioningState": state},
    }
    return present(document)


_SAYS = KindDescription(
    "LinkedService",
    Record({"properties": Record({"writeAccessResourceId": Path()}), "tags": Entries(Text())}),
    {"provisioningState": Text()},
)
ROUTES = (
    ManagementRoute("GET", _ALL, _NAMESPACE, list_all, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting(200, 202)),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete, _SAYS.deleting(202, 204)),
)
