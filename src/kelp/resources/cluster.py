"""A dedicated cluster: storage, a key and reserved capacity of their own, which workspaces link to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from kelp.resources.errors import Problem
from kelp.resources.naming import check_location, check_name, check_tags

if TYPE_CHECKING:
    from collections.abc import Collection

RECOVERY_PERIOD = timedelta(days=14)
"""How long a deleted cluster can be recovered, unless a setting says otherwise."""
CAPACITY_SKU = "CapacityReservation"
SYSTEM_ASSIGNED = "SystemAssigned"
_KEY_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")
_KEY_VERSION = re.compile(r"[0-9A-Za-z]{1,64}")
_KEY_SIZES_BITS = (2048, 3072, 4096)


class BillingType(StrEnum):
    """Who is charged: the cluster for all, or each linked workspace for its part."""

    CLUSTER = "Cluster"
    WORKSPACES = "Workspaces"


class ProvisioningState(StrEnum):
    """What is being done to a cluster."""

    PROVISIONING = "ProvisioningAccount"
    UPDATING = "Updating"
    DELETING = "Deleting"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class KeyVaultProperties:
    """The customer's key that protects the cluster's own; an empty version means the latest."""

    key_vault_uri: str
    key_name: str
    key_version: str = ""
    key_rsa_size: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterDraft:
    """What a client writes. `sku`, `identity` and `double_encryption` are as written, None if left out."""

    location: str
    identity: str | None
    sku: str | None
    capacity_gb: int | None
    billing_type: BillingType = BillingType.CLUSTER
    double_encryption: bool | None = None
    availability_zones: bool = False
    key: KeyVaultProperties | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cluster:
    """`cluster_id` never changes and is never used again; it also names the cluster's key and its folder.

    While an operation runs it is `operation_id`, which may end at `due_at`; `pending_key` is the key it is to bring.
    """

    cluster_id: UUID
    location: str
    capacity_gb: int
    capacity_changed_at: datetime
    state: ProvisioningState
    billing_type: BillingType = BillingType.CLUSTER
    double_encryption: bool = True
    availability_zones: bool = False
    principal_id: UUID | None = None
    key: KeyVaultProperties | None = None
    pending_key: KeyVaultProperties | None = None
    operation_id: UUID | None = None
    due_at: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)


class ManagedIdentities(Protocol):
    """Accounts of resources; `identity` offers them and `app` passes them in."""

    def create(self, tenant_id: UUID, resource_id: str, name: str) -> UUID:
        """Return the object id of the resource's account, made if there is none."""
        ...

    def remove(self, resource_id: str) -> None:
        """Remove the account; no matter if there is none."""
        ...


class ValidateKey(Protocol):
    """Says what stands against a customer's key; `vault` offers it and `app` passes it in."""

    def __call__(
        self, key_vault_uri: str, key_name: str, key_version: str, identity_object_id: UUID | None
    ) -> str | None:
        """Return what is wrong, in a sentence: absent, no permission, not recoverable. None for a usable key."""
        ...


@dataclass(frozen=True, slots=True)
class ClusterRules:
    """What holds for the api-version of a request, and the limits of the installation."""

    name: re.Pattern[str]
    name_rule: str
    capacities_gb: Collection[int]
    capacity_rule: str
    decrease_lock: timedelta
    provisioning: timedelta
    recovery: timedelta
    active_per_region: int
    reserved_per_region: int
    per_subscription: int
    """0 for no such limit."""


@dataclass(frozen=True, slots=True)
class LinkRules:
    """The limits of links."""

    links_per_window: int
    window: timedelta
    workspaces_per_cluster: int
    linking: timedelta


def check_cluster(name: str, draft: ClusterDraft, rules: ClusterRules, *, is_new: bool) -> list[Problem]:
    """Check a whole cluster document, with its location normalized."""
    problems = [
        *check_name(name, rules.name, rules.name_rule),
        *check_location(draft.location),
        *check_tags(draft.tags),
        *_check_identity(draft.identity),
        *_check_sku(draft, rules),
    ]
    if draft.key is None:
        return problems
    if is_new:
        message = (
            "keyVaultProperties can't be given when a cluster is created, because its identity has no right at the "
            "vault yet. Create the cluster without, grant its identity get, wrap and unwrap, then update it."
        )
        return [*problems, Problem("properties.keyVaultProperties", message, "KeyVaultPropertiesNotAllowed")]
    return [*problems, *_check_key(draft.key)]


def _check_identity(identity: str | None) -> list[Problem]:
    if identity is not None and identity.lower() == SYSTEM_ASSIGNED.lower():
        return []
    given = "it is missing" if not identity else f"not '{identity}'"
    message = f"A cluster needs the identity type {SYSTEM_ASSIGNED}; {given}."
    return [Problem("identity.type", message, "InvalidIdentity")]


def _check_sku(draft: ClusterDraft, rules: ClusterRules) -> list[Problem]:
    problems = []
    capacity = draft.capacity_gb
    if not draft.sku:
        message = f"A cluster needs a sku: name {CAPACITY_SKU} and a capacity, {rules.capacity_rule}."
        problems.append(Problem("sku", message, "SkuRequired"))
    elif draft.sku.lower() != CAPACITY_SKU.lower():
        message = f"The sku '{draft.sku}' is not allowed for a cluster; allowed: {CAPACITY_SKU}."
        if capacity is not None:
            message += f" Capacity {capacity} belongs to {CAPACITY_SKU} only."
        return [Problem("sku.name", message, "InvalidSku")]
    if capacity is None:
        message = f"The capacity is missing; allowed: {rules.capacity_rule}."
        problems.append(Problem("sku.capacity", message, "CapacityRequired"))
    elif capacity not in rules.capacities_gb:
        message = f"A capacity of {capacity} GB a day is not allowed; allowed: {rules.capacity_rule}."
        problems.append(Problem("sku.capacity", message, "InvalidCapacity"))
    return problems


def _check_key(key: KeyVaultProperties) -> list[Problem]:
    target, code = "properties.keyVaultProperties", "InvalidKeyVaultProperties"
    problems = []
    address = urlsplit(key.key_vault_uri)
    if address.scheme != "https" or not address.hostname:
        message = (
            f"'{key.key_vault_uri}' is no vault; allowed: an address such as https://name.vault.azure.net."
        )
        problems.append(Problem(f"{target}.keyVaultUri", message, code))
    if not _KEY_NAME.fullmatch(key.key_name):
        message = f"'{key.key_name}' is no name of a key; allowed: 1 to 127 letters, digits or '-'."
        problems.append(Problem(f"{target}.keyName", message, code))
    if key.key_version and not _KEY_VERSION.fullmatch(key.key_version):
        message = (
            f"'{key.key_version}' is no version of a key; allowed: letters and digits, or '' for the latest."
        )
        problems.append(Problem(f"{target}.keyVersion", message, code))
    if key.key_rsa_size is not None and key.key_rsa_size not in _KEY_SIZES_BITS:
        allowed = ", ".join(map(str, _KEY_SIZES_BITS))
        message = f"A key of {key.key_rsa_size} bits is not allowed; allowed: {allowed}."
        problems.append(Problem(f"{target}.keyRsaSize", message, code))
    return problems
