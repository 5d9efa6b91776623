"""Reading the body of a record request straight from the server, within limits of size, memory and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Receive, Send

RECEIVE_SECONDS = 100.0
"""How long a client may take to send one body."""


def declared_bytes(headers: Mapping[bytes, bytes]) -> int | None:
    """Return the length that the request announces; None where it does not."""
    text = headers.get(b"content-length", b"")
    return int(text) if text.isdigit() else None


async def receive_body(receive: Receive, maximum_bytes: int) -> bytes:
    """Return the body. Raises `ServiceError`: too_large as soon as it is known, invalid if it breaks off, timeout."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
    else:
        body = await _receive_rest(message, receive, maximum_bytes)
    if len(body) > maximum_bytes:
        raise too_large(maximum_bytes)
    return body


def too_large(maximum_bytes: int) -> ServiceError:
    """Return the refusal of a body of more than that."""
    return ServiceError(
        Category.TOO_LARGE,
        "ContentLengthLimitExceeded",
        f"The body is larger than the {maximum_bytes:,} bytes that one request may bring. Send it in smaller parts.",
    )


async def answer_empty(send: Send, status: int) -> None:
    """Send an answer without a body."""
    headers = [] if status == 204 else [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body"})


async def _receive_rest(message: Message, receive: Receive, maximum_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size_bytes = 0
    try:
        async with asyncio.timeout(RECEIVE_SECONDS):
            while message["type"] == "http.request":
                chunk: bytes = message.get("body", b"")
                chunks.append(chunk)
                size_bytes += len(chunk)
                if size_bytes > maximum_bytes:
                    raise too_large(maximum_bytes)
                if not message.get("more_body", False):
                    return b"".join(chunks)
                message = await receive()
    except TimeoutError:
        raise ServiceError(
            Category.TIMEOUT,
            "RequestTimeout",
            f"The body did not arrive within {RECEIVE_SECONDS:.0f} seconds.",
        ) from None
    raise ServiceError(Category.INVALID, "IncompleteRequest", "The request ended before its body did.")
