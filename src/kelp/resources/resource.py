"""A stored resource: an envelope that all kinds share around the properties of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from kelp.base.ids import ResourceId
from kelp.resources.author import Stamp
from kelp.resources.kinds import Properties

P = TypeVar("P", bound=Properties)
P_co = TypeVar("P_co", bound=Properties, covariant=True)


@dataclass(frozen=True, slots=True)
class Resource(Generic[P_co]):
    """A resource as last written.

    `uid` is new whenever a resource is made, also under a name that was used before, so that what was built for the
    former bearer of the name can be told apart. `deleted_at` is set for what can still be recovered, `purge_at` says
    when its data becomes due for destruction.
    """

    uid: UUID
    id: ResourceId
    tenant_id: UUID
    etag: str
    created: Stamp
    modified: Stamp
    properties: P_co
    deleted_at: datetime | None = None
    purge_at: datetime | None = None
    is_new: bool = False
    """Whether the write that returned this object made the resource."""


@dataclass(frozen=True, slots=True)
class Page(Generic[P_co]):
    """A part of a list in the order of ids. `next_key` is where the next part begins, None at the end."""

    items: tuple[Resource[P_co], ...]
    next_key: str | None
