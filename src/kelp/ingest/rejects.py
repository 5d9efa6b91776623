"""What could not be loaded as it came: kept, sealed, per workspace, so that nothing is lost by a wrong type.

A blob is `rejects/<day, UTC>/<table>-<load plan>`: JSON in Zstandard, sealed. A replay writes the same blob again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kelp.blobs import SealedBlobs

_PREFIX = "rejects"


class RejectedProperty(msgspec.Struct, frozen=True, rename="camel"):
    """Values that did not convert: of which property, to what type, how many, and how one of them begins."""

    name: str
    type: str
    values: int
    sample: str


class Reject(msgspec.Struct, frozen=True, rename="camel"):
    """Records that were not loaded as they came, as texts of JSON; only some of them where there are many."""

    table: str
    plan_id: UUID
    rejected_at: datetime
    reason: str
    properties: tuple[RejectedProperty, ...]
    records: tuple[str, ...]


class RejectStore:
    """The rejects of every workspace. Safe for concurrent use; blocks, and raises what `SealedBlobs` raises."""

    def __init__(self, blobs: SealedBlobs) -> None:
        self._blobs = blobs

    def put(self, workspace_id: UUID, reject: Reject) -> str:
        """Keep a reject, durably; return its key."""
        day = reject.rejected_at.astimezone(UTC).date().isoformat()
        key = f"{_PREFIX}/{day}/{reject.table}-{reject.plan_id.hex}"
        self._blobs.put(workspace_id, key, zstandard.ZstdCompressor().compress(msgspec.json.encode(reject)))
        return key

    def iter_keys(self, workspace_id: UUID) -> Iterator[str]:
        """Yield the keys of a workspace's rejects, oldest day first."""
        return (entry.key for entry in self._blobs.iter_entries(workspace_id, _PREFIX))

    def get(self, workspace_id: UUID, key: str) -> Reject:
        """Return a reject. Raises `BlobNotFound`."""
        packed = zstandard.ZstdDecompressor().decompress(self._blobs.get(workspace_id, key))
        return msgspec.json.decode(packed, type=Reject)

    def delete(self, workspace_id: UUID, is_gone: Callable[[str, str], bool]) -> int:
        """Delete the rejects for which `is_gone` (table, day of the reject as ISO date) holds; return how many."""
        expired = []
        for key in self.iter_keys(workspace_id):
            _, day, name = key.split("/")
            if is_gone(name.rpartition("-")[0], day):
                expired.append(key)
        for key in expired:
            self._blobs.delete(workspace_id, key)
        return len(expired)
