"""PUT, PATCH and DELETE of any resource: one transaction from reading the body to keeping the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kelp.api.management.call import Answer, Call
from kelp.api.management.documents import merge_patch
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.kinds import Properties
from kelp.resources.resource import Resource
from kelp.resources.transaction import Transaction

P = TypeVar("P", bound=Properties)


def put_resource(
    call: Call,
    put: Callable[[Transaction, DocumentReader], Resource[P]],
    encode: Callable[[Call, Resource[P]], dict[str, Any]],
    *,
    created: int = 201,
) -> Answer:
    """Create or replace the resource by the body; `put` decodes and stores it. Answers `created` or 200."""
    reader = call.reader()
    with call.write() as transaction, reader.reporting():
        stored = put(transaction, reader)
    return Answer(created if stored.is_new else 200, encode(call, stored))


def patch_resource(
    call: Call,
    resource: tuple[type[P], ResourceId],
    put: Callable[[Transaction, DocumentReader], Resource[P]],
    encode: Callable[[Call, Resource[P]], dict[str, Any]],
) -> Answer:
    """Merge the body into the resource's document and put that. Raises `ResourceNotFound`."""
    patch = call.document()
    with call.write() as transaction:
        present = encode(call, transaction.get(*resource))
        reader = DocumentReader(merge_patch(present, patch))
        with reader.reporting():
            stored = put(transaction, reader)
    return Answer(200, encode(call, stored))


def delete_resource(call: Call, resource_id: ResourceId) -> Answer:
    """Remove the resource; 204 when there was none."""
    with call.write() as transaction:
        existed = transaction.delete(resource_id)
    return Answer(200 if existed else 204)
