"""Frames that were loaded, kept as received for re-processing: sealed blobs by workspace, day and segment.

A blob is `raw/<day of receipt, UTC>/<journal>-<segment>-<first>-<last sequence>`: MessagePack in Zstandard, sealed. The
same frames may lie in two blobs after a crash; a reader sees each once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import zstandard

from kelp.ingest.flow import Origin
from kelp.ingest.journal.frame import decode_content, encode_metadata, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kelp.blobs import SealedBlobs
    from kelp.ingest.journal import Envelope

_PREFIX = "raw"
_BLOB_BYTES = 32 * 2**20
_COMPRESSION_LEVEL = 3


class _ArchivedFrame(msgspec.Struct, array_like=True):
    sequence: int
    received_us: int
    content: bytes


class RawArchive:
    """The archive of every workspace. Safe for concurrent use; raises what `SealedBlobs` raises."""

    def __init__(self, blobs: SealedBlobs, journal_id: UUID) -> None:
        self._blobs = blobs
        self._journal_id = journal_id

    def store(self, workspace_id: UUID, segment: int, frames: Iterable[tuple[int, Envelope]]) -> int:
        """Keep frames (sequence, envelope) of one workspace, durably; return in how many blobs.

        Storing the same frames again replaces them.
        """
        count = 0
        by_day: dict[date, list[_ArchivedFrame]] = {}
        sizes: dict[date, int] = {}
        for sequence, envelope in frames:
            content = encode_metadata(envelope) + envelope.body
            day = envelope.received_at.astimezone(UTC).date()
            by_day.setdefault(day, []).append(
                _ArchivedFrame(sequence, to_microseconds(envelope.received_at), content)
            )
            sizes[day] = sizes.get(day, 0) + len(content)
            if sizes[day] >= _BLOB_BYTES:
                self._put(workspace_id, day, segment, by_day.pop(day))
                sizes[day] = 0
                count += 1
        for day, rest in by_day.items():
            self._put(workspace_id, day, segment, rest)
            count += 1
        return count

    def iter_archived(self, workspace_id: UUID, since: datetime, until: datetime) -> Iterator[Envelope]:
        """Yield the workspace's envelopes received from `since` up to, not including, `until`.

        By day, journal and segment, within a segment in order of arrival. Blobs stored meanwhile may be missed.
        """
        day, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
        since_us, until_us = to_microseconds(since), to_microseconds(until)
        while day <= last:
            seen: set[int] = set()
            source = ""
            for entry in list(self._blobs.iter_entries(workspace_id, f"{_PREFIX}/{day.isoformat()}")):
                found_in = entry.key.rsplit("-", 2)[0]
                if found_in != source:
                    source, seen = found_in, set()
                for frame in self._get(workspace_id, entry.key):
                    if since_us <= frame.received_us < until_us and frame.sequence not in seen:
                        seen.add(frame.sequence)
                        yield decode_content(frame.content, workspace_id, frame.received_us)
            day += timedelta(days=1)

    def find_first_day(self, workspace_id: UUID) -> date | None:
        """Return the first day (UTC) of receipt of which anything is kept."""
        first = next(iter(self._blobs.iter_entries(workspace_id, _PREFIX)), None)
        return None if first is None else date.fromisoformat(first.key.split("/")[1])

    def list_days(self, workspace_id: UUID) -> list[date]:
        """Return the days (UTC) of receipt of which anything is kept, in order."""
        days = {entry.key.split("/")[1] for entry in self._blobs.iter_entries(workspace_id, _PREFIX)}
        return [date.fromisoformat(day) for day in sorted(days)]

    def delete_before(self, workspace_id: UUID, day: date) -> int:
        """Delete what was received on earlier days (UTC); return how many blobs that were."""
        expired = [
            entry.key
            for entry in self._blobs.iter_entries(workspace_id, _PREFIX)
            if entry.key.split("/")[1] < day.isoformat()
        ]
        for key in expired:
            self._blobs.delete(workspace_id, key)
        return len(expired)

    def iter_day(self, workspace_id: UUID, day: date) -> Iterator[Envelope]:
        """Yield the envelopes received on a day (UTC); one twice if a crash left it in two blobs."""
        for entry in list(self._blobs.iter_entries(workspace_id, f"{_PREFIX}/{day.isoformat()}")):
            for frame in self._get(workspace_id, entry.key):
                yield decode_content(frame.content, workspace_id, frame.received_us)

    def list_origins(self, workspace_id: UUID, day: date) -> frozenset[Origin]:
        """Return where the bodies received on a day (UTC) came from."""
        return frozenset(map(Origin.of, self.iter_day(workspace_id, day)))

    def rewrite_day(
        self, workspace_id: UUID, day: date, change: Callable[[Envelope], Envelope | None]
    ) -> int:
        """Replace each envelope received on a day (UTC) by what `change` makes of it, or leave it out for None.

        Returns how many blobs were written anew or deleted; a blob of which nothing changes is not touched. Each is
        replaced at once, so that a crash leaves some as they were: do it again.
        """
        count = 0
        for entry in list(self._blobs.iter_entries(workspace_id, f"{_PREFIX}/{day.isoformat()}")):
            frames = self._get(workspace_id, entry.key)
            kept = [changed for frame in frames if (changed := _change(workspace_id, frame, change))]
            if not kept:
                self._blobs.delete(workspace_id, entry.key)
            elif any(before is not after for before, after in zip(frames, kept, strict=False)) or len(
                kept
            ) != len(frames):
                self._write(workspace_id, entry.key, kept)
            else:
                continue
            count += 1
        return count

    def _put(self, workspace_id: UUID, day: date, segment: int, frames: list[_ArchivedFrame]) -> None:
        first, last = frames[0].sequence, frames[-1].sequence
        key = f"{_PREFIX}/{day.isoformat()}/{self._journal_id.hex}-{segment:010d}-{first:016d}-{last:016d}"
        self._write(workspace_id, key, frames)

    def _write(self, workspace_id: UUID, key: str, frames: list[_ArchivedFrame]) -> None:
        compressed = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(
            msgspec.msgpack.encode(frames)
        )
        self._blobs.put(workspace_id, key, compressed)

    def _get(self, workspace_id: UUID, key: str) -> list[_ArchivedFrame]:
        packed = zstandard.ZstdDecompressor().decompress(self._blobs.get(workspace_id, key))
        return msgspec.msgpack.decode(packed, type=list[_ArchivedFrame])


def _change(
    workspace_id: UUID, frame: _ArchivedFrame, change: Callable[[Envelope], Envelope | None]
) -> _ArchivedFrame | None:
    """Return the frame itself if nothing changes, another one if something does, none if it is to go."""
    before = decode_content(frame.content, workspace_id, frame.received_us)
    after = change(before)
    if after is None or after is before:
        return None if after is None else frame
    return _ArchivedFrame(frame.sequence, frame.received_us, encode_metadata(after) + after.body)
