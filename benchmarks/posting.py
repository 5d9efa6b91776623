"""A client that posts as fast as it may with little work of its own: one request after the other on each connection."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from benchmarks.server import Server

_SUCCESS = 204
_THROTTLED = 429
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_RETRY = re.compile(rb"(?i)\r\nretry-after: *(\d+)")


@dataclass(slots=True)
class Connection:
    """An open connection to the ingestion API, which posts to one path where no other is named."""

    _path: str
    _headers: str
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, server: Server, path: str, *, is_gzip: bool) -> Self:
        """Connect, with a token for ingestion."""
        context = ssl.create_default_context(cafile=server.credentials["caFile"])
        reader, writer = await asyncio.open_connection("localhost", server.port, ssl=context)
        token = server.token("https://monitor.azure.com")
        encoding = "Content-Encoding: gzip\r\n" if is_gzip else ""
        headers = (
            f"Host: localhost:{server.port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\n{encoding}"
        )
        return cls(path, headers, reader, writer)

    async def post(self, content: bytes, path: str = "") -> int:
        """Post until it is accepted; return how often the server asked to come back later."""
        refusals = 0
        head = f"POST {path or self._path} HTTP/1.1\r\n{self._headers}Content-Length: {len(content)}\r\n\r\n"
        while True:
            self._writer.write(head.encode() + content)
            answer = await self._reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(answer)
            text = await self._reader.readexactly(int(length[1])) if length else b""
            status = int(answer[9:12])
            if status == _SUCCESS:
                return refusals
            if status != _THROTTLED:
                raise SystemExit(f"POST: {status} {text[:500]!r}")
            refusals += 1
            wait = _RETRY.search(answer)
            await asyncio.sleep(int(wait[1]) if wait else 1)

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()


@dataclass(slots=True)
class Acknowledgements:
    """How long each post took, from when it was due, in seconds; and how many were put off."""

    seconds: list[float] = field(default_factory=list)
    refusals: int = 0

    def note(self, due: float, refusals: int) -> None:
        """Count a post that was acknowledged just now."""
        self.seconds.append(time.perf_counter() - due)
        self.refusals += refusals

    def percentile(self, part: float) -> float:
        """Return a percentile in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1e3
