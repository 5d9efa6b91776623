"""Making keys in a vault: new ones, imported ones, and new versions of those there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.vault.errors import BadParameter
from kelp.vault.item import ItemKind, ItemVersion, Usage
from kelp.vault.key_material import OPERATIONS, KeyKind, KeyMaterial, generate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from kelp.vault.items import VaultItems

_BITS_OF_BYTE = 8


def create_key(
    items: VaultItems,
    place: tuple[UUID, ItemKind, str],
    form: tuple[str, int | None, str | None],
    *,
    operations: Sequence[str] | None,
    usage: Usage,
    tags: Mapping[str, Any],
) -> ItemVersion:
    """Make a key of a form: its type, size in bits, curve. Raises `BadParameter`, `ItemConflict`."""
    return add_key(items, place, generate(*form), operations=operations, usage=usage, tags=tags)


def add_key(
    items: VaultItems,
    place: tuple[UUID, ItemKind, str],
    material: KeyMaterial,
    *,
    operations: Sequence[str] | None,
    usage: Usage,
    tags: Mapping[str, Any],
) -> ItemVersion:
    """Keep a key as a new version. `operations` of None means all. Raises `BadParameter`, `ItemConflict`."""
    possible = OPERATIONS[material.kind]
    for operation in operations or ():
        if operation not in possible:
            message = f"A key of type {material.kind} is for {', '.join(possible)}, not '{operation[:40]}'."
            raise BadParameter(message, "key_ops")
    policy = items.find_policy(place)
    if usage.expires_at is None and policy is not None:
        usage = Usage(usage.is_enabled, usage.not_before_at, policy.expires_at(items.clock.now()))
    details = {
        "kty": material.kind.value,
        "key_ops": list(possible if operations is None else operations),
        **material.public,
    }
    return items.add(place, material.private, details, usage, tags)


def rotate_key(items: VaultItems, place: tuple[UUID, ItemKind, str]) -> ItemVersion:
    """Make a new version of the same form as the newest. Raises `ItemNotFound`."""
    newest = items.get(place)
    kind = KeyKind(newest.details["kty"])
    size = len(newest.details["n"]) * 6 // _BITS_OF_BYTE * _BITS_OF_BYTE if kind is KeyKind.RSA else None
    return create_key(
        items,
        place,
        (kind.value, size, newest.details.get("crv")),
        operations=newest.details["key_ops"],
        usage=Usage(),
        tags=newest.tags,
    )
