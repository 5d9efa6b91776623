"""All resources of a kind, for a job that looks at them every few seconds: read anew when the store has changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from kelp.resources.kinds import Properties

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

P = TypeVar("P", bound=Properties)


class Listing(Generic[P]):
    """Belongs to one event loop."""

    def __init__(self, store: ResourceStore, kind: type[P]) -> None:
        self._store = store
        self._kind = kind
        self._version = -1
        self._found: tuple[Resource[P], ...] = ()

    async def read(self) -> tuple[Resource[P], ...]:
        """Return the live resources of all tenants."""
        version = self._store.snapshot.version
        if version != self._version:
            self._found = await asyncio.to_thread(self._store.list_kind, self._kind)
            self._version = version
        return self._found
