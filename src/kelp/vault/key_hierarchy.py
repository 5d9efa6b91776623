"""The key hierarchy at work: root key -> cluster key -> workspace keys; it lends keys and rotates them.

Every wrapped key is bound to its purpose, its owner and its version: one file can't stand in for another. Unwrapped
keys live in memory only, from their first use until they are dropped; Python can't promise to overwrite them there.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from msgspec.structs import replace

from kelp.base.errors import Category, ServiceError
from kelp.base.keys import DataKey
from kelp.base.sealing import SealBroken, open_sealed, seal, sealed_key_version
from kelp.vault.errors import KeyNotFound, KeyRevoked, KeyStoreDamaged, KeysUnavailable
from kelp.vault.key_status import ClusterStatus, DestroyedKeys, KeyStatus, ProductStatus
from kelp.vault.key_store import ClusterKeys, InstallationKeys, StoreKeys, WorkspaceKeys, WrappedKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kelp.base.clock import Clock
    from kelp.vault.key_store import KeyStore
    from kelp.vault.root_key import RootKey

DEFAULT_CLUSTER = "default"
"""The cluster of workspaces that are linked to none: Kelp keeps its key."""

_KEY_BYTES = 32


@dataclass(slots=True)
class _OpenKeys:
    """What was opened of a workspace's keys: one version at a time, because their clusters' keys may differ."""

    keys: WorkspaceKeys = field(repr=False)
    versions: dict[int, DataKey] = field(default_factory=dict)
    disk_key: bytes | None = field(default=None, repr=False)

    def needs(self, cluster_id: str) -> bool:
        """Tell whether the cluster's key wraps any of them."""
        return cluster_id in _clusters_of(self.keys)


class KeyHierarchy:
    """Creates, lends, rotates and destroys keys; a `KeyProvider`. Safe for concurrent use within one process.

    Methods raise `KeyNotFound`, `KeysUnavailable` (the root key of the cluster is missing or revoked, the disk fails)
    and `KeyStoreDamaged`.
    """

    def __init__(self, store: KeyStore, root_key: RootKey, clock: Clock) -> None:
        """Open the hierarchy, making the installation's and the default cluster's keys if there are none."""
        self._store = store
        self._clock = clock
        self._lock = threading.RLock()
        self._default_root_key = root_key
        self._root_keys: dict[str, RootKey] = {root_key.key_id: root_key}
        self._clusters: dict[str, dict[int, DataKey]] = {}
        self._workspaces: dict[UUID, _OpenKeys] = {}
        self._stores: dict[UUID, tuple[str, bytes]] = {}
        self._sealed_off: dict[str, str] = {}
        self._cluster_of: dict[UUID, str] = {}
        self._installation = self._open_installation()
        self._product_keys = self._open_product_keys()
        if store.find_cluster(DEFAULT_CLUSTER) is None:
            self.create_cluster_key(DEFAULT_CLUSTER)

    def current_data_key(self, workspace_id: UUID) -> DataKey:
        opened = self._keys_of(workspace_id)
        return self._open_version(opened, opened.keys.data_keys[-1].version)

    def get_data_key(self, workspace_id: UUID, version: int) -> DataKey:
        opened = self._keys_of(workspace_id)
        if not any(key.version == version for key in opened.keys.data_keys):
            # Another process of this installation may have rotated the key.
            self.forget(workspace_id)
            opened = self._keys_of(workspace_id)
        return self._open_version(opened, version)

    def get_disk_key(self, store_id: UUID) -> bytes:
        known = self._stores.get(store_id)
        if known is not None:
            return known[1]
        with self._lock:
            store = self._store.find_store(store_id)
            if store is not None:
                disk_key = self._open_store(store)
                self._stores[store_id] = (store.cluster_id, disk_key)
                return disk_key
            opened = self._keys_of(store_id)
            if opened.disk_key is None:
                opened.disk_key = self._unwrap(opened.keys, opened.keys.disk_key, _disk_context(store_id))
            return opened.disk_key

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        return seal(self._product_keys[max(self._product_keys)], secret, _context("product", purpose))

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes:
        version = sealed_key_version(wrapped)
        key = self._product_keys.get(version)
        if key is None:
            # Another process of this installation may have rotated it.
            self._product_keys = self._open_product_keys()
            key = self._product_keys.get(version)
        if key is None:
            raise KeyNotFound(f"version {version} of the key of the product's secrets")
        return open_sealed(key, wrapped, _context("product", purpose))

    def rotate_product_key(self) -> int:
        """Begin a new version of the key of the product's secrets and return it; older ones open what they wrapped."""
        with self._lock:
            stored = self._get_installation()
            version = max(self._product_keys) + 1
            added = self._make(self._installation, _product_context(version), version)
            self._store.put_installation(replace(stored, product_keys=(*stored.product_keys, added)))
            self._product_keys = self._open_product_keys()
            return version

    def get_product_status(self) -> ProductStatus:
        """Return which key wraps the product's secrets now."""
        stored = self._get_installation()
        newest = stored.product_keys[-1] if stored.product_keys else stored.key
        return ProductStatus(newest.version, newest.created_at)

    def get_installation_key(self, purpose: str) -> bytes:
        """Return 32 bytes that are this installation's own for a purpose, such as a second layer of encryption."""
        return hmac.digest(self._installation.secret, _context("installation", purpose), "sha256")

    def create_workspace_keys(
        self, workspace_id: UUID, cluster_id: str = DEFAULT_CLUSTER, *, double_encryption: bool = False
    ) -> None:
        """Make a workspace's disk key and first data key, durably. Raises `ServiceError` (conflict) if it has keys."""
        with self._lock:
            if self._store.find_workspace(workspace_id) is not None:
                raise _conflict(f"Workspace {workspace_id} has keys.")
            wrapping = self._cluster_key(cluster_id)
            disk = self._make(wrapping, _disk_context(workspace_id), 1)
            first = self._make_data_key(wrapping, workspace_id, 1, double_encryption=double_encryption)
            self._store.put_workspace(WorkspaceKeys(workspace_id, cluster_id, disk, (first,)))

    def rotate_data_key(self, workspace_id: UUID, *, double_encryption: bool | None = None) -> int:
        """Begin a new version of the data key and return it; older ones still open what they sealed.

        `double_encryption` changes the setting from this version on.
        """
        with self._lock:
            keys = self._store.get_workspace(workspace_id)
            last = keys.data_keys[-1]
            second_layer = last.second_layer if double_encryption is None else double_encryption
            return self._add_data_key(
                keys, last.cluster_id or keys.cluster_id, double_encryption=second_layer
            )

    def begin_data_key(self, workspace_id: UUID, cluster_id: str, *, double_encryption: bool) -> int:
        """Have new data sealed under a cluster's key: begin a version that it wraps, unless the last one is such.

        Older versions stay under the clusters that they began under. Returns the last version.
        """
        with self._lock:
            keys = self._store.get_workspace(workspace_id)
            last = keys.data_keys[-1]
            present = last.cluster_id or keys.cluster_id, last.second_layer
            if present == (cluster_id, double_encryption):
                return last.version
            return self._add_data_key(keys, cluster_id, double_encryption=double_encryption)

    def create_store_key(self, store_id: UUID, workspace_id: UUID, cluster_id: str) -> None:
        """Make the disk key of a workspace's store in a cluster, durably; nothing happens if it has one."""
        with self._lock:
            if self._store.find_store(store_id) is None:
                key = self._make(self._cluster_key(cluster_id), _disk_context(store_id), 1)
                self._store.put_store(StoreKeys(store_id, workspace_id, cluster_id, key))

    def move_workspace_keys(self, workspace_id: UUID, cluster_id: str) -> None:
        """Wrap all of a workspace's own keys with a cluster's key. The keys stay; what they seal is not touched."""
        with self._lock:
            keys = self._store.get_workspace(workspace_id)
            self._rewrap(keys, dict.fromkeys(_clusters_of(keys), cluster_id))
            self.forget(workspace_id)

    def destroy_workspace_keys(self, workspace_id: UUID) -> DestroyedKeys:
        """Destroy a workspace's keys: all that they seal is lost, here and in every copy. Raises `KeyNotFound`.

        Copies of the key files (backups) are the caller's to destroy. Needs neither root nor cluster key.
        """
        with self._lock:
            keys = self._store.get_workspace(workspace_id)
            for store in self._store.list_stores():
                if store.workspace_id == workspace_id:
                    self._store.delete_store(store.store_id)
                    self._stores.pop(store.store_id, None)
            self._store.delete_workspace(workspace_id)
            self.forget(workspace_id)
        versions = tuple(key.version for key in keys.data_keys)
        return DestroyedKeys(workspace_id, keys.cluster_id, versions, self._clock.now())

    def get_status(self, workspace_id: UUID) -> KeyStatus:
        """Return what is known of a workspace's keys without opening them. Raises `KeyNotFound`."""
        keys = self._store.get_workspace(workspace_id)
        last = keys.data_keys[-1]
        cluster_id = last.cluster_id or keys.cluster_id
        return KeyStatus(workspace_id, cluster_id, last.version, last.created_at, last.second_layer)

    def list_data_key_versions(self, workspace_id: UUID) -> tuple[int, ...]:
        """Return the versions of a workspace's data key, without opening them. Raises `KeyNotFound`."""
        return tuple(key.version for key in self._store.get_workspace(workspace_id).data_keys)

    def list_workspaces(self) -> list[UUID]:
        """Return the workspaces that have keys."""
        return self._store.list_workspaces()

    @property
    def default_root_key(self) -> RootKey:
        """The installation's own root key."""
        return self._default_root_key

    def list_clusters(self) -> list[str]:
        """Return the clusters that have keys."""
        return self._store.list_clusters()

    def find_cluster_status(self, cluster_id: str) -> ClusterStatus | None:
        """Return what is known of a cluster's key without opening it; None if it has none."""
        keys = self._store.find_cluster(cluster_id)
        if keys is None:
            return None
        last = keys.versions[-1]
        return ClusterStatus(cluster_id, keys.root_key_id, last.version, last.created_at, last.wrapped)

    def probe_cluster(self, cluster_id: str) -> None:
        """Open a cluster's key with its root key, also while it is open or sealed off, and forget it again.

        Raises `KeysUnavailable`, and `KeyRefused` where its owner took the root key away.
        """
        self._open_cluster(self._store.get_cluster(cluster_id))

    def seal_off(self, cluster_id: str, reason: str) -> None:
        """Drop all keys of a cluster from memory and lend none before `lift_seal`: `KeyRevoked` is raised instead."""
        with self._lock:
            self._sealed_off = {**self._sealed_off, cluster_id: reason}
            self.forget_cluster(cluster_id)

    def lift_seal(self, cluster_id: str) -> None:
        """Lend the keys of a cluster again."""
        with self._lock:
            self._sealed_off = {key: why for key, why in self._sealed_off.items() if key != cluster_id}

    def find_seal(self, store_id: UUID) -> str | None:
        """Return why the disk key of a store is not lent: what became of its cluster's key; None where it is."""
        if not self._sealed_off:
            return None
        cluster_id = self._cluster_of.get(store_id)
        if cluster_id is None:
            keys = self._store.find_store(store_id) or self._store.find_workspace(store_id)
            if keys is None:
                return None
            cluster_id = self._cluster_of[store_id] = keys.cluster_id
        return self._sealed_off.get(cluster_id)

    def find_cluster_seal(self, cluster_id: str) -> str | None:
        """Return why a cluster is sealed off; None if it is not."""
        return self._sealed_off.get(cluster_id)

    def attach_root_key(self, root_key: RootKey) -> None:
        """Make a further root key known, such as a customer's; needed at each start for clusters it wraps."""
        with self._lock:
            self._root_keys[root_key.key_id] = root_key

    def has_cluster_key(self, cluster_id: str) -> bool:
        """Tell whether the cluster has a key."""
        return self._store.find_cluster(cluster_id) is not None

    def create_cluster_key(self, cluster_id: str, root_key: RootKey | None = None) -> None:
        """Make a cluster's key under a root key, the installation's by default.

        Raises `ServiceError` (conflict) if the cluster has one.
        """
        with self._lock:
            if self._store.find_cluster(cluster_id) is not None:
                raise _conflict(f"Cluster {cluster_id} has a key.")
            root_key = self._attach(root_key)
            self._store.put_cluster(
                ClusterKeys(cluster_id, root_key.key_id, (self._make_cluster_key(root_key, cluster_id, 1),))
            )

    def rotate_cluster_key(self, cluster_id: str, root_key: RootKey | None = None) -> int:
        """Begin a new version of a cluster's key, wrap its workspaces' keys with it, drop the older versions.

        `root_key` puts the cluster under another root key. Returns the version. After a failure half-way everything
        opens; call it again to finish.
        """
        with self._lock:
            old = self._store.get_cluster(cluster_id)
            opened = self._open_cluster(old)
            root_key = self._attach(root_key or self._root_key(old.root_key_id))
            kept = tuple(
                WrappedKey(
                    key.version,
                    key.created_at,
                    root_key.wrap(opened[key.version].secret, _cluster_context(cluster_id, key.version)),
                )
                for key in old.versions
            )
            added = self._make_cluster_key(root_key, cluster_id, old.versions[-1].version + 1)
            self._store.put_cluster(ClusterKeys(cluster_id, root_key.key_id, (*kept, added)))
            self._clusters.pop(cluster_id, None)
            for keys in self._iter_workspaces_of(cluster_id):
                self._rewrap(keys, {cluster_id: cluster_id})
            for store in self._iter_stores_of(cluster_id):
                context = _disk_context(store.store_id)
                wrapped = seal(self._cluster_key(cluster_id), self._open_store(store), context)
                self._store.put_store(replace(store, disk_key=replace(store.disk_key, wrapped=wrapped)))
            self._store.put_cluster(ClusterKeys(cluster_id, root_key.key_id, (added,)))
            self.forget_cluster(cluster_id)
            return added.version

    def destroy_cluster_key(self, cluster_id: str) -> None:
        """Destroy the key of a cluster without workspaces. Raises `ServiceError` (conflict) while it has some."""
        with self._lock:
            owners = [keys.workspace_id for keys in self._iter_workspaces_of(cluster_id)]
            owners += [store.workspace_id for store in self._iter_stores_of(cluster_id)]
            if owners:
                raise _conflict(f"Cluster {cluster_id} still wraps the keys of workspace {owners[0]}.")
            self._store.delete_cluster(cluster_id)
            self.forget_cluster(cluster_id)

    def destroy_cluster(self, cluster_id: str) -> tuple[UUID, ...]:
        """Destroy the key of a cluster and all that it wraps: what was sealed or stored under them is lost everywhere.

        A workspace keeps the versions of its data key that other clusters wrap, and begins one at home if none is left.
        Returns the workspaces that lost any. Safe to call again. Needs neither root nor cluster key.
        """
        with self._lock:
            touched: dict[UUID, None] = {}
            for store in self._iter_stores_of(cluster_id):
                self._store.delete_store(store.store_id)
                touched[store.workspace_id] = None
            for keys in self._iter_workspaces_of(cluster_id):
                self._drop_versions(keys, cluster_id)
                touched[keys.workspace_id] = None
            self._store.delete_cluster(cluster_id)
            self.forget_cluster(cluster_id)
            return tuple(touched)

    def replace_root_key(self, root_key: RootKey) -> None:
        """Put the installation and the clusters of the present root key under another one, with new cluster keys.

        After a failure half-way both root keys are needed; attach the other one and call it again to finish.
        """
        with self._lock:
            present = self._default_root_key
            self._attach(root_key)
            for cluster_id in self._store.list_clusters():
                if self._store.get_cluster(cluster_id).root_key_id == present.key_id:
                    self.rotate_cluster_key(cluster_id, root_key)
            wrapped = self._wrap_installation(root_key, self._installation.secret)
            product_keys = self._get_installation().product_keys
            self._store.put_installation(replace(wrapped, product_keys=product_keys))
            self._default_root_key = root_key

    def forget(self, workspace_id: UUID) -> None:
        """Drop a workspace's keys from memory; the next use unwraps them again, if it can."""
        with self._lock:
            self._workspaces.pop(workspace_id, None)
            self._cluster_of.clear()

    def forget_cluster(self, cluster_id: str) -> None:
        """Drop a cluster's key and the keys of its workspaces from memory, as a revocation asks for."""
        with self._lock:
            self._clusters.pop(cluster_id, None)
            self._cluster_of.clear()
            for workspace_id in [key for key, open_ in self._workspaces.items() if open_.needs(cluster_id)]:
                del self._workspaces[workspace_id]
            for store_id in [key for key, (owner, _) in self._stores.items() if owner == cluster_id]:
                del self._stores[store_id]

    def _keys_of(self, workspace_id: UUID) -> _OpenKeys:
        found = self._workspaces.get(workspace_id)
        if found is not None:
            return found
        with self._lock:
            found = self._workspaces[workspace_id] = _OpenKeys(self._store.get_workspace(workspace_id))
            return found

    def _open_version(self, opened: _OpenKeys, version: int) -> DataKey:
        found = opened.versions.get(version)
        if found is not None:
            return found
        with self._lock:
            for key in opened.keys.data_keys:
                if key.version == version:
                    return opened.versions.setdefault(version, self._unwrap_data_key(opened.keys, key))
        raise KeyNotFound(f"version {version} of the key of workspace {opened.keys.workspace_id}")

    def _open_store(self, store: StoreKeys) -> bytes:
        cluster_key = self._cluster_key(store.cluster_id, sealed_key_version(store.disk_key.wrapped))
        try:
            return open_sealed(cluster_key, store.disk_key.wrapped, _disk_context(store.store_id))
        except SealBroken as error:
            raise KeyStoreDamaged(f"the key of store {store.store_id}", "it does not open") from error

    def _iter_workspaces_of(self, cluster_id: str) -> Iterator[WorkspaceKeys]:
        for workspace_id in self._store.list_workspaces():
            keys = self._store.find_workspace(workspace_id)
            if keys is not None and cluster_id in _clusters_of(keys):
                yield keys

    def _iter_stores_of(self, cluster_id: str) -> Iterator[StoreKeys]:
        return (store for store in self._store.list_stores() if store.cluster_id == cluster_id)

    def _drop_versions(self, keys: WorkspaceKeys, cluster_id: str) -> None:
        kept = tuple(key for key in keys.data_keys if (key.cluster_id or keys.cluster_id) != cluster_id)
        last = keys.data_keys[-1]
        if not kept or kept[-1].version != last.version:
            wrapping = self._cluster_key(DEFAULT_CLUSTER)
            added = self._make_data_key(
                wrapping, keys.workspace_id, last.version + 1, double_encryption=False
            )
            kept = (*kept, replace(added, cluster_id=DEFAULT_CLUSTER))
        self._store.put_workspace(replace(keys, data_keys=kept))

    def _add_data_key(self, keys: WorkspaceKeys, cluster_id: str, *, double_encryption: bool) -> int:
        version = keys.data_keys[-1].version + 1
        wrapping = self._cluster_key(cluster_id)
        made = self._make_data_key(wrapping, keys.workspace_id, version, double_encryption=double_encryption)
        own = cluster_id if cluster_id != keys.cluster_id else ""
        self._store.put_workspace(replace(keys, data_keys=(*keys.data_keys, replace(made, cluster_id=own))))
        self.forget(keys.workspace_id)
        return version

    def _unwrap_data_key(self, keys: WorkspaceKeys, key: WrappedKey) -> DataKey:
        secret = self._unwrap(keys, key, _data_context(keys.workspace_id, key.version, key.second_layer))
        if not key.second_layer:
            return DataKey(key.version, secret)
        return DataKey(key.version, secret, self._second_secret(keys.workspace_id, key.version))

    def _second_secret(self, workspace_id: UUID, version: int) -> bytes:
        """The inner layer's secret comes from the installation's key, so that neither key alone opens anything."""
        return hmac.digest(
            self._installation.secret, _context("second layer", str(workspace_id), str(version)), "sha256"
        )

    def _unwrap(self, keys: WorkspaceKeys, key: WrappedKey, context: bytes) -> bytes:
        try:
            cluster_id = key.cluster_id or keys.cluster_id
            return open_sealed(
                self._cluster_key(cluster_id, sealed_key_version(key.wrapped)), key.wrapped, context
            )
        except SealBroken as error:
            raise KeyStoreDamaged(f"the keys of workspace {keys.workspace_id}", "they do not open") from error

    def _rewrap(self, keys: WorkspaceKeys, clusters: Mapping[str, str]) -> None:
        """Wrap what the keys of some clusters wrap with the present keys of those they are mapped to."""
        home = clusters.get(keys.cluster_id, keys.cluster_id)

        def rewrap(key: WrappedKey, context: bytes) -> WrappedKey:
            before = key.cluster_id or keys.cluster_id
            after = clusters.get(before)
            own = "" if (after or before) == home else (after or before)
            if after is None:
                return replace(key, cluster_id=own)
            wrapped = seal(self._cluster_key(after), self._unwrap(keys, key, context), context)
            return replace(key, wrapped=wrapped, cluster_id=own)

        workspace_id = keys.workspace_id
        data_keys = tuple(
            rewrap(key, _data_context(workspace_id, key.version, key.second_layer)) for key in keys.data_keys
        )
        disk_key = rewrap(keys.disk_key, _disk_context(workspace_id))
        self._store.put_workspace(WorkspaceKeys(workspace_id, home, disk_key, data_keys))

    def _make(
        self, wrapping: DataKey, context: bytes, version: int, *, second_layer: bool = False
    ) -> WrappedKey:
        wrapped = seal(wrapping, secrets.token_bytes(_KEY_BYTES), context)
        return WrappedKey(version, self._clock.now(), wrapped, second_layer)

    def _make_data_key(
        self, wrapping: DataKey, workspace_id: UUID, version: int, *, double_encryption: bool
    ) -> WrappedKey:
        context = _data_context(workspace_id, version, double_encryption)
        return self._make(wrapping, context, version, second_layer=double_encryption)

    def _make_cluster_key(self, root_key: RootKey, cluster_id: str, version: int) -> WrappedKey:
        wrapped = root_key.wrap(secrets.token_bytes(_KEY_BYTES), _cluster_context(cluster_id, version))
        return WrappedKey(version, self._clock.now(), wrapped)

    def _cluster_key(self, cluster_id: str, version: int | None = None) -> DataKey:
        """Return a version of a cluster's key, the last by default."""
        if (reason := self._sealed_off.get(cluster_id)) is not None:
            raise KeyRevoked(cluster_id, reason)
        opened = self._clusters.get(cluster_id)
        if opened is None or (version is not None and version not in opened):
            with self._lock:
                opened = self._clusters[cluster_id] = self._open_cluster(self._store.get_cluster(cluster_id))
        wanted = max(opened) if version is None else version
        if wanted not in opened:
            raise KeyNotFound(f"version {wanted} of the key of cluster {cluster_id}")
        return opened[wanted]

    def _open_cluster(self, keys: ClusterKeys) -> dict[int, DataKey]:
        root_key = self._root_key(keys.root_key_id)
        return {
            key.version: DataKey(
                key.version, root_key.unwrap(key.wrapped, _cluster_context(keys.cluster_id, key.version))
            )
            for key in keys.versions
        }

    def _open_installation(self) -> DataKey:
        keys = self._store.find_installation()
        if keys is None:
            keys = self._wrap_installation(self._default_root_key, secrets.token_bytes(_KEY_BYTES))
            self._store.put_installation(keys)
        secret = self._root_key(keys.root_key_id).unwrap(keys.key.wrapped, _context("installation"))
        return DataKey(keys.key.version, secret)

    def _get_installation(self) -> InstallationKeys:
        stored = self._store.find_installation()
        if stored is None:
            raise KeyNotFound("key of the installation")
        return stored

    def _open_product_keys(self) -> dict[int, DataKey]:
        """Return the versions of the key of the product's secrets; the first is the installation's own."""
        opened = {self._installation.version: self._installation}
        for key in self._get_installation().product_keys:
            try:
                secret = open_sealed(self._installation, key.wrapped, _product_context(key.version))
            except SealBroken as error:
                raise KeyStoreDamaged("the keys of the product's secrets", "they do not open") from error
            opened[key.version] = DataKey(key.version, secret)
        return opened

    def _wrap_installation(self, root_key: RootKey, secret: bytes) -> InstallationKeys:
        wrapped = WrappedKey(1, self._clock.now(), root_key.wrap(secret, _context("installation")))
        return InstallationKeys(root_key.key_id, wrapped)

    def _attach(self, root_key: RootKey | None) -> RootKey:
        root_key = root_key or self._default_root_key
        self._root_keys[root_key.key_id] = root_key
        return root_key

    def _root_key(self, key_id: str) -> RootKey:
        found = self._root_keys.get(key_id)
        if found is None:
            raise KeysUnavailable(f"root key {key_id} is not attached")
        return found


def _clusters_of(keys: WorkspaceKeys) -> frozenset[str]:
    """The clusters whose keys wrap a workspace's own keys."""
    return frozenset({keys.cluster_id, *(key.cluster_id or keys.cluster_id for key in keys.data_keys)})


def _conflict(message: str) -> ServiceError:
    return ServiceError(Category.CONFLICT, "KeyExists", message)


def _context(*parts: str) -> bytes:
    """Join what a wrapped key is bound to, without ambiguity."""
    return msgspec.json.encode(("kelp", *parts))


def _product_context(version: int) -> bytes:
    return _context("product key", str(version))


def _cluster_context(cluster_id: str, version: int) -> bytes:
    return _context("cluster key", cluster_id, str(version))


def _disk_context(workspace_id: UUID) -> bytes:
    return _context("disk key", str(workspace_id))


def _data_context(workspace_id: UUID, version: int, second_layer: bool) -> bytes:  # noqa: FBT001 - one of three names
    return _context(
        "data key", str(workspace_id), str(version), "two layers" if second_layer else "one layer"
    )
