"""How the keys of a workspace stand (`workspaces/keyStatus`), without showing any.

Kelp's own: Azure has no such route.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.kind_description import giving
from kelp.resources.access import SHARED_KEYS_ACTION
from kelp.resources.shape import Items, Moment, Named, Record, Text, Whole
from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.OperationalInsights"
_ONE = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}/workspaces/{{workspace}}"


def get(call: Call) -> Answer:
    """Answer with the age of the access keys, who signed with which in the last day, and the data key's version."""
    call.require(SHARED_KEYS_ACTION, call.workspace)
    workspace_id = call.store.get(Workspace, call.workspace).properties.workspace_id
    document: dict[str, Any] = {
        "accessKeys": [
            {"key": slot, "createdAt": encode_moment(created_at)}
            for slot, created_at in call.store.shared_key_times(workspace_id).items()
        ],
        "dataKey": _describe_data_key(call, workspace_id),
        **_describe_uses(call, workspace_id),
    }
    return Answer(200, present(document), {"Cache-Control": "no-store"})


def _describe_data_key(call: Call, workspace_id: UUID) -> dict[str, Any] | None:
    if call.services.rotation is None:
        return None
    state = call.services.rotation.get_workspace_state(workspace_id)
    return present(
        {
            "version": state.version,
            "createdAt": encode_moment(state.created_at),
            "dueAt": encode_moment(state.due_at),
            "sealedOff": state.seal or None,
        }
    )


def _describe_uses(call: Call, workspace_id: UUID) -> dict[str, Any]:
    uses = call.services.key_uses
    if uses is None:
        return {}
    found = [
        {
            "key": use.slot,
            "address": use.address,
            "firstAt": encode_moment(use.first_at),
            "lastAt": encode_moment(use.last_at),
            "requests": use.requests,
        }
        for use in uses.list_of(workspace_id)
    ]
    return {"uses": found, "usesSince": encode_moment(uses.since)}


_USE = Record(
    {"key": Text(), "address": Text(), "firstAt": Moment(), "lastAt": Moment(), "requests": Whole(1)}
)
_STATUS = Named(
    "WorkspaceKeyStatus",
    Record(
        {
            "accessKeys": Items(Record({"key": Text(), "createdAt": Moment()})),
            "dataKey": Record(
                {"version": Text(), "createdAt": Moment(), "dueAt": Moment(), "sealedOff": Text()}
            ),
            "uses": Items(_USE),
            "usesSince": Moment(),
        }
    ),
)
ROUTES = (ManagementRoute("GET", f"{_ONE}/keyStatus", _NAMESPACE, get, giving({200: Body(_STATUS)})),)
