"""How a resource lies in its table: one row each, read and written here only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from kelp.base.clock import as_utc
from kelp.base.ids import ResourceId
from kelp.resources.author import AuthorKind, Stamp
from kelp.resources.errors import ResourceNotFound
from kelp.resources.kinds import (
    KIND_OF_TYPE,
    TYPE_OF_KIND,
    Properties,
    SoftDeletable,
    decode_properties,
    encode_properties,
    external_id,
)
from kelp.resources.resource import Resource
from kelp.resources.schema import RESOURCE
from kelp.resources.table import Table

P = TypeVar("P", bound=Properties)
S = TypeVar("S", bound=SoftDeletable)

IS_LIVE: ColumnElement[bool] = RESOURCE.c.deleted_at.is_(None)
"""Neither closed nor waiting to be purged."""


def is_below(resource_id: ResourceId) -> ColumnElement[bool]:
    """Return the condition for the resource itself and everything below it, as a range of keys."""
    key = resource_id.key.rstrip("/")
    after_slash = chr(ord("/") + 1)
    return or_(RESOURCE.c.key == key, and_(RESOURCE.c.key > f"{key}/", RESOURCE.c.key < key + after_slash))


def find(connection: Connection, kind: type[P], resource_id: ResourceId) -> Resource[P] | None:
    """Return the live resource of that kind and id."""
    statement = select(RESOURCE).where(
        RESOURCE.c.key == resource_id.key, RESOURCE.c.type == TYPE_OF_KIND[kind].lower(), IS_LIVE
    )
    return cast("Resource[P] | None", next(iter_rows(connection, statement), None))


def get(connection: Connection, kind: type[P], resource_id: ResourceId) -> Resource[P]:
    """Return the live resource. Raises `ResourceNotFound` for it, or for what it would lie in."""
    found = find(connection, kind, resource_id)
    if found is None:
        require_ancestors(connection, resource_id)
        raise ResourceNotFound(resource_id)
    return found


def require_ancestors(connection: Connection, resource_id: ResourceId) -> None:
    """Raise `ResourceNotFound` for the outermost thing the resource would lie in that does not exist."""
    for ancestor in reversed(list(resource_id.iter_ancestors())):
        require_present(connection, ancestor)


def require_present(connection: Connection, resource_id: ResourceId) -> None:
    """Raise `ResourceNotFound` for a resource that the store would hold and does not.

    Kinds it does not hold may exist, and so may a table, which can be a built-in one.
    """
    kind = KIND_OF_TYPE.get(resource_id.type.lower())
    if kind not in (None, Table) and find(connection, kind, resource_id) is None:
        raise ResourceNotFound(resource_id)


def iter_below(connection: Connection, resource_id: ResourceId) -> Iterator[Resource[Properties]]:
    """Yield the live resource of that id and all below it, in the order of their keys."""
    return iter_rows(
        connection, select(RESOURCE).where(is_below(resource_id), IS_LIVE).order_by(RESOURCE.c.key)
    )


def list_closed(
    connection: Connection, kind: type[S], *conditions: ColumnElement[bool]
) -> tuple[Resource[S], ...]:
    """Return the deleted resources of a kind, of all tenants, that are not purged and fulfil the conditions."""
    statement = select(RESOURCE).where(
        RESOURCE.c.type == TYPE_OF_KIND[kind].lower(), RESOURCE.c.deleted_at.is_not(None), *conditions
    )
    return cast("tuple[Resource[S], ...]", tuple(iter_rows(connection, statement)))


def iter_rows(connection: Connection, statement: Select[Any]) -> Iterator[Resource[Properties]]:
    """Yield the resources that a selection of the table finds."""
    for row in connection.execute(statement):
        yield _from_row(row)


def to_row(resource: Resource[Properties]) -> dict[str, object]:
    """Return the values of all columns."""
    return {
        "uid": resource.uid,
        "key": resource.id.key,
        "id": str(resource.id),
        "type": resource.id.type.lower(),
        "tenant_id": resource.tenant_id,
        "external_id": external_id(resource.properties),
        "etag": resource.etag,
        "properties": encode_properties(resource.properties),
        "created_at": resource.created.at,
        "created_by": resource.created.by,
        "created_by_kind": resource.created.kind,
        "modified_at": resource.modified.at,
        "modified_by": resource.modified.by,
        "modified_by_kind": resource.modified.kind,
        "deleted_at": resource.deleted_at,
        "purge_at": resource.purge_at,
    }


def _from_row(row: Row[Any]) -> Resource[Properties]:
    return Resource(
        uid=row.uid,
        id=ResourceId.parse(row.id),
        tenant_id=row.tenant_id,
        etag=row.etag,
        created=Stamp(as_utc(row.created_at), row.created_by, AuthorKind(row.created_by_kind)),
        modified=Stamp(as_utc(row.modified_at), row.modified_by, AuthorKind(row.modified_by_kind)),
        properties=decode_properties(row.type, row.properties),
        deleted_at=as_utc(row.deleted_at) if row.deleted_at else None,
        purge_at=as_utc(row.purge_at) if row.purge_at else None,
    )
