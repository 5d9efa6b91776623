"""Routes of the kinds that are kept as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from kelp.api.management.call import Call
from kelp.api.management.linked import Link, refuse_links
from kelp.api.management.reader import DocumentReader
from kelp.resources.document import Document, TrackedDocument
from kelp.resources.resource import Resource

D = TypeVar("D", bound=Document)
T = TypeVar("T", bound=TrackedDocument)
FindLinks = Callable[[Mapping[str, Any]], Iterable[Link]]


def no_links(_document: Mapping[str, Any]) -> Iterable[Link]:
    """Return nothing: for documents that name nothing elsewhere."""
    return ()


def decode_document(kind: type[D], links: FindLinks = no_links) -> Callable[[Call, DocumentReader], D]:
    """Return the function that reads a document of a kind."""

    def decode(call: Call, reader: DocumentReader) -> D:
        document = reader.shaped("properties", kind.SHAPE)
        refuse_links(call, reader, links(document))
        return kind(document=document)

    return decode


def decode_tracked(kind: type[T], links: FindLinks = no_links) -> Callable[[Call, DocumentReader], T]:
    """Return the function that reads a document with location, tags and kind."""

    def decode(call: Call, reader: DocumentReader) -> T:
        document = reader.shaped("properties", kind.SHAPE)
        refuse_links(call, reader, links(document))
        return kind(
            location=reader.text("location"),
            tags=reader.tags(),
            kind=reader.find_text("kind"),
            document=document,
        )

    return decode


def encode_document(_call: Call, resource: Resource[Document] | Resource[TrackedDocument]) -> dict[str, Any]:
    """Return the properties as they are kept."""
    return dict(resource.properties.document)


def kind_of(_call: Call, resource: Resource[TrackedDocument]) -> dict[str, Any]:
    """Return the member `kind`, if there is one."""
    return {} if resource.properties.kind is None else {"kind": resource.properties.kind}
