"""What every blob store promises, and the names blobs may have.

::

    ServiceError
      BlobNotFound      not_found     no blob has this key
      InvalidBlobKey    invalid       the text can't be a key
      (unavailable)                   the store does not answer or is full
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEGMENT = re.compile(r"[A-Za-z0-9_=+@,-][A-Za-z0-9._=+@,-]{0,199}")
_MAXIMUM_CHARACTERS = 900


class BlobNotFound(ServiceError):
    """No blob has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(Category.NOT_FOUND, "BlobNotFound", f"There is no blob '{key}'.", target=key)


class InvalidBlobKey(ServiceError):
    """The text can't be a key."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(Category.INVALID, "InvalidBlobKey", f"'{key[:200]}' is no blob key: {reason}.")


@dataclass(frozen=True, slots=True)
class BlobEntry:
    """A blob in a listing."""

    key: str
    size_bytes: int
    modified_at: datetime


class BlobStore(Protocol):
    """Stores bytes by key. Safe for concurrent use; every method blocks.

    A key is one or more segments joined by `/`; a segment has letters, digits and `._=+@,-` and does not begin with a
    dot. A prefix is whole segments: `a/b` covers `a/b/c` and not `a/bc`, nor `a/b` itself; the empty prefix covers
    everything. All methods raise `InvalidBlobKey`, and `ServiceError` (unavailable) when the store fails.
    """

    def put(self, key: str, body: bytes) -> None:
        """Store the blob or replace it, at once and whole; it is durable when the call returns."""
        ...

    def get(self, key: str) -> bytes:
        """Return the blob. Raises `BlobNotFound`."""
        ...

    def iter_entries(self, prefix: str) -> Iterator[BlobEntry]:
        """Yield the blobs below a prefix, sorted by key. What changes meanwhile may be seen or not."""
        ...

    def delete(self, key: str) -> None:
        """Delete the blob; no matter if there is none."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Delete every blob below a prefix, which can't be empty; return how many there were."""
        ...


def check_key(key: str) -> None:
    """Raise `InvalidBlobKey` for what is no key."""
    if len(key) > _MAXIMUM_CHARACTERS:
        raise InvalidBlobKey(key, f"it has more than {_MAXIMUM_CHARACTERS} characters")
    for segment in key.split("/"):
        if not _SEGMENT.fullmatch(segment):
            raise InvalidBlobKey(key, f"'{segment}' can't be a segment of it")


def check_prefix(prefix: str) -> None:
    """Raise `InvalidBlobKey` for what is neither empty nor a key."""
    if prefix:
        check_key(prefix)


def check_deletable_prefix(prefix: str) -> None:
    """Raise `InvalidBlobKey` also for the empty prefix: nobody means to delete everything."""
    check_key(prefix)
