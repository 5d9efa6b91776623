"""What is the same for keys and secrets: to be listed, deleted, brought back, destroyed, and copied out and in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kelp.api.vault.call import Right, VaultAnswer, VaultCall, VaultEndpoint, read_bytes
from kelp.api.vault.documents import encode_deletion, encode_item, encode_page, read_skip_token
from kelp.resources.errors import ResourceConflict
from kelp.vault.backup import open_backup, seal_backup
from kelp.vault.item import ItemKind, ItemVersion
from kelp.vault.key_material import encode_base64url


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLife:
    """The endpoints of one kind. `encode` gives a version's document, without a secret's value."""

    kind: ItemKind
    encode: Callable[[VaultCall, ItemVersion], dict[str, Any]]
    reading: Right
    listing: Right

    def endpoints(self) -> tuple[tuple[str, str, VaultEndpoint], ...]:
        """Return method, path and endpoint of each."""
        some, one = f"/{self.kind}s", f"/{self.kind}s/{{name}}"
        deleted = f"/deleted{self.kind}s/{{name}}"
        return (
            ("GET", some, self.list_newest),
            ("POST", f"{some}/restore", self.restore),
            ("DELETE", one, self.delete),
            ("POST", f"{one}/backup", self.backup),
            ("GET", f"{one}/versions", self.list_versions),
            ("GET", f"/deleted{self.kind}s", self.list_deleted),
            ("GET", deleted, self.get_deleted),
            ("DELETE", deleted, self.purge),
            ("POST", f"{deleted}/recover", self.recover),
        )

    def list_newest(self, call: VaultCall) -> VaultAnswer:
        """Answer with a page of the newest versions, without values."""
        call.require(self.kind, self.listing)
        limit = call.page_size()
        found = call.items.list_newest(call.vault.uid, self.kind, read_skip_token(call), limit)
        documents = [encode_item(call, item, with_version=False) for item in found]
        return VaultAnswer(
            200, encode_page(call, documents, limit, found[-1].name.lower() if found else None)
        )

    def list_versions(self, call: VaultCall) -> VaultAnswer:
        """Answer with a page of versions, without values."""
        call.require(self.kind, self.listing)
        limit = call.page_size()
        found = call.items.list_versions(call.place(self.kind), read_skip_token(call), limit)
        documents = [encode_item(call, item, with_version=True) for item in found]
        return VaultAnswer(200, encode_page(call, documents, limit, found[-1].version if found else None))

    def delete(self, call: VaultCall) -> VaultAnswer:
        """Delete one with all its versions."""
        call.require(self.kind, Right("delete", f"{self.kind}s/delete"))
        deleted = call.items.delete(call.place(self.kind), call.vault.properties.recovery_period)
        call.record(self.kind, call.name, "delete")
        return VaultAnswer(200, self.encode(call, deleted.newest) | encode_deletion(call, deleted))

    def list_deleted(self, call: VaultCall) -> VaultAnswer:
        """Answer with a page of what is deleted."""
        call.require(self.kind, self.listing)
        limit = call.page_size()
        found = call.items.list_deleted(call.vault.uid, self.kind, read_skip_token(call), limit)
        documents = [
            encode_item(call, deleted.newest, with_version=False) | encode_deletion(call, deleted)
            for deleted in found
        ]
        return VaultAnswer(
            200, encode_page(call, documents, limit, found[-1].newest.name.lower() if found else None)
        )

    def get_deleted(self, call: VaultCall) -> VaultAnswer:
        """Answer with a deleted one, without its value."""
        call.require(self.kind, self.reading)
        deleted = call.items.get_deleted(call.place(self.kind))
        return VaultAnswer(200, self.encode(call, deleted.newest) | encode_deletion(call, deleted))

    def recover(self, call: VaultCall) -> VaultAnswer:
        """Bring back a deleted one."""
        call.require(self.kind, self._right("recover"))
        item = call.items.recover(call.place(self.kind))
        call.record(self.kind, item.name, "recover/action")
        return VaultAnswer(200, self.encode(call, item))

    def purge(self, call: VaultCall) -> VaultAnswer:
        """Destroy a deleted one."""
        call.require(self.kind, self._right("purge"))
        _require_no_purge_protection(call)
        call.items.purge(call.place(self.kind))
        call.record(self.kind, call.name, "purge/action")
        return VaultAnswer(204)

    def backup(self, call: VaultCall) -> VaultAnswer:
        """Answer with all versions, sealed for this installation."""
        call.require(self.kind, self._right("backup"))
        sealed = seal_backup(call.items, call.place(self.kind))
        call.record(self.kind, call.name, "backup/action")
        return VaultAnswer(200, {"value": encode_base64url(sealed)})

    def restore(self, call: VaultCall) -> VaultAnswer:
        """Put back what a backup holds."""
        call.require(self.kind, self._right("restore"))
        name, versions = open_backup(call.items, self.kind, read_bytes(call.document(), "value"))
        item = call.items.restore((call.vault.uid, self.kind, name), versions)
        call.record(self.kind, name, "restore/action")
        return VaultAnswer(200, self.encode(call, item))

    def _right(self, permission: str) -> Right:
        return Right(permission, f"{self.kind}s/{permission}/action")


def _require_no_purge_protection(call: VaultCall) -> None:
    """Raise `ResourceConflict` where what was deleted has to stay for its time."""
    if call.vault.properties.is_purge_protected:
        message = (
            f"The vault '{call.vault.id.name}' has purge protection: what is deleted in it goes by itself."
        )
        raise ResourceConflict("PurgeProtectionEnabled", message)
