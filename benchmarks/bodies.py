"""Bodies to post: JSON arrays of records, gzip, as collectors send them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RAW_BYTES = 1_000_000
"""The Logs Ingestion API takes a little more than that at once."""
_GZIP = 16 + 15


@dataclass(frozen=True, slots=True)
class Body:
    """One request's body and what it holds."""

    content: bytes
    rows: int
    raw_bytes: int


def iter_bodies(json_lines: Path, raw_bytes: int = RAW_BYTES, rows: int | None = None) -> Iterator[Body]:
    """Yield gzip bodies of at most so many bytes before compression, of all or the first `rows` of a file."""
    for records in _iter_batches(json_lines, raw_bytes, rows):
        yield _pack(records)


def _iter_batches(json_lines: Path, raw_bytes: int, rows: int | None) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size, left = 2, rows
    with json_lines.open("rb") as lines:
        for line in lines:
            if left == 0:
                break
            record = line.rstrip()
            if batch and size + len(record) + 1 > raw_bytes:
                yield batch
                batch, size = [], 2
            batch.append(record)
            size += len(record) + 1
            left = None if left is None else left - 1
    if batch:
        yield batch


def _pack(records: list[bytes]) -> Body:
    raw = b"[" + b",".join(records) + b"]"
    compressor = zlib.compressobj(level=6, wbits=_GZIP)
    return Body(compressor.compress(raw) + compressor.flush(), len(records), len(raw))
