"""What the embedded engine's chunks need before they are one document. Pure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Protocol

from kelp.engine.contract import ResultFormat

if TYPE_CHECKING:
    from collections.abc import Callable

_ARROW_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class ChunkJoiner(Protocol):
    """Turns the chunks of one result, in order, into the bytes of one document."""

    def join(self, chunk: bytes) -> bytes:
        """Return what to hand over for the next chunk."""
        ...

    def finish(self, fetch_empty: Callable[[], bytes]) -> bytes:
        """Return what ends the document. `fetch_empty` gives the whole document of a result without rows."""
        ...


class LineJoiner:
    """Rows as lines need nothing between chunks and nothing at the end."""

    def join(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self, fetch_empty: Callable[[], bytes]) -> bytes:
        return b""


class CsvJoiner:
    """Every chunk begins with the line of names: keep the first. A result without rows must ask for it."""

    def __init__(self) -> None:
        self._names = b""

    def join(self, chunk: bytes) -> bytes:
        if not self._names:
            self._names = _first_csv_line(chunk)
            return chunk
        return chunk.removeprefix(self._names)

    def finish(self, fetch_empty: Callable[[], bytes]) -> bytes:
        return b"" if self._names else fetch_empty()


class ArrowJoiner:
    """Every chunk comes as a whole IPC stream: keep the schema of the first only and the end mark of none but the last.

    See "Encapsulated message format" in the Arrow columnar specification: a message is 0xFFFFFFFF, the length of its
    metadata, the metadata, the body; a schema has no body.
    """

    def __init__(self) -> None:
        self._begun = False

    def join(self, chunk: bytes) -> bytes:
        start = 0
        if self._begun:
            (metadata_bytes,) = struct.unpack_from("<i", chunk, 4)
            start = 8 + metadata_bytes
        self._begun = True
        return chunk[start : -len(_ARROW_END)]

    def finish(self, fetch_empty: Callable[[], bytes]) -> bytes:
        return _ARROW_END if self._begun else fetch_empty()


def _first_csv_line(content: bytes) -> bytes:
    """Return the first line with its end; a line end between quotes is part of a name."""
    end = content.index(b"\n") + 1
    while content.count(b'"', 0, end) % 2:
        end = content.index(b"\n", end) + 1
    return content[:end]


def chunk_joiner(result_format: ResultFormat) -> ChunkJoiner:
    """Return a new joiner for one result."""
    match result_format:
        case ResultFormat.JSON_ROWS | ResultFormat.JSON_EACH_ROW:
            return LineJoiner()
        case ResultFormat.CSV:
            return CsvJoiner()
        case ResultFormat.ARROW:
            return ArrowJoiner()
