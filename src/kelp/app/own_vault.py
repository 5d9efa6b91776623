"""Keys of this installation's own vaults, as the identity of a cluster uses them: without the wire, with its rights."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.api.vault.call import Right, find_refusal
from kelp.identity.principal import AccountKind, Principal
from kelp.vault import key_operations
from kelp.vault.customer_key import WRAPPING_ALGORITHM
from kelp.vault.errors import BadParameter, ItemForbidden, ItemNotFound, KeyRefused
from kelp.vault.item import ItemKind, ItemVersion
from kelp.vault.key_material import KeyKind, load_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from kelp.resources.access import Access
    from kelp.resources.key_vault import KeyVault
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.vault.items import VaultItems

_GET = Right("get", "keys/read")
_WRAP = Right("wrapKey", "keys/wrap/action")
_UNWRAP = Right("unwrapKey", "keys/unwrap/action")


@dataclass(frozen=True, slots=True)
class OwnVaults:
    """The vaults of an installation, and who may use them."""

    items: VaultItems
    store: ResourceStore
    access: Access

    def open_key(self, address: str, vault: str, name: str, version: str, identity: Principal) -> OwnVaultKey:
        """Return a key of the vault of that name; nothing is looked up yet. `address` is the vault's, as given."""
        return OwnVaultKey(self, f"{address.rstrip('/')}/keys/{name}", vault.lower(), name, version, identity)


@dataclass(frozen=True, slots=True)
class OwnVaultKey:
    """Fulfils `VaultKey`."""

    vaults: OwnVaults
    address: str
    vault_name: str
    name: str
    pinned_version: str
    identity: Principal

    def find_version(self) -> str:
        vault = self.get_vault()
        with _refusals():
            self._require(vault, _GET)
            item = self.vaults.items.get((vault.uid, ItemKind.KEY, self.name), self.pinned_version)
            item.require_usable(self.vaults.items.clock.now())
            return item.version

    def wrap(self, version: str, secret: bytes) -> bytes:
        with _refusals():
            item = self._use(version, _WRAP)
            item.require_usable(self.vaults.items.clock.now())
            key = load_private(KeyKind(item.details["kty"]), self.vaults.items.open(item))
            return key_operations.encrypt(key, WRAPPING_ALGORITHM, secret)

    def unwrap(self, version: str, wrapped: bytes) -> bytes:
        with _refusals():
            item = self._use(version, _UNWRAP)
            key = load_private(KeyKind(item.details["kty"]), self.vaults.items.open(item))
            return key_operations.decrypt(key, WRAPPING_ALGORITHM, wrapped)

    def get_vault(self) -> Resource[KeyVault]:
        """Return the vault. Raises `KeyRefused` when it is gone."""
        vault = self.vaults.store.snapshot.key_vaults.get(self.vault_name)
        if vault is None:
            raise KeyRefused(f"there is no key vault '{self.vault_name}', or it was deleted")
        return vault

    def _use(self, version: str, right: Right) -> ItemVersion:
        vault = self.get_vault()
        self._require(vault, right)
        item = self.vaults.items.get((vault.uid, ItemKind.KEY, self.name), version)
        item.require_enabled()
        item.require_operation(right.permission)
        return item

    def _require(self, vault: Resource[KeyVault], right: Right) -> None:
        refusal = find_refusal(self.vaults.access, vault, self.identity, ItemKind.KEY, self.name, right)
        if refusal is not None:
            raise refusal


def identity_of_cluster(tenant_id: UUID, object_id: UUID, name: str) -> Principal:
    """Return the caller that a cluster is when it uses a key."""
    return Principal(tenant_id, object_id, AccountKind.SERVICE_PRINCIPAL, name)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what a vault says no with into a `KeyRefused`."""
    try:
        yield
    except (BadParameter, ItemForbidden, ItemNotFound) as error:
        raise KeyRefused(error.message.rstrip(".")) from error
