"""Solutions (`Microsoft.OperationsManagement/solutions`) and intelligence packs: views, in older words."""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import giving
from kelp.api.management.linked import Link, refuse_links
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.errors import ResourceConflict, ResourceNotFound
from kelp.resources.intelligence_pack import ALWAYS_ON, INTELLIGENCE_PACKS, IntelligencePack, find_pack
from kelp.resources.plain import put_plain
from kelp.resources.resource import Resource
from kelp.resources.solution import Solution
from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.OperationalInsights"
_PACK_TYPE = IntelligencePack.TYPE
_PACKS = (
    f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}"
    "/workspaces/{workspace}/intelligencePacks"
)


def _decode(call: Call, reader: DocumentReader) -> Solution:
    plan, properties = reader.section("plan"), reader.section("properties")
    workspace_id = properties.text("workspaceResourceId")
    action = "Microsoft.OperationalInsights/workspaces/write"
    refuse_links(call, reader, [Link("properties.workspaceResourceId", workspace_id, action)])
    return Solution(
        location=reader.text("location"),
        tags=reader.tags(),
        workspace_id=workspace_id,
        plan_name=plan.text("name", call.resource_id.name),
        product=plan.text("product"),
        publisher=plan.text("publisher", "Microsoft"),
        promotion_code=plan.text("promotionCode"),
        contained=properties.texts("containedResources"),
        referenced=properties.texts("referencedResources"),
    )


def _encode(_call: Call, solution: Resource[Solution]) -> dict[str, Any]:
    found = solution.properties
    return {
        "workspaceResourceId": found.workspace_id,
        "containedResources": list(found.contained),
        "referencedResources": list(found.referenced),
        "provisioningState": "Succeeded",
    }


def _envelope(_call: Call, solution: Resource[Solution]) -> dict[str, Any]:
    found = solution.properties
    return {
        "plan": {
            "name": found.plan_name,
            "product": found.product,
            "publisher": found.publisher,
            "promotionCode": found.promotion_code,
        }
    }


def list_packs(call: Call) -> Answer:
    """Answer with the packs that a workspace can have, and which of them are on."""
    call.require(f"{_PACK_TYPE}/read", call.workspace)
    call.store.get(Workspace, call.workspace)
    found = [
        {
            "name": name,
            "enabled": name == ALWAYS_ON
            or call.store.find(IntelligencePack, _pack_id(call, name)) is not None,
            "displayName": title,
        }
        for name, title in INTELLIGENCE_PACKS.items()
    ]
    return Answer(200, found)


def enable_pack(call: Call) -> Answer:
    """Switch a pack on, which is noted; the tables of every pack are there anyway."""
    name = _require_pack(call)
    if name != ALWAYS_ON:
        with call.write() as transaction:
            put_plain(transaction, _pack_id(call, name), IntelligencePack())
    return Answer(200)


def disable_pack(call: Call) -> Answer:
    """Switch a pack off, which is noted; its tables stay."""
    name = _require_pack(call)
    if name == ALWAYS_ON:
        raise ResourceConflict(
            "PackAlwaysEnabled", f"The pack '{ALWAYS_ON}' can't be switched off.", target=name
        )
    with call.write() as transaction:
        transaction.delete(_pack_id(call, name))
    return Answer(200)


def _pack_id(call: Call, name: str) -> ResourceId:
    return call.workspace.child("intelligencePacks", name)


def _require_pack(call: Call) -> str:
    named = _pack_id(call, call.parameters["intelligencePack"])
    call.require(f"{_PACK_TYPE}/write", named)
    call.store.get(Workspace, call.workspace)
    name = find_pack(named.name)
    if name is None:
        raise ResourceNotFound(named)
    return name


SOLUTIONS = PlainKind(
    kind=Solution,
    path="solutions/{solution}",
    noun="solution",
    note="which is noted and adds nothing, since its tables are there anyway",
    decode=_decode,
    encode=_encode,
    envelope=_envelope,
    put=put_as_plain,
    has_patch=True,
)
ROUTES = (
    *SOLUTIONS.routes(),
    ManagementRoute("GET", _PACKS, _NAMESPACE, list_packs),
    ManagementRoute(
        "POST", f"{_PACKS}/{{intelligencePack}}/Enable", _NAMESPACE, enable_pack, giving({200: None})
    ),
    ManagementRoute(
        "POST", f"{_PACKS}/{{intelligencePack}}/Disable", _NAMESPACE, disable_pack, giving({200: None})
    ),
)
