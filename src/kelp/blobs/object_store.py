"""Blobs in an object store (S3, Azure Blob, Google Cloud Storage): for several nodes. Puts are atomic there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError

from kelp.base.errors import Category, ServiceError
from kelp.blobs.contract import BlobEntry, BlobNotFound, check_deletable_prefix, check_key, check_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import ObjectStore

_DELETED_AT_ONCE = 1000


class ObjectStoreBlobs:
    """A `BlobStore` over an obstore client, which the caller configured with its address, credentials and prefix."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, key: str, body: bytes) -> None:
        check_key(key)
        with _storage_errors(key):
            obstore.put(self._store, key, body)

    def get(self, key: str) -> bytes:
        check_key(key)
        with _storage_errors(key):
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except FileNotFoundError:
                raise BlobNotFound(key) from None

    def iter_entries(self, prefix: str) -> Iterator[BlobEntry]:
        check_prefix(prefix)
        with _storage_errors(prefix):
            entries = [
                BlobEntry(meta["path"], meta["size"], meta["last_modified"])
                for page in obstore.list(self._store, prefix or None)
                for meta in page
            ]
        # Object stores list in order of keys, but not all of them promise it.
        yield from sorted(entries, key=lambda entry: entry.key)

    def delete(self, key: str) -> None:
        check_key(key)
        with _storage_errors(key):
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                return

    def delete_prefix(self, prefix: str) -> int:
        check_deletable_prefix(prefix)
        keys = [entry.key for entry in self.iter_entries(prefix)]
        for start in range(0, len(keys), _DELETED_AT_ONCE):
            with _storage_errors(prefix):
                obstore.delete(self._store, keys[start : start + _DELETED_AT_ONCE])
        return len(keys)


@contextmanager
def _storage_errors(key: str) -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise ServiceError(
            Category.UNAVAILABLE,
            "BlobStoreUnavailable",
            f"The object store can't serve '{key}'.",
            target=key,
            retry_after_seconds=10,
        ) from error
