"""The keys that sign tokens. They change by themselves; those before are published until no token needs them.

Private keys leave memory only wrapped by the installation's key provider.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode
from sqlalchemy import delete, insert, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.keys import KeyProvider
from kelp.identity.directory import Connections
from kelp.identity.schema import SIGNING_KEY

ROTATION_PERIOD = timedelta(days=90)
PUBLISHED_AFTER_ROTATION = timedelta(days=2)
"""Longer than any token lives."""
_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`kid` is the key's thumbprint after RFC 7638."""

    kid: str
    private_key: RSAPrivateKey = field(repr=False)
    created_at: datetime

    @property
    def public_key(self) -> RSAPublicKey:
        """What tokens signed with the key are checked against."""
        return self.private_key.public_key()


class SigningKeys:
    """Gives the key to sign with and the keys to check with.

    Safe for concurrent use; `current` belongs on a worker thread, since it may have to make a key.
    """

    def __init__(self, connections: Connections, keys: KeyProvider, clock: Clock) -> None:
        self._connections = connections
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._known = self._load()

    def current(self) -> SigningKey:
        """Return the newest key, made now when there is none or the newest has had its time."""
        newest = self._newest()
        if newest is not None and newest.created_at + ROTATION_PERIOD > self._clock.now():
            return newest
        with self._lock:
            newest = self._newest()
            if newest is not None and newest.created_at + ROTATION_PERIOD > self._clock.now():
                return newest
            return self._rotate()

    def rotate(self) -> SigningKey:
        """Make a new key now; the one before still verifies, for as long as its tokens live."""
        with self._lock:
            return self._rotate()

    def describe_newest(self) -> tuple[str, datetime]:
        """Return the id of the key that signs now and when it was made; it is made if there is none."""
        newest = self.current()
        return newest.kid, newest.created_at

    def rewrap(self) -> int:
        """Wrap every key anew with the installation's newest key; return how many there were."""
        with self._lock, self._connections.write() as connection:
            rows = connection.execute(select(SIGNING_KEY)).all()
            for row in rows:
                wrapped = self._keys.wrap(
                    _purpose(row.kid), self._keys.unwrap(_purpose(row.kid), row.wrapped)
                )
                chosen = SIGNING_KEY.c.kid == row.kid
                connection.execute(update(SIGNING_KEY).where(chosen).values(wrapped=wrapped))
        return len(rows)

    def find_public_key(self, kid: str) -> RSAPublicKey | None:
        """Return the key that a token names; None for one that was never ours or is no longer published."""
        key = self._known.get(kid)
        return key.public_key if key is not None and self._is_published(key) else None

    def refresh(self) -> None:
        """Take over keys that other processes made."""
        with self._lock:
            self._known = self._load()

    def public_documents(self) -> list[dict[str, Any]]:
        """Return the published keys as the members of a JSON Web Key Set (RFC 7517)."""
        return [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid, "x5t": key.kid}
            | _public_numbers(key.public_key)
            for key in self._known.values()
            if self._is_published(key)
        ]

    def _newest(self) -> SigningKey | None:
        return max(self._known.values(), key=lambda key: key.created_at, default=None)

    def _is_published(self, key: SigningKey) -> bool:
        later = [other.created_at for other in self._known.values() if other.created_at > key.created_at]
        return not later or min(later) + PUBLISHED_AFTER_ROTATION > self._clock.now()

    def _rotate(self) -> SigningKey:
        private_key = generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        key = SigningKey(_thumbprint(private_key.public_key()), private_key, self._clock.now())
        der = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        expired = [known.kid for known in self._known.values() if not self._is_published(known)]
        with self._connections.write() as connection:
            connection.execute(
                insert(SIGNING_KEY).values(
                    kid=key.kid, wrapped=self._keys.wrap(_purpose(key.kid), der), created_at=key.created_at
                )
            )
            connection.execute(delete(SIGNING_KEY).where(SIGNING_KEY.c.kid.in_(expired)))
        self._known = self._load()
        return key

    def _load(self) -> dict[str, SigningKey]:
        with self._connections.read() as connection:
            rows = connection.execute(select(SIGNING_KEY)).all()
        known = {}
        for row in rows:
            der = self._keys.unwrap(_purpose(row.kid), row.wrapped)
            # Kelp made the key, and whoever alters what is wrapped is found out by that: proving its numbers once more
            # would take longer than anything else at a start.
            private_key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
            assert isinstance(private_key, RSAPrivateKey)
            known[row.kid] = SigningKey(row.kid, private_key, as_utc(row.created_at))
        return known


def _purpose(kid: str) -> str:
    return f"token-signing-key/{kid}"


def _public_numbers(key: RSAPublicKey) -> dict[str, str]:
    document = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {"n": document["n"], "e": document["e"]}


def _thumbprint(key: RSAPublicKey) -> str:
    members = {"e": "", "kty": "RSA", "n": ""} | _public_numbers(key)
    canonical = msgspec.json.encode(members, order="sorted")
    return base64url_encode(hashlib.sha256(canonical).digest()).decode()
