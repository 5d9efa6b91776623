"""Secrets of a vault. Cf. "Azure Key Vault REST API", secrets."""

from __future__ import annotations

from kelp.api.vault.call import (
    Right,
    VaultAnswer,
    VaultCall,
    read_object,
    read_text,
    read_usage,
)
from kelp.api.vault.documents import encode_secret
from kelp.api.vault.item_life import ItemLife
from kelp.vault.errors import BadParameter
from kelp.vault.item import ItemKind

_SECRET = ItemKind.SECRET
_MAXIMUM_SECRET_BYTES = 25_600
_MAXIMUM_CONTENT_TYPE_CHARACTERS = 255


def _secret_right(permission: str, action: str = "") -> Right:
    return Right(permission, action or f"secrets/{permission}/action")


_GET = _secret_right("get", "secrets/getSecret/action")
LIFE = ItemLife(
    kind=_SECRET,
    encode=encode_secret,
    reading=_GET,
    listing=_secret_right("list", "secrets/readMetadata/action"),
)


def put(call: VaultCall) -> VaultAnswer:
    """Keep a secret as a new version."""
    call.require(_SECRET, _secret_right("set", "secrets/setSecret/action"))
    document = call.document()
    value = read_text(document, "value").encode()
    if len(value) > _MAXIMUM_SECRET_BYTES:
        raise BadParameter(
            f"A secret has at most {_MAXIMUM_SECRET_BYTES:,} bytes, not {len(value):,}.", "value"
        )
    details = _read_details(document.get("contentType"))
    item = call.items.add(
        call.place(_SECRET), value, details, read_usage(document), read_object(document, "tags")
    )
    call.record(_SECRET, item.name, "setSecret/action")
    return VaultAnswer(200, encode_secret(call, item, value.decode()))


def get(call: VaultCall) -> VaultAnswer:
    """Answer with the value of a version."""
    call.require(_SECRET, _GET)
    item = call.items.get(call.place(_SECRET), call.version)
    item.require_usable(call.items.clock.now())
    return VaultAnswer(200, encode_secret(call, item, call.items.open(item).decode()))


def update(call: VaultCall) -> VaultAnswer:
    """Change what is not secret of a version."""
    call.require(_SECRET, _secret_right("set", "secrets/update/action"))
    document = call.document()
    item = call.items.get(call.place(_SECRET), call.version)
    details = _read_details(document["contentType"]) if document.get("contentType") is not None else None
    tags = read_object(document, "tags") if document.get("tags") is not None else None
    changed = call.items.change(item, usage=read_usage(document, item.usage), tags=tags, details=details)
    call.record(_SECRET, item.name, "update/action")
    return VaultAnswer(200, encode_secret(call, changed))


def _read_details(content_type: object) -> dict[str, str]:
    if content_type is None:
        return {}
    if not isinstance(content_type, str) or len(content_type) > _MAXIMUM_CONTENT_TYPE_CHARACTERS:
        message = f"'contentType' is a text of at most {_MAXIMUM_CONTENT_TYPE_CHARACTERS} characters."
        raise BadParameter(message, "contentType")
    return {"contentType": content_type}
