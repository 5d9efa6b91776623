"""A key or secret of a vault: one version of it, and what is known of it once it is deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kelp.vault.errors import BadParameter, ItemForbidden

_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")
_MAXIMUM_TAGS, _MAXIMUM_TAG_CHARACTERS = 15, 256


class ItemKind(StrEnum):
    """What lies in a vault."""

    KEY = "key"
    SECRET = "secret"


@dataclass(frozen=True, slots=True)
class Usage:
    """Whether and when a version may be used; None leaves it open."""

    is_enabled: bool = True
    not_before_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ItemVersion:
    """`details` are the public members: those of a JSON Web Key, or the content type of a secret."""

    vault_uid: UUID
    kind: ItemKind
    name: str
    version: str
    usage: Usage
    created_at: datetime
    updated_at: datetime
    details: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    wrapped: bytes = field(repr=False, default=b"")

    @property
    def purpose(self) -> str:
        """What its secret is wrapped for: no other version's place."""
        return f"vault/{self.vault_uid}/{self.kind}/{self.name.lower()}/{self.version}"

    def require_usable(self, now: datetime) -> None:
        """Raise `ItemForbidden` while it is disabled, not valid yet, or expired."""
        self.require_enabled()
        title = self.kind.capitalize()
        what = f"{title} '{self.name}', version {self.version},"
        if self.usage.not_before_at is not None and now < self.usage.not_before_at:
            raise ItemForbidden(
                f"{title}NotYetValid",
                f"{what} is not valid before {self.usage.not_before_at:%Y-%m-%d %H:%M:%SZ}.",
            )
        if self.usage.expires_at is not None and now >= self.usage.expires_at:
            raise ItemForbidden(
                f"{title}Expired", f"{what} expired at {self.usage.expires_at:%Y-%m-%d %H:%M:%SZ}."
            )

    def require_enabled(self) -> None:
        """Raise `ItemForbidden` while it is disabled."""
        if not self.usage.is_enabled:
            title = self.kind.capitalize()
            message = f"{title} '{self.name}', version {self.version}, is disabled."
            raise ItemForbidden(f"{title}Disabled", message)

    def require_operation(self, operation: str) -> None:
        """Raise `ItemForbidden` for what the owner of the key did not mean it for."""
        allowed = self.details.get("key_ops", ())
        if operation not in allowed:
            raise ItemForbidden(
                "KeyOperationForbidden",
                f"Operation '{operation}' is not permitted on this key; it is for: {', '.join(allowed) or 'nothing'}.",
            )


@dataclass(frozen=True, slots=True)
class DeletedItem:
    """The newest version of what was deleted; from `purge_at` on it is gone."""

    newest: ItemVersion
    deleted_at: datetime
    purge_at: datetime


def check_item_name(name: str) -> None:
    """Raise `BadParameter` for what is no name of a key or secret."""
    if not _NAME.fullmatch(name):
        raise BadParameter(f"'{name[:130]}' is no name: 1 to 127 letters, digits or '-'.", "name")


def check_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags. Raises `BadParameter`."""
    if len(tags) > _MAXIMUM_TAGS:
        raise BadParameter(f"There may be {_MAXIMUM_TAGS} tags, not {len(tags)}.", "tags")
    for name, value in tags.items():
        if not isinstance(value, str) or max(len(name), len(value)) > _MAXIMUM_TAG_CHARACTERS:
            raise BadParameter(
                f"Tag '{name[:40]}' is not a text of at most 256 characters.", f"tags.{name[:40]}"
            )
    return dict(tags)
