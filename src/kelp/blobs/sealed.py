"""Blobs of workspaces: each below its workspace's prefix and sealed with the workspace's data key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.base.sealing import open_sealed, seal, sealed_key_version
from kelp.blobs.contract import check_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from kelp.base.keys import KeyProvider
    from kelp.blobs.contract import BlobEntry, BlobStore

_CONTEXT = b"kelp blob\x00"


class SealedBlobs:
    """Stores bytes by workspace and key. Safe for concurrent use.

    A blob is bound to its workspace and key: one that was moved or exchanged does not open. The version of the data
    key stands in the sealed header, so a rotation leaves older blobs readable. Methods raise as `BlobStore` and the
    `KeyProvider` do.
    """

    def __init__(self, store: BlobStore, keys: KeyProvider) -> None:
        self._store = store
        self._keys = keys

    def put(self, workspace_id: UUID, key: str, body: bytes) -> None:
        """Seal the blob with the present data key and store it durably."""
        path = _path(workspace_id, key)
        sealed = seal(self._keys.current_data_key(workspace_id), body, _CONTEXT + path.encode())
        self._store.put(path, sealed)

    def get(self, workspace_id: UUID, key: str) -> bytes:
        """Return the blob. Raises `BlobNotFound`, `SealBroken`."""
        path = _path(workspace_id, key)
        sealed = self._store.get(path)
        data_key = self._keys.get_data_key(workspace_id, sealed_key_version(sealed))
        return open_sealed(data_key, sealed, _CONTEXT + path.encode())

    def iter_entries(self, workspace_id: UUID, prefix: str) -> Iterator[BlobEntry]:
        """Yield the workspace's blobs below a prefix, sorted by key; sizes are those of the sealed blobs."""
        own = workspace_prefix(workspace_id)
        for entry in self._store.iter_entries(_path(workspace_id, prefix) if prefix else own):
            yield replace(entry, key=entry.key.removeprefix(own + "/"))

    def delete(self, workspace_id: UUID, key: str) -> None:
        """Delete the blob; no matter if there is none. Needs no key."""
        self._store.delete(_path(workspace_id, key))

    def delete_prefix(self, workspace_id: UUID, prefix: str) -> int:
        """Delete the workspace's blobs below a prefix; return how many there were. Needs no key."""
        return self._store.delete_prefix(_path(workspace_id, prefix))

    def delete_workspace(self, workspace_id: UUID) -> int:
        """Delete all that the workspace has; return how many blobs there were. Needs no key."""
        return self._store.delete_prefix(workspace_prefix(workspace_id))


def workspace_prefix(workspace_id: UUID) -> str:
    """Return the prefix that all blobs of a workspace lie below."""
    return f"workspaces/{workspace_id}"


def _path(workspace_id: UUID, key: str) -> str:
    check_key(key)
    return f"{workspace_prefix(workspace_id)}/{key}"
