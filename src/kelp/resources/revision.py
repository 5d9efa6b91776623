"""What resources of some kinds held before: each version of them that was written, the newest ones only.

A version is gone with its resource, and goes along where that is moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy import Connection, Row, delete, func, insert, select

from kelp.base.clock import as_utc
from kelp.resources.author import AuthorKind, Stamp
from kelp.resources.kinds import Properties, decode_properties, encode_properties
from kelp.resources.schema import REVISION

if TYPE_CHECKING:
    from kelp.resources.resource import Resource

P = TypeVar("P", bound=Properties)


def keep_revision(connection: Connection, resource: Resource[Properties], name: str, most: int) -> None:
    """Keep what a resource holds now as the revision of that name, and of all at most so many.

    Nothing happens where there is one of the name.
    """
    own = REVISION.c.resource_uid == resource.uid
    if connection.execute(select(REVISION.c.name).where(own, REVISION.c.name == name)).first():
        return
    number = connection.execute(select(func.max(REVISION.c.number)).where(own)).scalar_one() or 0
    connection.execute(
        insert(REVISION).values(
            resource_uid=resource.uid,
            name=name,
            number=number + 1,
            at=resource.modified.at,
            by=resource.modified.by,
            by_kind=resource.modified.kind,
            properties=encode_properties(resource.properties),
        )
    )
    connection.execute(delete(REVISION).where(own, REVISION.c.number <= number + 1 - most))


def iter_revisions(connection: Connection, resource: Resource[P]) -> Iterator[Resource[P]]:
    """Yield the resource as it was at each of its revisions, newest first; their etags are the revisions' names."""
    statement = select(REVISION).where(REVISION.c.resource_uid == resource.uid)
    for row in connection.execute(statement.order_by(REVISION.c.number.desc())):
        yield _as_it_was(resource, row)


def find_revision(connection: Connection, resource: Resource[P], name: str) -> Resource[P] | None:
    """Return the resource as it was at the revision of that name."""
    statement = select(REVISION).where(REVISION.c.resource_uid == resource.uid, REVISION.c.name == name)
    row = connection.execute(statement).first()
    return None if row is None else _as_it_was(resource, row)


def _as_it_was(resource: Resource[P], row: Row[tuple[object, ...]]) -> Resource[P]:
    return replace(
        resource,
        etag=row.name,
        modified=Stamp(as_utc(row.at), row.by, AuthorKind(row.by_kind)),
        properties=cast("P", decode_properties(resource.id.type, row.properties)),
    )
