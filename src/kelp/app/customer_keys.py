"""The customers' keys of clusters: opens them by their addresses, and says what stands against one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from kelp.app.own_vault import OwnVaultKey, OwnVaults, identity_of_cluster
from kelp.resources.access import Access
from kelp.resources.cluster import Cluster
from kelp.vault.customer_key import CustomerKey, find_problem
from kelp.vault.errors import KeysUnavailable
from kelp.vault.external_vault import ExternalKey, ExternalVault, VaultCredential

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from kelp.app.installation import Installation
    from kelp.base.settings import Settings
    from kelp.identity.addresses import Addresses
    from kelp.resources.cluster import KeyVaultProperties
    from kelp.resources.resource import Resource

_ROOT_KEY = re.compile(r"vault:(?P<vault>.+)/keys/(?P<name>[^/]+)")
_VAULT_PATH = re.compile(r"/vaults/(?P<name>[^/]+)/?")
_KEEPS = "Recoverable"
"""What a vault with soft delete says of its keys; one with purge protection does not add `+Purgeable`."""


@dataclass(frozen=True, slots=True)
class CustomerKeys:
    """Opens keys in this installation's vaults and, where the settings let it, in others."""

    installation: Installation
    vaults: OwnVaults
    addresses: Addresses
    external: ExternalVault | None

    def open(self, cluster: Resource[Cluster]) -> CustomerKey | None:
        """Return the root key that a cluster is to be under; None for the installation's own."""
        key, principal_id = cluster.properties.key, cluster.properties.principal_id
        if key is None or principal_id is None:
            return None
        return CustomerKey(
            self._open(key.key_vault_uri, key.key_name, key.key_version, cluster.tenant_id, principal_id)
        )

    def bring(self, cluster: Resource[Cluster], key: KeyVaultProperties) -> None:
        """Put a cluster's key under a customer's key. Raises `KeysUnavailable`; then it is under the former one."""
        principal_id, cluster_id = cluster.properties.principal_id, str(cluster.properties.cluster_id)
        if principal_id is None:
            raise KeysUnavailable("the cluster has no identity yet")
        root_key = CustomerKey(
            self._open(key.key_vault_uri, key.key_name, key.key_version, cluster.tenant_id, principal_id)
        )
        keys = self.installation.keys
        status = keys.find_cluster_status(cluster_id)
        former = self.open_former(cluster, status.root_key_id) if status is not None else None
        if former is not None:
            keys.attach_root_key(former)
        keys.rotate_cluster_key(cluster_id, root_key)
        structlog.get_logger("kelp.keys").info("cluster_key_rewrapped", cluster=cluster_id)

    def open_former(self, cluster: Resource[Cluster], root_key_id: str) -> CustomerKey | None:
        """Return the root key of that id, which a cluster is still under; None for one that is no key of a vault."""
        match, principal_id = _ROOT_KEY.fullmatch(root_key_id), cluster.properties.principal_id
        if match is None or principal_id is None:
            return None
        return CustomerKey(self._open(match["vault"], match["name"], "", cluster.tenant_id, principal_id))

    def iter_present(self) -> Iterator[CustomerKey]:
        """Yield the keys that clusters are under, for a start."""
        store = self.installation.store
        keys = self.installation.keys
        for cluster in (*store.snapshot.clusters.values(), *store.list_closed(Cluster)):
            status = keys.find_cluster_status(str(cluster.properties.cluster_id))
            if status is not None:
                former = self.open_former(cluster, status.root_key_id)
                if former is not None:
                    yield former

    def find_problem(
        self, key_vault_uri: str, key_name: str, key_version: str, identity_object_id: UUID | None
    ) -> str | None:
        """Fulfil `resources.cluster.ValidateKey`."""
        account = (
            self.installation.directory.find_account(identity_object_id)
            if identity_object_id is not None
            else None
        )
        if account is None:
            return "the cluster has no identity yet"
        key = self._open(key_vault_uri, key_name, key_version, account.tenant_id, account.object_id)
        try:
            problem = _find_vault_problem(key)
        except KeysUnavailable as error:
            return error.reason
        return problem or find_problem(key)

    def _open(
        self, vault_url: str, name: str, version: str, tenant_id: UUID, principal_id: UUID
    ) -> OwnVaultKey | ExternalKey:
        own = self._find_own(vault_url)
        if own is not None:
            identity = identity_of_cluster(tenant_id, principal_id, "a cluster")
            return self.vaults.open_key(vault_url, own, name, version, identity)
        external = self.external or ExternalVault(_NO_CREDENTIAL)
        return external.open_key(vault_url, name, version)

    def _find_own(self, vault_url: str) -> str | None:
        """Return the name of the vault of ours that an address leads to; None for a vault elsewhere."""
        parts = urlsplit(vault_url)
        host = parts.hostname or ""
        by_host = self.addresses.find_vault(host)
        if by_host is not None:
            return by_host
        match = _VAULT_PATH.fullmatch(parts.path)
        return match["name"] if match and self.addresses.is_our_host(host) else None


_NO_CREDENTIAL = VaultCredential((), "", "", "", "")


def make_customer_keys(installation: Installation, settings: Settings, addresses: Addresses) -> CustomerKeys:
    """Return what opens customers' keys. Raises `KeysUnavailable` where a secret of the settings can't be read."""
    vaults = OwnVaults(installation.vault_items, installation.store, Access(installation.store))
    return CustomerKeys(installation, vaults, addresses, _make_external(settings))


def _make_external(settings: Settings) -> ExternalVault | None:
    given = settings.vault
    hosts = tuple(given.external_hosts.lower().replace(",", " ").split())
    if not hosts:
        return None
    secret = ""
    if given.external_secret_file is not None:
        try:
            secret = given.external_secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise KeysUnavailable(f"{given.external_secret_file} can't be read ({error.strerror})") from error
    return ExternalVault(
        VaultCredential(
            hosts,
            given.external_authority,
            given.external_tenant_id,
            given.external_client_id,
            secret,
            given.external_ca_file,
        )
    )


def _find_vault_problem(key: OwnVaultKey | ExternalKey) -> str | None:
    """Return what is wrong with the vault itself. Raises `KeysUnavailable`."""
    if isinstance(key, OwnVaultKey):
        vault = key.get_vault().properties
        if vault.recovery_period is None:
            return f"the vault '{key.vault_name}' has no soft delete"
        if not vault.is_purge_protected:
            return f"the vault '{key.vault_name}' has no purge protection"
        return None
    level = key.find_recovery_level()
    if _KEEPS not in level:
        return f"the vault {key.vault_url} has no soft delete"
    if "Purgeable" in level:
        return f"the vault {key.vault_url} has no purge protection"
    return None
