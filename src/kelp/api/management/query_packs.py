"""Query packs and their queries (`Microsoft.OperationalInsights/queryPacks`)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.document_kind import decode_document, encode_document
from kelp.api.management.documents import encode_moment
from kelp.api.management.kind_description import KindDescription, taking
from kelp.api.management.listing import list_resources
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.plain import put_plain
from kelp.resources.query_pack import PackQuery, QueryPack, matches
from kelp.resources.resource import Resource
from kelp.resources.shape import Entries, Items, Named, Record, Text

_NAMESPACE = "Microsoft.OperationalInsights"
_ALL = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}/queryPacks"
_SEARCHED = "categories", "resourceTypes", "solutions"


def _decode_pack(_call: Call, reader: DocumentReader) -> QueryPack:
    return QueryPack(location=reader.text("location"), tags=reader.tags())


def _encode_pack(_call: Call, pack: Resource[QueryPack]) -> dict[str, Any]:
    return {
        "queryPackId": pack.properties.pack_id,
        "timeCreated": encode_moment(pack.created.at),
        "timeModified": encode_moment(pack.modified.at),
        "provisioningState": "Succeeded",
    }


def _encode_query(call: Call, query: Resource[PackQuery]) -> dict[str, Any]:
    document = encode_document(call, query)
    if call.query.get("includeBody", "").lower() == "false":
        document.pop("body", None)
    return {
        **document,
        "id": query.id.name,
        "author": query.properties.author,
        "timeCreated": encode_moment(query.created.at),
        "timeModified": encode_moment(query.modified.at),
    }


def put_without_name(call: Call) -> Answer:
    """Create a query pack under a name made here."""
    pack_id = call.group.child(f"{_NAMESPACE}/queryPacks", f"query-pack-{uuid4()}")
    call.require(f"{QUERY_PACKS.type}/write", pack_id)
    reader = call.reader()
    with call.write() as transaction, reader.reporting():
        pack = put_plain(transaction, pack_id, _decode_pack(call, reader))
    return Answer(201, QUERY_PACKS.document(call, pack))


def search(call: Call) -> Answer:
    """Answer with the queries of a pack that have one of the values asked for in each of their lists."""
    pack_id = ResourceId.parse(call.path.rpartition("/queries/")[0])
    reader = call.reader()
    with reader.reporting():
        related, tags = reader.section("related"), reader.section("tags")
        wanted = {
            "related": {name: related.texts(name) for name in _SEARCHED},
            "tags": {name: tags.texts(name) for name in tags.names()},
        }
    return list_resources(
        call, PackQuery, pack_id, QUERIES.document, shows=lambda query: matches(query.properties, wanted)
    )


QUERY_PACKS = PlainKind(
    kind=QueryPack,
    path="queryPacks/{queryPack}",
    noun="query pack",
    decode=_decode_pack,
    encode=_encode_pack,
    put=put_as_plain,
    created=200,
    has_patch=True,
)
QUERIES = PlainKind(
    kind=PackQuery,
    path="queryPacks/{queryPack}/queries/{query}",
    noun="query",
    decode=decode_document(PackQuery),
    encode=_encode_query,
    put=put_as_plain,
    created=200,
    has_patch=True,
)
_UNNAMED = KindDescription("QueryPack", _decode_pack, group="queryPacks").putting(
    201, name="put_without_name"
)
_SEARCH = Named(
    "QuerySearch",
    Record(
        {
            "related": Record({name: Items(Text()) for name in _SEARCHED}),
            "tags": Entries(Items(Text())),
        }
    ),
)
ROUTES = (
    *QUERY_PACKS.routes(),
    *QUERIES.routes(),
    ManagementRoute("PUT", _ALL, _NAMESPACE, put_without_name, _UNNAMED),
    ManagementRoute("POST", f"{_ALL}/{{queryPack}}/queries/search", _NAMESPACE, search, taking(_SEARCH)),
)
