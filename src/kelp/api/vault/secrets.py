"""Secrets of a vault. Cf. "Azure Key Vault REST API", secrets."""

from __future__ import annotations

from kelp.api.vault.call import (
    Right,
    VaultAnswer,
    VaultCall,
    read_bytes,
    read_object,
    read_text,
    read_usage,
)
from kelp.api.vault.documents import encode_deletion, encode_item, encode_page, encode_secret, read_skip_token
from kelp.api.vault.keys import require_no_purge_protection
from kelp.vault.backup import open_backup, seal_backup
from kelp.vault.errors import BadParameter
from kelp.vault.item import ItemKind
from kelp.vault.key_material import encode_base64url

_SECRET = ItemKind.SECRET
_MAXIMUM_SECRET_BYTES = 25_600
_MAXIMUM_CONTENT_TYPE_CHARACTERS = 255


def _secret_right(permission: str, action: str = "") -> Right:
    return Right(permission, action or f"secrets/{permission}/action")


_GET = _secret_right("get", "secrets/getSecret/action")
_LIST = _secret_right("list", "secrets/readMetadata/action")


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


def list_secrets(call: VaultCall) -> VaultAnswer:
    """Answer with a page of secrets, without their values."""
    call.require(_SECRET, _LIST)
    limit = call.page_size()
    found = call.items.list_newest(call.vault.uid, _SECRET, read_skip_token(call), limit)
    documents = [encode_item(call, item, with_version=False) for item in found]
    return VaultAnswer(200, encode_page(call, documents, limit, found[-1].name.lower() if found else None))


def list_versions(call: VaultCall) -> VaultAnswer:
    """Answer with a page of a secret's versions, without their values."""
    call.require(_SECRET, _LIST)
    limit = call.page_size()
    found = call.items.list_versions(call.place(_SECRET), read_skip_token(call), limit)
    documents = [encode_item(call, item, with_version=True) for item in found]
    return VaultAnswer(200, encode_page(call, documents, limit, found[-1].version if found else None))


def delete(call: VaultCall) -> VaultAnswer:
    """Delete a secret with all its versions."""
    call.require(_SECRET, _secret_right("delete", "secrets/delete"))
    deleted = call.items.delete(call.place(_SECRET), call.vault.properties.recovery_period)
    call.record(_SECRET, call.name, "delete")
    return VaultAnswer(200, encode_secret(call, deleted.newest) | encode_deletion(call, deleted))


def list_deleted(call: VaultCall) -> VaultAnswer:
    """Answer with a page of deleted secrets."""
    call.require(_SECRET, _LIST)
    limit = call.page_size()
    found = call.items.list_deleted(call.vault.uid, _SECRET, read_skip_token(call), limit)
    documents = [
        encode_item(call, deleted.newest, with_version=False) | encode_deletion(call, deleted)
        for deleted in found
    ]
    return VaultAnswer(
        200, encode_page(call, documents, limit, found[-1].newest.name.lower() if found else None)
    )


def get_deleted(call: VaultCall) -> VaultAnswer:
    """Answer with a deleted secret, without its value."""
    call.require(_SECRET, _GET)
    deleted = call.items.get_deleted(call.place(_SECRET))
    return VaultAnswer(200, encode_secret(call, deleted.newest) | encode_deletion(call, deleted))


def recover(call: VaultCall) -> VaultAnswer:
    """Bring back a deleted secret."""
    call.require(_SECRET, _secret_right("recover"))
    item = call.items.recover(call.place(_SECRET))
    call.record(_SECRET, item.name, "recover/action")
    return VaultAnswer(200, encode_secret(call, item))


def purge(call: VaultCall) -> VaultAnswer:
    """Destroy a deleted secret."""
    call.require(_SECRET, _secret_right("purge"))
    require_no_purge_protection(call)
    call.items.purge(call.place(_SECRET))
    call.record(_SECRET, call.name, "purge/action")
    return VaultAnswer(204)


def backup(call: VaultCall) -> VaultAnswer:
    """Answer with all versions of a secret, sealed for this installation."""
    call.require(_SECRET, _secret_right("backup"))
    sealed = seal_backup(call.items, call.place(_SECRET))
    call.record(_SECRET, call.name, "backup/action")
    return VaultAnswer(200, {"value": encode_base64url(sealed)})


def restore(call: VaultCall) -> VaultAnswer:
    """Put back a secret out of a backup."""
    call.require(_SECRET, _secret_right("restore"))
    name, versions = open_backup(call.items, _SECRET, read_bytes(call.document(), "value"))
    item = call.items.restore((call.vault.uid, _SECRET, name), versions)
    call.record(_SECRET, name, "restore/action")
    return VaultAnswer(200, encode_secret(call, item))


def _read_details(content_type: object) -> dict[str, str]:
    if content_type is None:
        return {}
    if not isinstance(content_type, str) or len(content_type) > _MAXIMUM_CONTENT_TYPE_CHARACTERS:
        message = f"'contentType' is a text of at most {_MAXIMUM_CONTENT_TYPE_CHARACTERS} characters."
        raise BadParameter(message, "contentType")
    return {"contentType": content_type}
