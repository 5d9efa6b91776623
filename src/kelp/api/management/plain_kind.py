"""Routes of a kind that needs no more than to be made, read, listed, changed and removed.

One `PlainKind` a kind: what its documents hold, the codes its clients accept, where it lies. The rest is here: rights,
conditions by etag, pages, the envelope, audit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kelp.api.management.call import Answer, Call, Endpoint, ManagementRoute
from kelp.api.management.documents import encode_resource, encode_system_data, present
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.listing import list_resources
from kelp.api.management.reader import DocumentReader
from kelp.api.management.writing import patch_resource, put_resource
from kelp.base.ids import ResourceId
from kelp.resources.errors import ResourceNotFound
from kelp.resources.kinds import TYPE_OF_KIND, Properties
from kelp.resources.plain import Plain, Tracked, put_plain
from kelp.resources.resource import Resource
from kelp.resources.shape import Shape
from kelp.resources.transaction import Transaction

P = TypeVar("P", bound=Properties)
K = TypeVar("K", bound=Plain)
Put = Callable[[Call, Transaction, ResourceId, P], Resource[P]]
Delete = Callable[[Call, Transaction, ResourceId], bool]
NOT_FOUND = 404


def put_as_plain(_call: Call, transaction: Transaction, resource_id: ResourceId, draft: K) -> Resource[K]:
    """Store a draft of a plain kind."""
    return put_plain(transaction, resource_id, draft)


def delete_plain(_call: Call, transaction: Transaction, resource_id: ResourceId) -> bool:
    """Remove a resource and what lies below it; return whether there was one."""
    return transaction.delete(resource_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainKind(Generic[P]):
    """A kind as its clients know it.

    `path` names the parameter of each segment: `workspaces/{workspace}/savedSearches/{savedSearch}`; one beginning
    with `*` is of resources that extend any other. `noun` is what documentation calls one and `note` what it adds.
    `created`, `removed` and `absent` are the statuses of a PUT that makes one, and of a DELETE that finds one or none.
    `encode` gives the properties, `envelope` what stands beside them other than tags, location, etag and systemData.
    """

    kind: type[P]
    path: str
    noun: str
    decode: Callable[[Call, DocumentReader], P]
    encode: Callable[[Call, Resource[P]], Mapping[str, Any]]
    put: Put[P]
    envelope: Callable[[Call, Resource[P]], Mapping[str, Any]] = field(default=lambda _call, _resource: {})
    note: str = ""
    created: int = 201
    removed: int = 200
    absent: int = 204
    etag_member: str = "etag"
    delete: Delete = delete_plain
    selects: Callable[[Call], Callable[[Resource[P]], bool]] = field(
        default=lambda _call: lambda _resource: True
    )
    """Which resources a list shows, by what its request says."""
    has_patch: bool = False
    reads_etag: bool = False
    """Whether an etag in the body is a condition too, as that of saved searches is: `*`, or the present one."""
    lists_in_subscription: bool = True
    lists_below: Callable[[Call], bool] = field(default=lambda _call: False)
    """Whether the list of what extends a resource that a request asks for has also what lies at those below it."""
    told: Mapping[str, Shape] = field(default_factory=dict)
    """Members of the properties that only the service fills in, for the published description."""

    @property
    def type(self) -> str:
        """The Azure type."""
        return TYPE_OF_KIND[self.kind]

    @property
    def namespace(self) -> str:
        """The provider."""
        return self.type.partition("/")[0]

    @property
    def collection(self) -> str:
        """What the kind is called in paths, such as `savedSearches`."""
        return self.path.removeprefix("*").split("/")[-2]

    def document(self, call: Call, resource: Resource[P]) -> dict[str, Any]:
        """Return the whole document of a resource."""
        found = resource.properties
        tracked = {"location": found.location, "tags": found.tags} if isinstance(found, Tracked) else {}
        return encode_resource(
            resource,
            present(self.encode(call, resource)),
            **tracked,
            **{self.etag_member: f'"{resource.etag}"'},
            systemData=encode_system_data(resource),
            **self.envelope(call, resource),
        )

    def routes(self) -> tuple[ManagementRoute, ...]:
        """Return the routes of all its operations."""
        places = _Places.of(self)
        what = f"{self.noun}, {self.note}" if self.note else self.noun
        article = "an" if self.noun[0].lower() in "aeiou" else "a"
        absent = () if self.absent in (self.removed, NOT_FOUND) else (self.absent,)
        says = KindDescription(self.kind.__name__, self.decode, self.told, self.collection)
        routes = [
            *(
                (
                    f"Answer with every {self.noun} of the {place}",
                    ("GET", path, self._list, says.listing(f"list_in_{place}")),
                )
                for place, path in places.lists
            ),
            (f"Answer with one {self.noun}", ("GET", places.one, self._get, says.reading("get"))),
            (
                f"Create or replace {article} {what}",
                ("PUT", places.one, self._put, says.putting(200, *{self.created} - {200}, name="put")),
            ),
            (
                f"Delete {article} {self.noun}",
                (
                    "DELETE",
                    places.one,
                    self._delete,
                    says.deleting(self.removed, *absent, name="delete"),
                ),
            ),
        ]
        if self.has_patch:
            change = ("PATCH", places.one, self._patch, says.patching(name="patch"))
            routes.insert(-1, (f"Change what the body names of {article} {what}", change))
        return tuple(
            ManagementRoute(method, path, self.namespace, _described(endpoint, text), describe)
            for text, (method, path, endpoint, describe) in routes
        )

    def _list(self, call: Call) -> Answer:
        # What is asked about is the path without its own provider and type.
        of_kind = f"{call.path}/x"
        under = ResourceId.parse(of_kind).parent or ResourceId()
        selected, direct = self.selects(call), self.path.startswith("*") and not self.lists_below(call)
        return list_resources(
            call,
            self.kind,
            under,
            self.document,
            shows=lambda item: selected(item) and (not direct or item.id.parent == under),
        )

    def _get(self, call: Call) -> Answer:
        call.require(f"{self.type}/read", call.resource_id)
        return Answer(200, self.document(call, call.store.get(self.kind, call.resource_id)))

    def _put(self, call: Call) -> Answer:
        call.require(f"{self.type}/write", call.resource_id)
        return put_resource(call, self._putter(call), self.document, created=self.created)

    def _patch(self, call: Call) -> Answer:
        call.require(f"{self.type}/write", call.resource_id)
        return patch_resource(call, (self.kind, call.resource_id), self._putter(call), self.document)

    def _delete(self, call: Call) -> Answer:
        call.require(f"{self.type}/delete", call.resource_id)
        with call.write() as transaction:
            self._require_condition(call, transaction)
            existed = self.delete(call, transaction, call.resource_id)
        if not existed and self.absent == NOT_FOUND:
            raise ResourceNotFound(call.resource_id)
        return Answer(self.removed if existed else self.absent)

    def _putter(self, call: Call) -> Callable[[Transaction, DocumentReader], Resource[P]]:
        def put_decoded(transaction: Transaction, reader: DocumentReader) -> Resource[P]:
            self._require_condition(call, transaction)
            etag = reader.find_text(self.etag_member) if self.reads_etag else None
            if etag and transaction.find(self.kind, call.resource_id) is not None:
                transaction.require_condition(self.kind, call.resource_id, if_match=etag)
            return self.put(call, transaction, call.resource_id, self.decode(call, reader))

        return put_decoded

    def _require_condition(self, call: Call, transaction: Transaction) -> None:
        transaction.require_condition(
            self.kind, call.resource_id, if_match=call.if_match, if_none_match=call.if_none_match
        )


@dataclass(frozen=True, slots=True)
class _Places:
    """The paths of one resource and of its lists, with the word for what each list is of."""

    one: str
    lists: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, kind: PlainKind[Any]) -> _Places:
        if kind.path.startswith("*"):
            all_of_scope = f"/{{scope:path}}/providers/{kind.namespace}/{kind.path[1:].rpartition('/')[0]}"
            return cls(
                f"/{{scope:path}}/providers/{kind.namespace}/{kind.path[1:]}", (("resource", all_of_scope),)
            )
        in_group = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{kind.namespace}"
        beside = kind.path.rpartition("/")[0]
        if "/" in beside:
            parents = re.findall(r"\{(\w+)\}", beside)
            return cls(f"{in_group}/{kind.path}", ((parents[-1], f"{in_group}/{beside}"),))
        lists = [("group", f"{in_group}/{beside}")]
        if kind.lists_in_subscription:
            in_subscription = f"/subscriptions/{{subscription}}/providers/{kind.namespace}/{beside}"
            lists.insert(0, ("subscription", in_subscription))
        return cls(f"{in_group}/{kind.path}", tuple(lists))


def _described(endpoint: Endpoint, text: str) -> Endpoint:
    """Return the endpoint as a function that says what it does, for the page that lists the routes."""

    def answer(call: Call) -> Answer:
        return endpoint(call)

    answer.__doc__ = f"{text}."
    return answer
