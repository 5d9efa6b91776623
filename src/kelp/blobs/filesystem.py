"""Blobs as plain files below one folder: for one machine, durable by fsync and rename."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kelp.base.durable_file import (
    TEMPORARY_SUFFIX,
    delete_durably,
    make_directory_durably,
    sync_directory,
    write_durably,
)
from kelp.base.errors import Category, ServiceError
from kelp.blobs.contract import (
    BlobEntry,
    BlobNotFound,
    InvalidBlobKey,
    check_deletable_prefix,
    check_key,
    check_prefix,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FilesystemBlobs:
    """A `BlobStore` in a folder, created if it is missing. A segment of a key is a folder or a file name.

    One key can't be a prefix of another: `a` and `a/b` exclude each other. Raises `OSError` when made.
    """

    def __init__(self, root: Path) -> None:
        make_directory_durably(root)
        self._root = root
        for leftover in root.rglob(f".*{TEMPORARY_SUFFIX}"):
            leftover.unlink(missing_ok=True)

    def put(self, key: str, body: bytes) -> None:
        check_key(key)
        path = self._root / key
        with _storage_errors(key):
            try:
                self._write(path, body)
            except (FileExistsError, IsADirectoryError, NotADirectoryError):
                raise InvalidBlobKey(key, "it is a prefix of another, or another is one of it") from None

    def get(self, key: str) -> bytes:
        check_key(key)
        with _storage_errors(key):
            try:
                return (self._root / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise BlobNotFound(key) from None

    def iter_entries(self, prefix: str) -> Iterator[BlobEntry]:
        check_prefix(prefix)
        with _storage_errors(prefix):
            yield from self._walk(prefix)

    def delete(self, key: str) -> None:
        check_key(key)
        path = self._root / key
        with _storage_errors(key), suppress(NotADirectoryError, IsADirectoryError):
            delete_durably(path)
            self._remove_empty_folders(path.parent)

    def delete_prefix(self, prefix: str) -> int:
        check_deletable_prefix(prefix)
        count = 0
        with _storage_errors(prefix):
            for entry in self._walk(prefix):
                (self._root / entry.key).unlink(missing_ok=True)
                count += 1
            self._remove_folders(self._root / prefix)
        return count

    @staticmethod
    def _write(path: Path, body: bytes) -> None:
        try:
            write_durably(path, body)
        except FileNotFoundError:
            # The folder is missing, or a deletion has just taken it because it was empty.
            make_directory_durably(path.parent)
            write_durably(path, body)

    def _walk(self, prefix: str) -> Iterator[BlobEntry]:
        """Yield files in the order of their keys, in which a folder sorts as its name with a slash."""
        try:
            with os.scandir(self._root / prefix) as found:
                children = sorted(found, key=lambda child: child.name + ("/" if child.is_dir() else ""))
        except (FileNotFoundError, NotADirectoryError):
            return
        for child in children:
            key = f"{prefix}/{child.name}" if prefix else child.name
            if child.is_dir():
                yield from self._walk(key)
            elif not child.name.startswith("."):
                with suppress(FileNotFoundError):
                    status = child.stat()
                    yield BlobEntry(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def _remove_folders(self, top: Path) -> None:
        """Remove the emptied folders, durably; one that was written to meanwhile stays."""
        for folder, _, _ in os.walk(top, topdown=False):
            path = self._root / folder
            try:
                path.rmdir()
            except OSError:
                sync_directory(path)
        above = top.parent
        while not above.exists():
            above = above.parent
        sync_directory(above)

    def _remove_empty_folders(self, folder: Path) -> None:
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


@contextmanager
def _storage_errors(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ServiceError(
            Category.UNAVAILABLE,
            "BlobStoreUnavailable",
            f"The blob store can't serve '{key}': {error.strerror}.",
            target=key,
            retry_after_seconds=10,
        ) from error
