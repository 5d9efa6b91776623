"""Both stores keep the one contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from obstore.store import LocalStore, MemoryStore

from kelp.base.errors import Category, ServiceError
from kelp.blobs import BlobNotFound, BlobStore, FilesystemBlobs, InvalidBlobKey, ObjectStoreBlobs


@pytest.fixture(params=["filesystem", "memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    match request.param:
        case "filesystem":
            return FilesystemBlobs(tmp_path / "blobs")
        case "memory":
            return ObjectStoreBlobs(MemoryStore())
        case _:
            (tmp_path / "objects").mkdir()
            return ObjectStoreBlobs(LocalStore(tmp_path / "objects"))


def list_keys(store: BlobStore, prefix: str) -> list[str]:
    return [entry.key for entry in store.iter_entries(prefix)]


def test_a_blob_comes_back(store: BlobStore) -> None:
    for body in (b"", b"first", b"second" * 100_000):
        store.put("a/b.c", body)
        assert store.get("a/b.c") == body


def test_a_missing_blob_is_named(store: BlobStore) -> None:
    store.put("a/b", b"")
    for key in ("c", "a/c", "a"):
        with pytest.raises(BlobNotFound, match=key):
            store.get(key)


def test_a_listing_is_sorted_and_by_whole_segments(store: BlobStore) -> None:
    keys = ["a/b/2", "a/b/1", "a/bc/1", "a/b-/1", "a/b.c", "d"]
    for number, key in enumerate(keys):
        store.put(key, b"x" * number)
    assert list_keys(store, "") == sorted(keys)
    assert list_keys(store, "a") == sorted(keys[:5])
    assert list_keys(store, "a/b") == ["a/b/1", "a/b/2"]
    assert list_keys(store, "nothing/here") == []
    assert list_keys(store, "d") == []
    entry = next(iter(store.iter_entries("a/bc")))
    assert entry.size_bytes == 2
    assert entry.modified_at.tzinfo is not None


def test_deleting_twice_is_deleting_once(store: BlobStore) -> None:
    store.put("a/b", b"")
    store.put("a/c", b"")
    store.delete("a/b")
    store.delete("a/b")
    store.delete("never/was")
    assert list_keys(store, "") == ["a/c"]


def test_a_prefix_is_deleted_with_what_is_below(store: BlobStore) -> None:
    for key in ("a/b/1", "a/b/c/2", "a/bc", "d"):
        store.put(key, b"")
    assert store.delete_prefix("a/b") == 2
    assert list_keys(store, "") == ["a/bc", "d"]
    assert store.delete_prefix("a/b") == 0
    store.put("a/b/1", b"again")
    assert store.get("a/b/1") == b"again"


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", ".", "..", "a/../b", ".hidden", "a\\b", "a b", "ä", "a\x00", "x" * 901]
)
def test_what_is_no_key_is_refused(store: BlobStore, key: str) -> None:
    asks: list[Any] = [lambda: store.put(key, b""), lambda: store.get(key), lambda: store.delete(key)]
    for ask in asks:
        with pytest.raises(InvalidBlobKey):
            ask()


def test_everything_is_never_deleted_at_once(store: BlobStore) -> None:
    store.put("a", b"")
    with pytest.raises(InvalidBlobKey):
        store.delete_prefix("")
    assert list_keys(store, "") == ["a"]


def test_files_leave_no_empty_folders_and_no_leftovers(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".b.0123.tmp").write_bytes(b"torn")
    store = FilesystemBlobs(tmp_path)
    store.put("a/b/c", b"")
    store.delete("a/b/c")
    assert list(tmp_path.iterdir()) == []


def test_a_key_can_not_be_a_folder_too(tmp_path: Path) -> None:
    store = FilesystemBlobs(tmp_path)
    store.put("a/b", b"kept")
    for key in ("a", "a/b/c"):
        with pytest.raises(InvalidBlobKey):
            store.put(key, b"")
    assert store.get("a/b") == b"kept"


def test_files_are_for_their_owner(tmp_path: Path) -> None:
    store = FilesystemBlobs(tmp_path / "blobs")
    store.put("a/b", b"")
    for path in (tmp_path / "blobs").rglob("*"):
        assert not path.stat().st_mode & 0o077


def test_a_store_that_fails_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    store = ObjectStoreBlobs(LocalStore(tmp_path / "objects"))
    (tmp_path / "objects" / "a").write_bytes(b"a file where a folder should be")
    with pytest.raises(ServiceError) as caught:
        store.put("a/b", b"")
    assert caught.value.category is Category.UNAVAILABLE
    assert caught.value.retry_after_seconds
