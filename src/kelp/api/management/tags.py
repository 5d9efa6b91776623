"""The tags of a resource, a group or a subscription as a resource of their own (`Microsoft.Resources/tags/default`)."""

from __future__ import annotations

from typing import Any

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import KindDescription, giving
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.kinds import Properties
from kelp.resources.resource import Resource
from kelp.resources.shape import Choice, Entries, Record, Text
from kelp.resources.tagging import TagOperation, change_tags, find_tags, get_tagged

_NAMESPACE = "Microsoft.Resources"
_TYPE = f"{_NAMESPACE}/tags"
_ONE = f"/{{scope:path}}/providers/{_TYPE}/default"


def get(call: Call) -> Answer:
    """Answer with the tags."""
    scope = _require(call, "read")
    return Answer(200, _encode(get_tagged(call.store, scope)))


def put(call: Call) -> Answer:
    """Replace all tags."""
    scope, reader = _require(call, "write"), call.reader()
    return _change(call, scope, reader, TagOperation.REPLACE)


def patch(call: Call) -> Answer:
    """Merge tags into those there are, replace them all or delete some, as `operation` says."""
    scope, reader = _require(call, "write"), call.reader()
    return _change(call, scope, reader, reader.choice("operation", TagOperation.MERGE))


def delete(call: Call) -> Answer:
    """Remove all tags."""
    scope = _require(call, "delete")
    return _change(call, scope, DocumentReader({}), TagOperation.REPLACE)


def _require(call: Call, verb: str) -> ResourceId:
    scope = ResourceId.parse(f"/{call.parameters['scope']}")
    call.require(f"{_TYPE}/{verb}", scope)
    return scope


def _change(call: Call, scope: ResourceId, reader: DocumentReader, operation: TagOperation) -> Answer:
    with call.write() as transaction, reader.reporting():
        tags = reader.section("properties").tags()
        tagged = change_tags(transaction, scope, operation, tags)
    return Answer(200, _encode(tagged))


def _encode(tagged: Resource[Properties]) -> dict[str, Any]:
    return {
        "id": f"{tagged.id}/providers/{_TYPE}/default",
        "name": "default",
        "type": _TYPE,
        "properties": {"tags": dict(find_tags(tagged.properties) or {})},
    }


_TAGS = Record({"tags": Entries(Text())}, required=("tags",))
_SAYS = KindDescription(
    "Tags",
    Record({"operation": Choice(tuple(TagOperation)), "properties": _TAGS}, required=("properties",)),
)
ROUTES = (
    ManagementRoute("GET", _ONE, _NAMESPACE, get, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting(200)),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch, _SAYS.patching()),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete, giving({200: Body()})),
)
