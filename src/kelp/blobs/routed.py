"""Blobs in several places as one store: what is written goes to one of them, what is read may lie in any."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Protocol

from kelp.blobs.contract import BlobNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kelp.blobs.contract import BlobEntry, BlobStore


class BlobRoutes(Protocol):
    """Tells the places of a key, or of all keys below a prefix. Answers from memory."""

    def present(self, key: str) -> BlobStore:
        """Return where a blob of the key is put."""
        ...

    def readable(self, key: str) -> Sequence[BlobStore]:
        """Return where it is looked for, the likeliest first."""
        ...

    def every(self, key: str) -> Sequence[BlobStore]:
        """Return where it may lie, also where nobody reads at present."""
        ...


class RoutedBlobs:
    """A `BlobStore` over others. Of a key that lies in several places the first that is readable counts."""

    def __init__(self, routes: BlobRoutes) -> None:
        self._routes = routes

    def put(self, key: str, body: bytes) -> None:
        self._routes.present(key).put(key, body)

    def get(self, key: str) -> bytes:
        for place in self._routes.readable(key):
            try:
                return place.get(key)
            except BlobNotFound:
                continue
        raise BlobNotFound(key)

    def iter_entries(self, prefix: str) -> Iterator[BlobEntry]:
        places = [place.iter_entries(prefix) for place in self._routes.readable(prefix)]
        last = None
        for entry in heapq.merge(*places, key=lambda entry: entry.key):
            if entry.key != last:
                yield entry
            last = entry.key

    def delete(self, key: str) -> None:
        for place in self._routes.every(key):
            place.delete(key)

    def delete_prefix(self, prefix: str) -> int:
        return sum(place.delete_prefix(prefix) for place in self._routes.every(prefix))
