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
    """The line of names comes with the first rows, so a result without rows must ask for it."""

    def __init__(self) -> None:
        self._begun = False

    def join(self, chunk: bytes) -> bytes:
        self._begun = True
        return chunk

    def finish(self, fetch_empty: Callable[[], bytes]) -> bytes:
        return b"" if self._begun else fetch_empty()


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


def chunk_joiner(result_format: ResultFormat) -> ChunkJoiner:
    """Return a new joiner for one result."""
    match result_format:
        case ResultFormat.JSON_ROWS | ResultFormat.JSON_EACH_ROW:
            return LineJoiner()
        case ResultFormat.CSV:
            return CsvJoiner()
        case ResultFormat.ARROW:
            return ArrowJoiner()
