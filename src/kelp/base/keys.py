"""Keys as the storage layers need them: a contract that `vault` fulfils and `app` injects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class DataKey:
    """A 256-bit key of one workspace. `version` is written beside everything the key seals.

    With a `second_secret` (double encryption) `sealing` encrypts twice, with two algorithms.
    """

    version: int
    secret: bytes = field(repr=False)
    second_secret: bytes | None = field(default=None, repr=False)


class KeyProvider(Protocol):
    """Lends keys by workspace.

    Safe for concurrent use; raises `ServiceError` (not_found, unavailable) when it can't.
    """

    def current_data_key(self, workspace_id: UUID) -> DataKey:
        """Return the key that new journal frames and blobs of the workspace are sealed with."""
        ...

    def get_data_key(self, workspace_id: UUID, version: int) -> DataKey:
        """Return an older or present version, to open what it sealed."""
        ...

    def get_disk_key(self, store_id: UUID) -> bytes:
        """Return the 32 bytes that encrypt a store's engine disk (one for the life of the disk)."""
        ...

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        """Seal a small secret of the product itself; `purpose` is authenticated with it."""
        ...

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes:
        """Open what `wrap` sealed for the same purpose; raises `ServiceError` (internal) if it was altered."""
        ...
