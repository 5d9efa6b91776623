"""What can go wrong with keys.

::

    ServiceError
      KeyNotFound           not_found     never created, or destroyed
      KeysUnavailable    unavailable   the key above can't be had: missing, unreadable, revoked
      KeyStoreDamaged       internal      stored keys were altered, or belong under another key
"""

from __future__ import annotations

from kelp.base.errors import Category, ServiceError


class KeyNotFound(ServiceError):
    """There is no such key: it was never created, or it was destroyed."""

    def __init__(self, what: str) -> None:
        super().__init__(Category.NOT_FOUND, "KeyNotFound", f"There is no {what}.", target=what)


class KeysUnavailable(ServiceError):
    """The key above can't be had now."""

    def __init__(self, reason: str) -> None:
        message = f"A key of the hierarchy can't be had: {reason}."
        super().__init__(Category.UNAVAILABLE, "KeyUnavailable", message, retry_after_seconds=30)


class KeyStoreDamaged(ServiceError):
    """Stored keys do not open."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(Category.INTERNAL, "KeyStoreDamaged", f"{what}: {reason}.", target=what)
