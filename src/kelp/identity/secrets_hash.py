"""How secrets and passwords are kept: argon2id, never to be read again.

The cost follows the recommendation for interactive sign-in (19 MiB, two passes). Few are computed at a time, so that a
flood of wrong secrets takes neither all memory nor all processors.
"""

from __future__ import annotations

import secrets
import threading

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

_SECRET_BYTES = 32
_SHORTEST_PASSWORD, _LONGEST_PASSWORD = 8, 256
_MAXIMUM_AT_A_TIME = 2


class SecretHasher:
    """Makes and checks hashes. Safe for concurrent use; each call takes tens of milliseconds of a thread."""

    def __init__(self, *, memory_kib: int = 19_456, passes: int = 2) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._turns = threading.BoundedSemaphore(_MAXIMUM_AT_A_TIME)
        self._nobody = self._hasher.hash(new_secret())

    def hash(self, secret: str) -> str:
        """Return the hash to keep."""
        with self._turns:
            return self._hasher.hash(secret)

    def verify(self, hashed: str | None, secret: str) -> bool:
        """Tell whether the hash was made of the secret. Without a hash it takes as long, and is false."""
        with self._turns:
            try:
                self._hasher.verify(hashed or self._nobody, secret)
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None


def find_password_problem(password: str, user_name: str) -> str | None:
    """Return what is wrong with a password that a person chose; None when it will do."""
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        return f"A password has {_SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters."
    local_part = user_name.partition("@")[0].lower()
    if (len(local_part) > 2 and local_part in password.lower()) or len(set(password)) < 4:
        return "The password is too easy to guess: it holds the user's name or too few different characters."
    return None


def new_secret() -> str:
    """Return a random secret of about 256 bits that can be typed into a shell unquoted, also behind an option."""
    # Programs such as `az` take a value that begins with a hyphen for the next option.
    while (secret := secrets.token_urlsafe(_SECRET_BYTES)).startswith("-"):
        pass
    return secret
