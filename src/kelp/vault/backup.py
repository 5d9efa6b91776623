"""Backups of keys and secrets: all versions in one sealed message that only this installation opens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from kelp.base.errors import ServiceError
from kelp.vault.errors import BadParameter
from kelp.vault.item import ItemKind, ItemVersion, Usage

if TYPE_CHECKING:
    from kelp.vault.items import VaultItems

_NO_VAULT = UUID(int=0)
"""Until the versions of a backup are given a vault."""


class _Version(msgspec.Struct, frozen=True):
    version: str
    is_enabled: bool
    not_before_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    details: dict[str, Any]
    tags: dict[str, str]
    secret: bytes

    def __repr__(self) -> str:
        return f"_Version(version={self.version!r})"


class _Backup(msgspec.Struct, frozen=True):
    name: str
    versions: list[_Version]


def seal_backup(items: VaultItems, place: tuple[UUID, ItemKind, str]) -> bytes:
    """Return all versions of an item, sealed. Raises `ItemNotFound`."""
    versions = items.all_versions(place)
    content = [
        _Version(
            item.version,
            item.usage.is_enabled,
            item.usage.not_before_at,
            item.usage.expires_at,
            item.created_at,
            item.updated_at,
            dict(item.details),
            dict(item.tags),
            items.open(item),
        )
        for item in versions
    ]
    backup = msgspec.json.encode(_Backup(versions[0].name, content))
    return items.keys.wrap(_purpose(place[1]), backup)


def open_backup(
    items: VaultItems, kind: ItemKind, sealed: bytes
) -> tuple[str, list[tuple[ItemVersion, bytes]]]:
    """Return the name and the versions with their secrets, oldest first. Raises `BadParameter`."""
    try:
        backup = msgspec.json.decode(items.keys.unwrap(_purpose(kind), sealed), type=_Backup)
    except (ServiceError, msgspec.DecodeError):
        message = f"'value' is no backup of a {kind} that this installation made, or it was altered."
        raise BadParameter(message, "value") from None
    versions = []
    for found in backup.versions:
        usage = Usage(found.is_enabled, found.not_before_at, found.expires_at)
        item = ItemVersion(
            _NO_VAULT,
            kind,
            backup.name,
            found.version,
            usage,
            found.created_at,
            found.updated_at,
            found.details,
            found.tags,
        )
        versions.append((item, found.secret))
    return backup.name, versions


def _purpose(kind: ItemKind) -> str:
    return f"vault-backup/{kind}"
