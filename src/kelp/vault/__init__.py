"""The key hierarchy: root key, cluster keys, keys of workspaces. The only package that stores keys, and wrapped only.

Whoever is root on this host can read what the host can unwrap; only a root key that lies elsewhere changes that.
"""

from kelp.vault.errors import KeyNotFound, KeyStoreDamaged, KeysUnavailable
from kelp.vault.key_hierarchy import DEFAULT_CLUSTER, DestroyedKeys, KeyHierarchy, KeyStatus
from kelp.vault.key_store import KeyStore
from kelp.vault.root_key import FileRootKey, RootKey

__all__ = [
    "DEFAULT_CLUSTER",
    "DestroyedKeys",
    "FileRootKey",
    "KeyHierarchy",
    "KeyNotFound",
    "KeyStatus",
    "KeyStore",
    "KeyStoreDamaged",
    "KeysUnavailable",
    "RootKey",
]
