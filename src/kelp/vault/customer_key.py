"""A root key that is a customer's: an RSA key in a vault, which wraps a cluster's key and can be taken away.

A vault wraps a few bytes and knows no context. So a random key is wrapped there, and seals the secret with its context
here; the version of the vault's key that did it is kept beside, since only that one unwraps it.
"""

from __future__ import annotations

import os
from typing import Protocol

import msgspec

from kelp.base.keys import DataKey
from kelp.base.sealing import SealBroken, open_sealed, seal
from kelp.vault.errors import KeyStoreDamaged, KeysUnavailable

WRAPPING_ALGORITHM = "RSA-OAEP-256"
_FORMAT = 1
_KEY_BYTES = 32


class VaultKey(Protocol):
    """A key of a vault, as a cluster's identity may use it. Safe for concurrent use; it may be slow.

    Methods raise `KeyRefused` where the vault says no: the key is absent, disabled, expired, or not for this identity.
    They raise `KeysUnavailable` where the vault says nothing.
    """

    @property
    def address(self) -> str:
        """The address of the key without a version."""
        ...

    def find_version(self) -> str:
        """Return the version to wrap with: the one that was asked for, else the newest."""
        ...

    def wrap(self, version: str, secret: bytes) -> bytes:
        """Wrap a short secret with `WRAPPING_ALGORITHM`."""
        ...

    def unwrap(self, version: str, wrapped: bytes) -> bytes:
        """Unwrap what `wrap` made."""
        ...


class _Envelope(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    format: int
    version: str
    wrapped_key: bytes
    sealed: bytes


class CustomerKey:
    """A `RootKey` over a key of a vault."""

    def __init__(self, key: VaultKey) -> None:
        self._key = key
        self.key_id = f"vault:{key.address}"

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        version = self._key.find_version()
        inner = os.urandom(_KEY_BYTES)
        wrapped = self._key.wrap(version, inner)
        return msgspec.json.encode(
            _Envelope(_FORMAT, version, wrapped, seal(DataKey(1, inner), secret, context))
        )

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        envelope = _read(wrapped)
        inner = self._key.unwrap(envelope.version, envelope.wrapped_key)
        try:
            return open_sealed(DataKey(1, inner), envelope.sealed, context)
        except SealBroken as error:
            raise KeyStoreDamaged("a wrapped key", f"{self.key_id} does not open it") from error

    def find_version(self) -> str:
        """Return the version that would wrap now. Raises as `wrap` does."""
        return self._key.find_version()


def find_wrapping_version(wrapped: bytes) -> str:
    """Return the version of the vault's key that wrapped it. Raises `KeyStoreDamaged`."""
    return _read(wrapped).version


def find_problem(key: VaultKey) -> str | None:
    """Return what stands against using a key, in a sentence; None for one that wraps and unwraps."""
    probe = os.urandom(_KEY_BYTES)
    try:
        version = key.find_version()
        if key.unwrap(version, key.wrap(version, probe)) != probe:
            return "what it wraps does not come back"
    except KeysUnavailable as error:
        return error.reason
    return None


def _read(wrapped: bytes) -> _Envelope:
    try:
        envelope = msgspec.json.decode(wrapped, type=_Envelope)
    except msgspec.DecodeError as error:
        raise KeyStoreDamaged("a wrapped key", "it was not wrapped by a key of a vault") from error
    if envelope.format != _FORMAT:
        raise KeyStoreDamaged("a wrapped key", f"its format {envelope.format} is unknown")
    return envelope
