"""What the published description says of the routes of a kind of resource, from what reads its documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from kelp.api.description import Answers, Body, Description, Parameter
from kelp.api.json_schema import loosen
from kelp.api.management.call import Call, Describe
from kelp.api.management.reader import DocumentReader
from kelp.api.management.watched_reader import watch
from kelp.resources.shape import Choice, Items, Moment, Named, Record, Shape, Text, Whole

Read: TypeAlias = Callable[[Call, DocumentReader], object]

MAXIMUM_PAGE_ITEMS = 5_000
_TEXT = Text()
_AUTHORS = Choice(("User", "Application"))
_SYSTEM_DATA = Named(
    "SystemData",
    Record(
        {
            "createdBy": _TEXT,
            "createdByType": _AUTHORS,
            "createdAt": Moment(),
            "lastModifiedBy": _TEXT,
            "lastModifiedByType": _AUTHORS,
            "lastModifiedAt": Moment(),
        }
    ),
)
_CONDITIONS = (
    Parameter(
        "If-Match", _TEXT, "Done only where the resource has this etag.", "header", component="IfMatch"
    ),
    Parameter(
        "If-None-Match", _TEXT, "With *, done only where there is none.", "header", component="IfNoneMatch"
    ),
)
PAGE = (
    Parameter("$top", Whole(1), "The most that a page is to hold.", component="Top"),
    Parameter("$skipToken", _TEXT, "Where the page begins, as a nextLink says.", component="SkipToken"),
)


@dataclass(frozen=True, slots=True)
class KindDescription:
    """The descriptions of a kind's routes.

    `read` is what reads a document of it: its shape is found by watching, or is given where reading needs more than the
    document. `told` are the members of its properties that only the service fills in.
    """

    name: str
    read: Read | Record
    told: Mapping[str, Shape] = field(default_factory=lambda: MappingProxyType({}))
    group: str = ""

    def listing(self, name: str = "") -> Describe:
        """Describe a list."""

        def describe(call: Call) -> Description:
            return self._say(name, {200: Body(list_of(self._document(call)))}, PAGE)

        return describe

    def reading(self, name: str = "") -> Describe:
        """Describe a read of one."""
        return lambda call: self._say(name, {200: Body(self._document(call))})

    def putting(self, *statuses: int, name: str = "") -> Describe:
        """Describe a PUT that answers with the resource and one of these statuses, 200 and 201 if none are given."""

        def describe(call: Call) -> Description:
            draft = Named(f"{self.name}Draft", self._read(call))
            return self._write(name, statuses or (200, 201), draft, call)

        return describe

    def patching(self, *statuses: int, name: str = "") -> Describe:
        """Describe a PATCH that answers with the resource and one of these statuses, 200 if none is given."""

        def describe(call: Call) -> Description:
            patch = Named(f"{self.name}Patch", loosen(self._read(call)))
            return self._write(name, statuses or (200,), patch, call)

        return describe

    def deleting(self, *statuses: int, name: str = "") -> Describe:
        """Describe a DELETE that answers with one of these statuses and no body, 200 and 204 if none are given."""
        gives = dict.fromkeys(statuses or (200, 204))
        return lambda _call: self._say(name, gives, _CONDITIONS[:1])

    def removing(self, name: str = "") -> Describe:
        """Describe a DELETE that answers with what it removed, or with nothing where there was none."""
        return lambda call: self._say(name, {200: Body(self._document(call)), 204: None})

    def _write(self, name: str, statuses: tuple[int, ...], draft: Shape, call: Call) -> Description:
        document = self._document(call)
        return replace(
            self._say(name, {status: Body(document) for status in statuses}, _CONDITIONS), takes=Body(draft)
        )

    def _say(self, name: str, gives: Answers, parameters: tuple[Parameter, ...] = ()) -> Description:
        return Description(name=name, group=self.group, gives=gives, parameters=parameters)

    def _read(self, call: Call) -> Record:
        return self.read if isinstance(self.read, Record) else watch(partial(self.read, call))

    def _document(self, call: Call) -> Named:
        """Return what an answer holds: what was put, and what the service adds."""
        members = dict(loosen(self._read(call)).members)
        properties = members.pop("properties", Record({}))
        if isinstance(properties, Record):
            properties = Record({**properties.members, **self.told})
        envelope = {"id": _TEXT, "name": _TEXT, "type": _TEXT, **members, "properties": properties}
        document = Record(envelope | {"systemData": _SYSTEM_DATA}, required=("id", "name", "type"))
        return Named(self.name, document)


def list_of(shape: Named, link: str = "nextLink") -> Named:
    """Return the shape of a page of a list."""
    page = Record({"value": Items(shape, maximum=MAXIMUM_PAGE_ITEMS), link: _TEXT}, required=("value",))
    return Named(f"{shape.name}List", page)


def read_alone(read: Callable[[DocumentReader], object]) -> Read:
    """Return a function that reads a document whoever calls."""
    return lambda _call, reader: read(reader)


def taking(
    shape: Shape, *, gives: Answers | None = None, is_required: bool = True, name: str = ""
) -> Describe:
    """Describe a route that takes a document of its own."""
    return lambda _call: Description(name=name, takes=Body(shape, is_required=is_required), gives=gives or {})


def giving(gives: Answers, *parameters: Parameter, name: str = "") -> Describe:
    """Describe a route that takes no document."""
    return lambda _call: Description(name=name, gives=gives, parameters=parameters)
