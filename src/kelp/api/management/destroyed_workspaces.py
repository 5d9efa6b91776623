"""The proofs of destroyed workspaces (`.../Microsoft.OperationalInsights/destroyedWorkspaces`), which only Kelp has."""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.base.ids import ResourceId
from kelp.resources.destruction import Destruction
from kelp.resources.errors import ResourceNotFound

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/destroyedWorkspaces"
_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_TYPE}"
_ONE = f"{_IN_SUBSCRIPTION}/{{workspace}}"


def list_in_subscription(call: Call) -> Answer:
    """Answer with the workspaces of the subscription that were destroyed, or are being, oldest first."""
    call.require(f"{_TYPE}/read", call.subscription)
    return Answer(200, {"value": [_encode(call, one) for one in _list(call)]})


def get(call: Call) -> Answer:
    """Answer with the proof of one workspace, named by its GUID."""
    call.require(f"{_TYPE}/read", call.subscription)
    wanted = call.parameters["workspace"].lower()
    for one in _list(call):
        if str(one.workspace_id) == wanted:
            return Answer(200, _encode(call, one))
    raise ResourceNotFound(_id(call, wanted))


def encode_destruction(one: Destruction) -> dict[str, Any]:
    """Return what is known of a destruction, with the proof once it is completed."""
    completed = one.completed_at
    return present(
        {
            "provisioningState": "Deleting" if completed is None else "Succeeded",
            "customerId": str(one.workspace_id),
            "workspaceResourceId": one.resource_id,
            "closedDate": encode_moment(one.closed_at),
            "beganDate": encode_moment(one.began_at),
            "destroyedDate": encode_moment(completed) if completed is not None else None,
            "keys": {"cluster": one.cluster_id, "erasedVersions": list(one.keys)},
            "found": {
                "tables": one.tables,
                "rows": one.rows,
                "blobs": one.blobs,
                "journalFrames": one.journal_frames,
            },
            "proof": one.proof if completed is not None else None,
            "auditSequence": one.audit_sequence,
        }
    )


def _list(call: Call) -> list[Destruction]:
    return [
        one
        for one in call.store.list_destructions(call.principal.tenant_id)
        if call.subscription.contains(ResourceId.parse(one.resource_id))
    ]


def _id(call: Call, workspace_id: str) -> ResourceId:
    return call.subscription.child(_TYPE, workspace_id)


def _encode(call: Call, one: Destruction) -> dict[str, Any]:
    return {
        "id": str(_id(call, str(one.workspace_id))),
        "name": str(one.workspace_id),
        "type": _TYPE,
        "properties": encode_destruction(one),
    }


ROUTES = (
    ManagementRoute("GET", _IN_SUBSCRIPTION, _NAMESPACE, list_in_subscription),
    ManagementRoute("GET", _ONE, _NAMESPACE, get),
)
