"""Sealing: authenticated encryption of one message under a data key.

A sealed message is a header, which is authenticated, and the ciphertext with its tag(s)::

    format (1 byte) | version of the key (4) | salt (16) | nonce (12) | ciphertext and tag

Format 1 is AES-256-GCM. Format 2, for a key with a second secret, is ChaCha20-Poly1305 under that secret inside
AES-256-GCM. The cipher keys are drawn for each message from the secret and the salt with HMAC-SHA256, so that random
nonces have no practical limit of messages under one key (NIST SP 800-38D, section 8.3, sets 2^32 for a plain one).

This module keeps no key and no state.
"""

from __future__ import annotations

import hmac
import os
import struct
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from kelp.base.keys import DataKey

_HEADER = struct.Struct(">BI")
_SALT_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_PREFIX_BYTES = _HEADER.size + _SALT_BYTES + _NONCE_BYTES
_ONE_LAYER = 1
_TWO_LAYERS = 2
_OUTER_LABEL = b"kelp seal aes-256-gcm\x00"
_INNER_LABEL = b"kelp seal chacha20-poly1305\x00"


class SealBroken(ServiceError):
    """What should open does not: it was altered or cut, or the key or the context is another one."""

    def __init__(self, reason: str) -> None:
        super().__init__(Category.INTERNAL, "SealBroken", f"Sealed content does not open: {reason}.")


def seal(key: DataKey, plain: bytes, associated: bytes) -> bytes:
    """Encrypt `plain` under `key`, bound to `associated`, which is not stored.

    A key with a `second_secret` encrypts twice, with two algorithms. Safe for concurrent use.
    """
    salt_and_nonce = os.urandom(_SALT_BYTES + _NONCE_BYTES)
    salt, nonce = salt_and_nonce[:_SALT_BYTES], salt_and_nonce[_SALT_BYTES:]
    layers = _ONE_LAYER if key.second_secret is None else _TWO_LAYERS
    header = _HEADER.pack(layers, key.version)
    bound = header + associated
    if key.second_secret is not None:
        plain = ChaCha20Poly1305(_derive(key.second_secret, _INNER_LABEL, salt)).encrypt(nonce, plain, bound)
    ciphertext = AESGCM(_derive(key.secret, _OUTER_LABEL, salt)).encrypt(nonce, plain, bound)
    return header + salt_and_nonce + ciphertext


def open_sealed(key: DataKey, sealed: bytes, associated: bytes) -> bytes:
    """Return what `seal` encrypted with the same key and context. Raises `SealBroken`. Safe for concurrent use."""
    layers, version = _read_header(sealed)
    if version != key.version:
        raise SealBroken(f"it needs version {version} of the key, not {key.version}")
    bound = sealed[: _HEADER.size] + associated
    salt = sealed[_HEADER.size : _HEADER.size + _SALT_BYTES]
    nonce = sealed[_HEADER.size + _SALT_BYTES : _PREFIX_BYTES]
    try:
        plain = AESGCM(_derive(key.secret, _OUTER_LABEL, salt)).decrypt(nonce, sealed[_PREFIX_BYTES:], bound)
        if layers == _ONE_LAYER:
            return plain
        if key.second_secret is None:
            raise SealBroken("it is encrypted twice and the key has no second secret")
        return ChaCha20Poly1305(_derive(key.second_secret, _INNER_LABEL, salt)).decrypt(nonce, plain, bound)
    except InvalidTag:
        raise SealBroken("it was altered, or the key or the context is another one") from None


def sealed_key_version(sealed: bytes) -> int:
    """Tell which version of the data key opens it. Raises `SealBroken` for what is no sealed message."""
    return _read_header(sealed)[1]


def _read_header(sealed: bytes) -> tuple[int, int]:
    if len(sealed) < _PREFIX_BYTES + _TAG_BYTES:
        raise SealBroken("it is shorter than a sealed message can be")
    layers, version = _HEADER.unpack_from(sealed)
    if layers not in (_ONE_LAYER, _TWO_LAYERS):
        raise SealBroken(f"its format {layers} is unknown")
    return layers, version


def _derive(secret: bytes, label: bytes, salt: bytes) -> bytes:
    return hmac.digest(secret, label + salt, "sha256")
