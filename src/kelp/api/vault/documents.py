"""What keys and secrets look like on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from kelp.api.management.documents import present
from kelp.api.vault.call import VaultCall
from kelp.resources.key_vault import LONGEST_RECOVERY_DAYS, KeyVault
from kelp.resources.resource import Resource
from kelp.vault.item import DeletedItem, ItemKind, ItemVersion

_SKIP_TOKEN = "$skiptoken"


def item_id(call: VaultCall, item: ItemVersion, *, with_version: bool = True) -> str:
    """Return the id by which clients find the item, or this version of it, again."""
    path = f"{call.base}/{item.kind}s/{item.name}"
    return f"{path}/{item.version}" if with_version else path


def encode_key(call: VaultCall, item: ItemVersion) -> dict[str, Any]:
    """Return a key with its public part (KeyBundle)."""
    document: dict[str, Any] = {
        "key": {"kid": item_id(call, item), **item.details},
        "attributes": encode_attributes(call.vault, item),
    }
    return document | ({"tags": dict(item.tags)} if item.tags else {})


def encode_secret(call: VaultCall, item: ItemVersion, value: str | None = None) -> dict[str, Any]:
    """Return a secret, with its value where that was asked for (SecretBundle)."""
    return present(
        {
            "value": value,
            "id": item_id(call, item),
            "contentType": item.details.get("contentType"),
            "attributes": encode_attributes(call.vault, item),
            "tags": dict(item.tags) or None,
        }
    )


def encode_item(call: VaultCall, item: ItemVersion, *, with_version: bool) -> dict[str, Any]:
    """Return an item of a list (KeyItem, SecretItem)."""
    name = "kid" if item.kind is ItemKind.KEY else "id"
    return present(
        {
            name: item_id(call, item, with_version=with_version),
            "contentType": item.details.get("contentType"),
            "attributes": encode_attributes(call.vault, item),
            "tags": dict(item.tags) or None,
        }
    )


def encode_deletion(call: VaultCall, deleted: DeletedItem) -> dict[str, Any]:
    """Return what deletion adds to a document."""
    item = deleted.newest
    return {
        "recoveryId": f"{call.base}/deleted{item.kind}s/{item.name}",
        "deletedDate": _seconds(deleted.deleted_at),
        "scheduledPurgeDate": _seconds(deleted.purge_at),
    }


def encode_attributes(vault: Resource[KeyVault], item: ItemVersion) -> dict[str, Any]:
    """Return when an item may be used and what becomes of it once deleted."""
    usage = item.usage
    period = vault.properties.recovery_period
    return present(
        {
            "enabled": usage.is_enabled,
            "nbf": _seconds(usage.not_before_at),
            "exp": _seconds(usage.expires_at),
            "created": _seconds(item.created_at),
            "updated": _seconds(item.updated_at),
            "recoveryLevel": _recovery_level(vault.properties),
            "recoverableDays": period.days if period is not None else 0,
            "exportable": False if item.kind is ItemKind.KEY else None,
        }
    )


def encode_page(
    call: VaultCall, documents: Sequence[dict[str, Any]], limit: int, last: str | None
) -> dict[str, Any]:
    """Return a page of a list; a full one leads to the next, which begins behind `last`."""
    document: dict[str, Any] = {"value": list(documents)}
    if last is not None and len(documents) == limit:
        kept = {name: value for name, value in call.query.items() if name.lower() != _SKIP_TOKEN}
        document["nextLink"] = f"{call.link}?{urlencode(kept | {_SKIP_TOKEN: last})}"
    return document


def read_skip_token(call: VaultCall) -> str:
    """Return where the page that is asked for begins."""
    return next((value for name, value in call.query.items() if name.lower() == _SKIP_TOKEN), "")


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _recovery_level(vault: KeyVault) -> str:
    period = vault.recovery_period
    if period is None:
        return "Purgeable"
    customized = "Customized" if period.days < LONGEST_RECOVERY_DAYS else ""
    return f"{customized}Recoverable{'' if vault.is_purge_protected else '+Purgeable'}"
