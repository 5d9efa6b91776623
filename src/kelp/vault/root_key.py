"""The key at the top: it wraps cluster keys and nothing else. A file here; elsewhere a key vault or a KMS."""

from __future__ import annotations

import base64
import os
import secrets
import stat
from typing import TYPE_CHECKING, Protocol

import msgspec

from kelp.base.durable_file import make_directory_durably, write_durably
from kelp.base.keys import DataKey
from kelp.base.sealing import SealBroken, open_sealed, seal
from kelp.vault.errors import KeyStoreDamaged, KeysUnavailable

if TYPE_CHECKING:
    from pathlib import Path

_KEY_BYTES = 32


class RootKey(Protocol):
    """Wraps and unwraps without showing itself. Safe for concurrent use; it may be slow."""

    @property
    def key_id(self) -> str:
        """The name that is stored beside what it wraps; not secret."""
        ...

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Seal a key, bound to `context`. Raises `KeysUnavailable`."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Open what `wrap` sealed. Raises `KeysUnavailable` (also if it was revoked), `KeyStoreDamaged`."""
        ...


class _RootKeyFile(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    format: int
    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"_RootKeyFile(key_id={self.key_id!r})"


class FileRootKey:
    """A root key in a file that only its owner may read. It is read once and kept in memory."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        """Not to be called: see `create` and `load`."""
        self.key_id = key_id
        self._key = DataKey(1, secret)

    @classmethod
    def create(cls, path: Path) -> FileRootKey:
        """Make a key and its file. Raises `KeysUnavailable` if the file exists or can't be written."""
        key_id, secret = f"file-{secrets.token_hex(8)}", secrets.token_bytes(_KEY_BYTES)
        content = _RootKeyFile(1, key_id, base64.b64encode(secret).decode())
        try:
            make_directory_durably(path.parent)
            write_durably(path, msgspec.json.encode(content) + b"\n", mode=0o400, exclusive=True)
        except FileExistsError:
            raise KeysUnavailable(f"{path} exists already") from None
        except OSError as error:
            raise KeysUnavailable(f"{path} can't be written ({error.strerror})") from error
        return cls(key_id, secret)

    @classmethod
    def load(cls, path: Path) -> FileRootKey:
        """Read the file. Raises `KeysUnavailable` if it is missing or others than its owner, us, may touch it."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or status.st_uid != os.geteuid():
                    raise KeysUnavailable(f"{path} must belong to this user, with rights for no one else")
                content = msgspec.json.decode(file.read(), type=_RootKeyFile)
            secret = base64.b64decode(content.secret, validate=True)
        except OSError as error:
            raise KeysUnavailable(f"{path} can't be read ({error.strerror})") from error
        except ValueError:
            raise KeyStoreDamaged(str(path), "it is no root key file") from None
        if content.format != 1 or len(secret) != _KEY_BYTES:
            raise KeyStoreDamaged(str(path), "it is no root key file of a known format")
        return cls(content.key_id, secret)

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        return seal(self._key, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return open_sealed(self._key, wrapped, context)
        except SealBroken as error:
            raise KeyStoreDamaged("a wrapped key", f"root key {self.key_id} does not open it") from error
