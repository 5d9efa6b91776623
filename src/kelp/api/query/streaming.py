"""Answers written as they come: the work ends when its client leaves, and what is worth it is compressed on the way."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from isal import isal_zlib
from starlette.requests import Request

from kelp.api.http import COMPRESSION_LEVEL, WORTH_COMPRESSING_BYTES, find_header

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
    from typing import Any

    from starlette.types import ASGIApp, Receive, Scope, Send

    Chunks: TypeAlias = AsyncGenerator[bytes, None]
    StreamingEndpoint: TypeAlias = Callable[[Request], Awaitable[Chunks | "StreamedBody"]]

_JSON = "application/json; charset=utf-8"
_BLOCKING_BYTES = 262_144
"""More than this is compressed in a thread: it would hold up everybody for a millisecond or more."""
_GZIP_BITS = 31


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """An answer that is no JSON, or has headers of its own. Events are never held back to be compressed."""

    chunks: Chunks
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    may_compress: bool = True


def streaming_app(endpoint: StreamingEndpoint, headers: Mapping[str, str] | None = None) -> ASGIApp:
    """Make a route's application of a function that reads the request and returns the answer's JSON in chunks.

    The chunks are an async generator, which owns what it needs: it is run until its first chunk before the answer
    begins, so that what it raises until then is answered as a failure, and it is closed however the answer ends.
    """
    given = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]

    @wraps(endpoint)
    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        found = await endpoint(Request(scope, receive))
        body = found if isinstance(found, StreamedBody) else StreamedBody(found, _JSON)
        own = [(name.lower().encode(), value.encode()) for name, value in body.headers.items()]
        answer = _send(body, [*given, *own], send, accepts_gzip=body.may_compress and _accepts_gzip(scope))
        await _run_while_connected(receive, answer)

    return run


async def _run_while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Run the work; cancel it, and wait until it has ended, as soon as the client has left."""
    task, leaving = asyncio.create_task(work), asyncio.create_task(_wait_until_left(receive))
    try:
        await asyncio.wait((task, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        task.cancel()
        await asyncio.wait((task, leaving))
    if not task.cancelled():
        task.result()


async def _wait_until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _accepts_gzip(scope: Scope) -> bool:
    for offer in find_header(scope, b"accept-encoding").lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0")
    return False


async def _send(
    streamed: StreamedBody, headers: list[tuple[bytes, bytes]], send: Send, *, accepts_gzip: bool
) -> None:
    chunks = streamed.chunks
    async with aclosing(chunks):
        begun, is_whole = await _begin(chunks, WORTH_COMPRESSING_BYTES if streamed.may_compress else 1)
        compresses = accepts_gzip and len(begun) >= WORTH_COMPRESSING_BYTES
        given = [*headers, (b"content-type", streamed.media_type.encode()), (b"vary", b"Accept-Encoding")]
        if compresses:
            given.append((b"content-encoding", b"gzip"))
        elif is_whole:
            given.append((b"content-length", str(len(begun)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": given})
        if is_whole and not compresses:
            await send({"type": "http.response.body", "body": begun})
            return
        body = _iter_body(begun, chunks)
        async for part in _compress(body) if compresses else body:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def single_chunk(make_document: Callable[[], object]) -> Chunks:
    """Yield a JSON document that takes a while to make, in a thread, as an answer's only chunk."""
    yield await asyncio.to_thread(lambda: msgspec.json.encode(make_document()))


async def _begin(chunks: Chunks, enough_bytes: int) -> tuple[bytes, bool]:
    """Return enough of the answer to decide how to send it, and whether that is all."""
    begun = b""
    async for chunk in chunks:
        begun += chunk
        if len(begun) >= enough_bytes:
            return begun, False
    return begun, True


async def _iter_body(begun: bytes, chunks: Chunks) -> AsyncIterator[bytes]:
    yield begun
    async for chunk in chunks:
        yield chunk


async def _compress(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the body as gzip; each part can be read to its end when it arrives."""
    compressor = isal_zlib.compressobj(COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP_BITS)

    def squeeze(part: bytes) -> bytes:
        return bytes(compressor.compress(part) + compressor.flush(isal_zlib.Z_SYNC_FLUSH))

    async for part in body:
        if len(part) > _BLOCKING_BYTES:
            yield await asyncio.to_thread(squeeze, part)
        else:
            yield squeeze(part)
    yield bytes(compressor.flush())
