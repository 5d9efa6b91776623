"""Workbooks (`Microsoft.Insights/workbooks`) and what they held before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kelp.api.description import Description
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.document_kind import decode_tracked, encode_document, kind_of
from kelp.api.management.documents import encode_moment
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.plain_kind import PlainKind
from kelp.base.ids import ResourceId
from kelp.resources.errors import ResourceNotFound
from kelp.resources.plain import put_plain
from kelp.resources.resource import Resource
from kelp.resources.shape import Moment, Shape, Text
from kelp.resources.transaction import Transaction
from kelp.resources.workbook import Workbook

KEPT_REVISIONS = 50


def list_revisions(call: Call) -> Answer:
    """Answer with what a workbook held after each of its last changes, newest first; without the pages themselves."""
    workbook = _require_readable(call)
    found = call.store.list_revisions(workbook)
    return Answer(200, {"value": [WORKBOOKS.document(call, one) for one in found]})


def get_revision(call: Call) -> Answer:
    """Answer with what a workbook held at one of its revisions."""
    workbook = _require_readable(call)
    found = call.store.find_revision(workbook, call.parameters["revision"].lower())
    if found is None:
        raise ResourceNotFound(call.resource_id)
    return Answer(200, WORKBOOKS.document(call, found))


def _require_readable(call: Call) -> Resource[Workbook]:
    workbook_id = call.group.child(Workbook.TYPE, call.parameters["workbook"])
    call.require(f"{Workbook.TYPE}/revisions/read", workbook_id)
    return call.store.get(Workbook, workbook_id)


def _put(
    _call: Call, transaction: Transaction, resource_id: ResourceId, draft: Workbook
) -> Resource[Workbook]:
    stored = put_plain(transaction, resource_id, draft)
    transaction.keep_revision(stored, stored.properties.revision, KEPT_REVISIONS)
    return stored


def _encode(call: Call, workbook: Resource[Workbook]) -> dict[str, Any]:
    document = encode_document(call, workbook)
    is_list = call.method == "GET" and call.path.lower().endswith(("/workbooks", "/revisions"))
    if is_list and call.query.get("canFetchContent", "").lower() != "true":
        document.pop("serializedData", None)
    return {
        **document,
        "timeModified": encode_moment(workbook.modified.at),
        "userId": workbook.modified.by,
        "revision": workbook.properties.revision or None,
    }


def _select(call: Call) -> Callable[[Resource[Workbook]], bool]:
    """Choose by `category`, `sourceId` and `tags` of the request."""
    wanted = {
        member: call.query[member].lower() for member in ("category", "sourceId") if call.query.get(member)
    }
    tags = {tag.lower() for tag in call.query.get("tags", "").split(",") if tag}

    def selects(workbook: Resource[Workbook]) -> bool:
        found = workbook.properties.document
        fits = all(str(found.get(member, "")).lower() == value for member, value in wanted.items())
        return fits and tags <= {tag.lower() for tag in found.get("tags", ())}

    return selects


_DECODE = decode_tracked(Workbook)
_TOLD: dict[str, Shape] = {"timeModified": Moment(), "userId": Text(), "revision": Text()}
_SAYS = KindDescription(Workbook.__name__, _DECODE, _TOLD, "workbooks")


def _describe_list(call: Call) -> Description:
    return replace(_SAYS.listing("list_revisions")(call), parameters=())


WORKBOOKS = PlainKind(
    kind=Workbook,
    path="workbooks/{workbook}",
    noun="workbook",
    note="which the portal shows as dashboards",
    decode=_DECODE,
    encode=_encode,
    envelope=kind_of,
    put=_put,
    selects=_select,
    has_patch=True,
    told=_TOLD,
)
_NAMESPACE = "Microsoft.Insights"
_REVISIONS = (
    f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}"
    "/workbooks/{workbook}/revisions"
)
ROUTES = (
    *WORKBOOKS.routes(),
    ManagementRoute("GET", _REVISIONS, _NAMESPACE, list_revisions, _describe_list),
    ManagementRoute(
        "GET", f"{_REVISIONS}/{{revision}}", _NAMESPACE, get_revision, _SAYS.reading("get_revision")
    ),
)
