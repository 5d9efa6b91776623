"""The key hierarchy: root key, cluster keys, keys of workspaces. The only package that stores keys, and wrapped only.

Whoever is root on this host can read what the host can unwrap; only a root key that lies elsewhere changes that.
"""

from kelp.vault.errors import KeyNotFound, KeyRefused, KeyRevoked, KeyStoreDamaged, KeysUnavailable
from kelp.vault.key_hierarchy import DEFAULT_CLUSTER, KeyHierarchy
from kelp.vault.key_status import DestroyedKeys, KeyStatus
from kelp.vault.key_store import KeyStore
from kelp.vault.root_key import FileRootKey, RootKey

__all__ = [
    "DEFAULT_CLUSTER",
    "DestroyedKeys",
    "FileRootKey",
    "KeyHierarchy",
    "KeyNotFound",
    "KeyRefused",
    "KeyRevoked",
    "KeyStatus",
    "KeyStore",
    "KeyStoreDamaged",
    "KeysUnavailable",
    "RootKey",
]
