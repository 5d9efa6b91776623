"""Wrapped keys on the disk: a JSON file for each cluster, workspace and store in a cluster, and for the installation.

::

    keys/installation.json   keys/clusters/<cluster>.json   keys/workspaces/<guid>.json   keys/stores/<guid>.json

Files are replaced whole and durably. The store knows no key and can open nothing.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import msgspec

from kelp.base.durable_file import (
    TEMPORARY_SUFFIX,
    delete_durably,
    make_directory_durably,
    sync_directory,
    write_durably,
)
from kelp.base.errors import Category, ServiceError
from kelp.vault.errors import KeyNotFound, KeyStoreDamaged, KeysUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CLUSTER_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
FORMAT = 1


class WrappedKey(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A key as stored. `second_layer` asks for double encryption under it.

    `cluster_id` is the cluster whose key wraps it; empty: that of the file it stands in.
    """

    version: int
    created_at: datetime
    wrapped: bytes
    second_layer: bool = False
    cluster_id: str = ""


class InstallationKeys(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The installation's own key, wrapped by a root key, and later keys for the product's secrets, wrapped by it."""

    root_key_id: str
    key: WrappedKey
    product_keys: tuple[WrappedKey, ...] = ()
    format: int = FORMAT


class ClusterKeys(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The versions of a cluster's key, wrapped by a root key. The last one wraps; all unwrap."""

    cluster_id: str
    root_key_id: str
    versions: tuple[WrappedKey, ...]
    format: int = FORMAT


class WorkspaceKeys(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A workspace's keys, wrapped by its cluster's. The last data key seals; all open."""

    workspace_id: UUID
    cluster_id: str
    disk_key: WrappedKey
    data_keys: tuple[WrappedKey, ...]
    format: int = FORMAT


class StoreKeys(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The disk key of the store that a workspace has in a cluster, wrapped by the cluster's key."""

    store_id: UUID
    workspace_id: UUID
    cluster_id: str
    disk_key: WrappedKey
    format: int = FORMAT


_Record = TypeVar("_Record", InstallationKeys, ClusterKeys, WorkspaceKeys, StoreKeys)


class KeyStore:
    """The key files in a folder, created if it is missing. Reads are safe for concurrent use; writes need a lock."""

    def __init__(self, folder: Path) -> None:
        """Raises `KeysUnavailable` if the folder can't be had."""
        self._folder = folder
        with _storage_errors():
            for name in ("clusters", "workspaces", "stores"):
                make_directory_durably(folder / name)
            for leftover in folder.rglob(f".*{TEMPORARY_SUFFIX}"):
                leftover.unlink(missing_ok=True)

    def find_installation(self) -> InstallationKeys | None:
        """Return the installation's key; None before the first start."""
        return self._find(self._folder / "installation.json", InstallationKeys)

    def put_installation(self, keys: InstallationKeys) -> None:
        """Store the installation's key."""
        self._put(self._folder / "installation.json", keys)

    def find_cluster(self, cluster_id: str) -> ClusterKeys | None:
        """Return a cluster's keys."""
        found = self._find(self._cluster_path(cluster_id), ClusterKeys)
        if found and found.cluster_id != cluster_id:
            raise KeyStoreDamaged(f"the keys of cluster {cluster_id}", f"they are of {found.cluster_id}")
        return found

    def get_cluster(self, cluster_id: str) -> ClusterKeys:
        """Return a cluster's keys. Raises `KeyNotFound`."""
        found = self.find_cluster(cluster_id)
        if found is None:
            raise KeyNotFound(f"key of cluster {cluster_id}")
        return found

    def put_cluster(self, keys: ClusterKeys) -> None:
        """Store a cluster's keys."""
        self._put(self._cluster_path(keys.cluster_id), keys)

    def delete_cluster(self, cluster_id: str) -> None:
        """Delete a cluster's keys; no matter if there are none."""
        _erase(self._cluster_path(cluster_id))

    def find_store(self, store_id: UUID) -> StoreKeys | None:
        """Return the key of a store in a cluster."""
        found = self._find(self._store_path(store_id), StoreKeys)
        if found and found.store_id != store_id:
            raise KeyStoreDamaged(f"the key of store {store_id}", f"it is of {found.store_id}")
        return found

    def put_store(self, keys: StoreKeys) -> None:
        """Store the key of a store."""
        self._put(self._store_path(keys.store_id), keys)

    def delete_store(self, store_id: UUID) -> None:
        """Delete the key of a store; no matter if there is none."""
        _erase(self._store_path(store_id))

    def list_stores(self) -> list[StoreKeys]:
        """Return the keys of all stores in clusters."""
        with _storage_errors():
            paths = sorted((self._folder / "stores").glob("[!.]*.json"))
        found = (self._find(path, StoreKeys) for path in paths)
        return [keys for keys in found if keys is not None]

    def list_clusters(self) -> list[str]:
        """Return the clusters that have keys."""
        with _storage_errors():
            return sorted(path.stem for path in (self._folder / "clusters").glob("[!.]*.json"))

    def find_workspace(self, workspace_id: UUID) -> WorkspaceKeys | None:
        """Return a workspace's keys."""
        found = self._find(self._workspace_path(workspace_id), WorkspaceKeys)
        if found and (found.workspace_id != workspace_id or not found.data_keys):
            raise KeyStoreDamaged(f"the keys of workspace {workspace_id}", "they are of another, or none")
        return found

    def get_workspace(self, workspace_id: UUID) -> WorkspaceKeys:
        """Return a workspace's keys. Raises `KeyNotFound`."""
        found = self.find_workspace(workspace_id)
        if found is None:
            raise KeyNotFound(f"key of workspace {workspace_id}")
        return found

    def put_workspace(self, keys: WorkspaceKeys) -> None:
        """Store a workspace's keys."""
        self._put(self._workspace_path(keys.workspace_id), keys)

    def delete_workspace(self, workspace_id: UUID) -> None:
        """Overwrite and delete a workspace's keys; no matter if there are none."""
        _erase(self._workspace_path(workspace_id))

    def list_workspaces(self) -> list[UUID]:
        """Return the workspaces that have keys."""
        with _storage_errors():
            names = sorted(path.stem for path in (self._folder / "workspaces").glob("[!.]*.json"))
        try:
            return [UUID(name) for name in names]
        except ValueError:
            raise KeyStoreDamaged(
                str(self._folder / "workspaces"), "a file there is not named by a GUID"
            ) from None

    def _cluster_path(self, cluster_id: str) -> Path:
        if not _CLUSTER_ID.fullmatch(cluster_id):
            message = f"'{cluster_id[:120]}' is no name of a cluster's key."
            raise ServiceError(Category.INVALID, "InvalidClusterId", message)
        return self._folder / "clusters" / f"{cluster_id}.json"

    def _workspace_path(self, workspace_id: UUID) -> Path:
        return self._folder / "workspaces" / f"{workspace_id}.json"

    def _store_path(self, store_id: UUID) -> Path:
        return self._folder / "stores" / f"{store_id}.json"

    @staticmethod
    def _find(path: Path, kind: type[_Record]) -> _Record | None:
        with _storage_errors():
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                return None
        if not content.strip(b"\0"):
            return None  # a crash came between overwriting and deleting
        try:
            found = msgspec.json.decode(content, type=kind)
        except msgspec.DecodeError as error:
            raise KeyStoreDamaged(str(path), f"it can't be read ({error})") from error
        if found.format != FORMAT:
            raise KeyStoreDamaged(str(path), f"its format {found.format} is unknown")
        return found

    @staticmethod
    def _put(path: Path, keys: InstallationKeys | ClusterKeys | WorkspaceKeys | StoreKeys) -> None:
        with _storage_errors():
            write_durably(path, msgspec.json.encode(keys) + b"\n")


def _erase(path: Path) -> None:
    """Overwrite in place before deleting. Earlier versions of the file may leave traces on the medium: wrapped ones."""
    with _storage_errors():
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        delete_durably(path)
        sync_directory(path.parent)


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KeysUnavailable(f"the key store fails ({error.strerror})") from error
