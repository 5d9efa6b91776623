"""Workbooks (`Microsoft.Insights/workbooks`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.document_kind import decode_tracked, encode_document, kind_of
from kelp.api.management.documents import encode_moment
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.resources.resource import Resource
from kelp.resources.workbook import Workbook


def _encode(call: Call, workbook: Resource[Workbook]) -> dict[str, Any]:
    document = encode_document(call, workbook)
    is_list = call.method == "GET" and call.path.lower().endswith("/workbooks")
    if is_list and call.query.get("canFetchContent", "").lower() != "true":
        document.pop("serializedData", None)
    return {
        **document,
        "timeModified": encode_moment(workbook.modified.at),
        "userId": workbook.modified.by,
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


WORKBOOKS = PlainKind(
    kind=Workbook,
    path="workbooks/{workbook}",
    noun="workbook",
    note="which the portal shows as dashboards",
    decode=decode_tracked(Workbook),
    encode=_encode,
    envelope=kind_of,
    put=put_as_plain,
    selects=_select,
    has_patch=True,
)
ROUTES = WORKBOOKS.routes()
