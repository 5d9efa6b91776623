"""A key vault: where an organization keeps keys and secrets. What lies in it is kept by the vault package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.resources.errors import Problem, ResourceConflict, ResourceNotFound, refuse_if_any
from kelp.resources.naming import check_location, check_name, check_tags, normalize_location

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

VAULT_TYPE = "Microsoft.KeyVault/vaults"
SHORTEST_RECOVERY_DAYS, LONGEST_RECOVERY_DAYS = 7, 90
MAXIMUM_ACCESS_POLICIES = 1024
_NAME = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9]){2,23}")

KEY_PERMISSIONS = (
    *("get", "list", "create", "update", "import", "delete", "backup", "restore", "recover", "purge"),
    *("encrypt", "decrypt", "wrapKey", "unwrapKey", "sign", "verify"),
    *("rotate", "getrotationpolicy", "setrotationpolicy", "release"),
)
SECRET_PERMISSIONS = ("get", "list", "set", "delete", "backup", "restore", "recover", "purge")
_ALL = "all"
_PERMISSIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        kind: {name.lower(): name for name in (*names, _ALL)}
        for kind, names in (("keys", KEY_PERMISSIONS), ("secrets", SECRET_PERMISSIONS))
    }
)


class VaultSku(StrEnum):
    """The tier. Both keep keys in software here."""

    STANDARD = "standard"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What a principal may do with the keys and secrets of a vault, unless roles decide that."""

    tenant_id: UUID
    object_id: UUID
    keys: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def permits(self, kind: str, permission: str) -> bool:
        """Tell whether it grants a permission on `keys` or `secrets`."""
        granted = self.keys if kind == "keys" else self.secrets
        return any(name.lower() in (_ALL, permission.lower()) for name in granted)


@dataclass(frozen=True, slots=True)
class KeyVaultSettings:
    """What its owner decides."""

    location: str
    tenant_id: UUID
    sku: VaultSku = VaultSku.STANDARD
    access_policies: tuple[AccessPolicy, ...] = ()
    enable_rbac_authorization: bool = False
    enable_soft_delete: bool = True
    soft_delete_retention_in_days: int = LONGEST_RECOVERY_DAYS
    enable_purge_protection: bool | None = None
    enabled_for_deployment: bool | None = None
    enabled_for_disk_encryption: bool | None = None
    enabled_for_template_deployment: bool | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyVault:
    """`name_key` is the vault's name in lower case: no two vaults of an installation have the same."""

    name_key: str
    settings: KeyVaultSettings

    @property
    def recovery_period(self) -> timedelta | None:
        """How long the vault and what lies in it can be recovered; None for not at all."""
        settings = self.settings
        return timedelta(days=settings.soft_delete_retention_in_days) if settings.enable_soft_delete else None

    @property
    def is_purge_protected(self) -> bool:
        """Whether what was deleted stays for its whole recovery period."""
        return bool(self.settings.enable_purge_protection)


def check_permissions(kind: str, names: Iterable[str], target: str) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the permissions as Azure writes them, and a problem for each that there is none of."""
    known, found, problems = _PERMISSIONS[kind], [], []
    for index, name in enumerate(names):
        if name.lower() in known:
            found.append(known[name.lower()])
        else:
            allowed = ", ".join(known.values())
            problems.append(Problem(f"{target}[{index}]", f"'{name}' is no permission on {kind}: {allowed}."))
    return tuple(dict.fromkeys(found)), problems


def put_key_vault(
    transaction: Transaction,
    vault_id: ResourceId,
    settings: KeyVaultSettings,
    *,
    recover: bool = False,
    if_match: str | None = None,
) -> Resource[KeyVault]:
    """Create the vault, change its settings, or with `recover` bring back the deleted one.

    Raises `InvalidDocument`, `ResourceConflict` (the name is taken, or reserved by a deleted vault),
    `ResourceNotFound`, `PreconditionFailed`.
    """
    settings = replace(settings, location=normalize_location(settings.location))
    tenant_id = (
        transaction.require_scope(vault_id.parent) if vault_id.parent else transaction.author.tenant_id
    )
    existing = transaction.find(KeyVault, vault_id)
    if recover and existing is None:
        return _recover(transaction, vault_id)
    refuse_if_any(
        [
            *_check(vault_id.name, settings, tenant_id),
            *_check_change(existing.properties.settings if existing else None, settings),
        ]
    )
    if existing is None:
        _require_free_name(transaction, vault_id)
    elif existing.properties.settings.location != settings.location:
        raise ResourceConflict(
            "InvalidResourceLocation",
            f"The vault '{vault_id.name}' already exists in location '{existing.properties.settings.location}' and "
            f"can't be moved to '{settings.location}'.",
            target="location",
        )
    return transaction.put(vault_id, KeyVault(vault_id.name.lower(), settings), if_match=if_match)


def delete_key_vault(transaction: Transaction, vault_id: ResourceId) -> bool:
    """Delete a vault; with soft delete it and its contents can be recovered. Return whether there was one."""
    vault = transaction.find(KeyVault, vault_id)
    if vault is None:
        return False
    period = vault.properties.recovery_period
    if period is None:
        return transaction.delete(vault_id)
    transaction.close(vault, transaction.now + period)
    return True


def require_purgeable(vault: Resource[KeyVault]) -> None:
    """Raise `ResourceConflict` for a deleted vault that has to wait."""
    if vault.properties.is_purge_protected and vault.purge_at is not None:
        raise ResourceConflict(
            "PurgeProtectionEnabled",
            f"The vault '{vault.id.name}' has purge protection; it is purged by itself at "
            f"{vault.purge_at:%Y-%m-%d %H:%M:%SZ}, not before.",
            target=str(vault.id),
        )


def _recover(transaction: Transaction, vault_id: ResourceId) -> Resource[KeyVault]:
    deleted = transaction.find_deleted(KeyVault, vault_id)
    if deleted is None:
        raise ResourceNotFound(vault_id)
    transaction.recover(deleted)
    return transaction.get(KeyVault, vault_id)


def _require_free_name(transaction: Transaction, vault_id: ResourceId) -> None:
    """Names are unique among the vaults of all tenants, since each is a host name."""
    holder = transaction.find_by_external_id(KeyVault, vault_id.name.lower())
    if holder is None:
        return
    if holder.deleted_at is None:
        raise ResourceConflict(
            "VaultAlreadyExists",
            f"The vault name '{vault_id.name}' is already in use. Vault names are globally unique; choose another.",
            target="name",
        )
    if holder.purge_at is not None and holder.purge_at <= transaction.now:
        transaction.purge(holder)
        return
    raise ResourceConflict(
        "ConflictError",
        f"A vault with the name '{vault_id.name}' exists in deleted state. Recover it with createMode 'recover', "
        "purge it, or choose another name.",
        target="name",
    )


def _check(name: str, settings: KeyVaultSettings, tenant_id: UUID) -> list[Problem]:
    problems = [
        *check_name(
            name,
            _NAME,
            "3 to 24 letters, digits or single '-', beginning with a letter and ending with a letter or digit",
        ),
        *check_location(settings.location),
        *check_tags(settings.tags),
    ]
    if len(name) > 24:
        problems.append(Problem("name", f"The name of a vault has at most 24 characters, not {len(name)}."))
    if settings.tenant_id != tenant_id:
        message = (
            f"A vault of this subscription authenticates by its tenant {tenant_id}, not {settings.tenant_id}."
        )
        problems.append(Problem("properties.tenantId", message))
    if not SHORTEST_RECOVERY_DAYS <= settings.soft_delete_retention_in_days <= LONGEST_RECOVERY_DAYS:
        problems.append(
            Problem(
                "properties.softDeleteRetentionInDays",
                f"What is deleted can be recovered for {SHORTEST_RECOVERY_DAYS} to {LONGEST_RECOVERY_DAYS} days, not "
                f"{settings.soft_delete_retention_in_days}.",
            )
        )
    if settings.enable_purge_protection is False:
        problems.append(
            Problem(
                "properties.enablePurgeProtection",
                'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a '
                "vault is an irreversible action; leave the property out to go without.",
            )
        )
    if settings.enable_purge_protection and not settings.enable_soft_delete:
        message = "Purge protection needs soft delete: 'enableSoftDelete' has to be true."
        problems.append(Problem("properties.enablePurgeProtection", message))
    if len(settings.access_policies) > MAXIMUM_ACCESS_POLICIES:
        message = f"A vault has at most {MAXIMUM_ACCESS_POLICIES} access policies."
        problems.append(Problem("properties.accessPolicies", message))
    return problems


def _check_change(before: KeyVaultSettings | None, settings: KeyVaultSettings) -> list[Problem]:
    problems = []
    if before is None:
        return []
    if before.enable_soft_delete and not settings.enable_soft_delete:
        problems.append(
            Problem(
                "properties.enableSoftDelete",
                'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling soft '
                "delete is an irreversible action.",
            )
        )
    if before.enable_purge_protection and settings.enable_purge_protection is None:
        message = "Purge protection can't be switched off once it is on."
        problems.append(Problem("properties.enablePurgeProtection", message))
    if before.soft_delete_retention_in_days != settings.soft_delete_retention_in_days:
        problems.append(
            Problem(
                "properties.softDeleteRetentionInDays",
                'The property "softDeleteRetentionInDays" has been set already to '
                f"{before.soft_delete_retention_in_days} and it can't be modified.",
            )
        )
    return problems
