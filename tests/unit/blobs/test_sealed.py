"""Blobs of workspaces are sealed, apart from each other, and bound to their place."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from kelp.base.sealing import SealBroken
from kelp.blobs import BlobNotFound, FilesystemBlobs, SealedBlobs
from tests.unit.ingest.samples import OTHER_WORKSPACE, WORKSPACE, MemoryKeys


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
def store(tmp_path: Path) -> FilesystemBlobs:
    return FilesystemBlobs(tmp_path)


@pytest.fixture
def blobs(store: FilesystemBlobs, keys: MemoryKeys) -> SealedBlobs:
    return SealedBlobs(store, keys)


def list_keys(blobs: SealedBlobs, workspace_id: UUID, prefix: str = "") -> list[str]:
    return [entry.key for entry in blobs.iter_entries(workspace_id, prefix)]


def test_a_blob_comes_back_and_does_not_show(blobs: SealedBlobs, store: FilesystemBlobs) -> None:
    blobs.put(WORKSPACE, "raw/a", b"secret words")
    assert blobs.get(WORKSPACE, "raw/a") == b"secret words"
    assert [entry.key for entry in store.iter_entries("")] == [f"workspaces/{WORKSPACE}/raw/a"]
    assert b"secret" not in store.get(f"workspaces/{WORKSPACE}/raw/a")


def test_workspaces_do_not_meet(blobs: SealedBlobs) -> None:
    blobs.put(WORKSPACE, "raw/a", b"mine")
    blobs.put(OTHER_WORKSPACE, "raw/b", b"yours")
    assert list_keys(blobs, WORKSPACE) == ["raw/a"]
    assert list_keys(blobs, OTHER_WORKSPACE, "raw") == ["raw/b"]
    with pytest.raises(BlobNotFound):
        blobs.get(OTHER_WORKSPACE, "raw/a")


def test_older_blobs_open_after_a_rotation(blobs: SealedBlobs, keys: MemoryKeys) -> None:
    blobs.put(WORKSPACE, "old", b"old")
    keys.rotate(WORKSPACE, double_encryption=True)
    blobs.put(WORKSPACE, "new", b"new")
    assert (blobs.get(WORKSPACE, "old"), blobs.get(WORKSPACE, "new")) == (b"old", b"new")


def test_a_blob_is_bound_to_its_place(blobs: SealedBlobs, store: FilesystemBlobs) -> None:
    blobs.put(WORKSPACE, "a", b"plain")
    sealed = store.get(f"workspaces/{WORKSPACE}/a")
    store.put(f"workspaces/{WORKSPACE}/b", sealed)
    with pytest.raises(SealBroken):
        blobs.get(WORKSPACE, "b")
    store.put(f"workspaces/{WORKSPACE}/a", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(SealBroken):
        blobs.get(WORKSPACE, "a")


def test_deleting_needs_no_key(blobs: SealedBlobs, keys: MemoryKeys) -> None:
    for key in ("raw/a", "raw/b", "c"):
        blobs.put(WORKSPACE, key, b"")
    blobs.put(OTHER_WORKSPACE, "raw/a", b"")
    keys.destroy(WORKSPACE)
    blobs.delete(WORKSPACE, "raw/a")
    assert blobs.delete_prefix(WORKSPACE, "raw") == 1
    assert blobs.delete_workspace(WORKSPACE) == 1
    assert list_keys(blobs, WORKSPACE) == []
    assert list_keys(blobs, OTHER_WORKSPACE) == ["raw/a"]
