"""Where the raw bodies of workspaces lie: at home, or in the folders of the clusters that they were linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from kelp.base.ids import WorkspaceId
from kelp.blobs.filesystem import FilesystemBlobs
from kelp.resources.stores import find_cluster, present_store, readable_stores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kelp.blobs.contract import BlobStore
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace


class ClusterBlobs:
    """Fulfils `blobs.routed.BlobRoutes`. Safe for concurrent use."""

    def __init__(self, home: BlobStore, clusters_folder: Path, store: ResourceStore) -> None:
        self._home = home
        self._folder = clusters_folder
        self._store = store
        self._known: dict[str, FilesystemBlobs] = {}

    def present(self, key: str) -> BlobStore:
        workspace = self._find_workspace(key)
        if workspace is None:
            return self._home
        snapshot = self._store.snapshot
        cluster = find_cluster(snapshot, workspace, present_store(snapshot, workspace))
        return self._home if cluster is None else self._open(str(cluster.properties.cluster_id))

    def readable(self, key: str) -> Sequence[BlobStore]:
        workspace = self._find_workspace(key)
        if workspace is None:
            return self.every(key)
        readable = readable_stores(self._store.snapshot, workspace)
        names = [str(one.cluster_id) for one in workspace.properties.stores if one.store_id in readable]
        return [self._home, *(self._open(name) for name in names if self._exists(name))]

    def every(self, key: str) -> Sequence[BlobStore]:
        del key
        names = [path.name for path in self._folder.iterdir()] if self._folder.exists() else []
        return [self._home, *(self._open(name) for name in sorted(names) if self._exists(name))]

    def _find_workspace(self, key: str) -> Resource[Workspace] | None:
        """Return the live workspace below whose prefix a key lies."""
        parts = key.split("/")
        try:
            return self._store.snapshot.workspaces.get(WorkspaceId(UUID(parts[1])))
        except (IndexError, ValueError):
            return None

    def _exists(self, name: str) -> bool:
        return (self._folder / name / "blobs").exists()

    def _open(self, name: str) -> FilesystemBlobs:
        if name not in self._known or not self._exists(name):
            self._known[name] = FilesystemBlobs(self._folder / name / "blobs")
        return self._known[name]
