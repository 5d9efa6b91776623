"""What can go wrong with keys.

::

    ServiceError
      KeyNotFound           not_found     never created, or destroyed
      KeysUnavailable    unavailable   the key above can't be had: missing, unreadable, revoked
        KeyRefused                     a vault says no
      KeyRevoked         unavailable   the keys of a cluster whose customer took its key away
      KeyStoreDamaged       internal      stored keys were altered, or belong under another key
      BadParameter          invalid       a request to a key vault that can't be
      ItemNotFound          not_found     a key vault has no such key or secret
      ItemConflict          conflict      a key or secret that was deleted, or is there already
      ItemForbidden         forbidden     a key or secret that is disabled, expired, or not for this
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
        self.reason = reason


class KeyRefused(KeysUnavailable):
    """A vault says no: the customer's key is absent, disabled, expired, or not for the cluster any more."""


class KeyRevoked(ServiceError):
    """The keys of a cluster whose customer took its key away; they come back with it."""

    def __init__(self, cluster_id: str, reason: str) -> None:
        message = (
            f"The key that protects cluster {cluster_id} can't be used: {reason}. What it protects can be neither read "
            "nor added to until its owner makes the key available again."
        )
        super().__init__(Category.UNAVAILABLE, "WorkspaceKeyUnavailable", message, retry_after_seconds=30)


class KeyStoreDamaged(ServiceError):
    """Stored keys do not open."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(Category.INTERNAL, "KeyStoreDamaged", f"{what}: {reason}.", target=what)


class BadParameter(ServiceError):
    """A member of a request to a key vault that can't be."""

    def __init__(self, message: str, target: str | None = None) -> None:
        super().__init__(Category.INVALID, "BadParameter", message, target=target)


class ItemNotFound(ServiceError):
    """A key vault has no such key or secret, or no such version of it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(Category.NOT_FOUND, code, message)


class ItemConflict(ServiceError):
    """What is asked of a key or secret contradicts its state. `reason` is Key Vault's inner code."""

    def __init__(self, reason: str, message: str) -> None:
        inner = ServiceError(Category.CONFLICT, reason, message)
        super().__init__(Category.CONFLICT, "Conflict", message, details=(inner,))


class ItemForbidden(ServiceError):
    """A key or secret that may not be used so, or not now. `reason` is Key Vault's inner code."""

    def __init__(self, reason: str, message: str) -> None:
        inner = ServiceError(Category.FORBIDDEN, reason, message)
        super().__init__(Category.FORBIDDEN, "Forbidden", message, details=(inner,))
        self.reason = reason
