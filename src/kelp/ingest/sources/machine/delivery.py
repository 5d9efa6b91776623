"""How the sources of this machine hand over rows: as JSON arrays, through whatever the application connects.

Knows nothing of HTTP, tables' columns or engines. Nothing is dropped while the receiver says "later".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

import msgspec

from kelp.base.errors import Category, ServiceError

MAXIMUM_BODY_BYTES = 900_000
"""Of one body, which stays below the 1 MB that the Logs Ingestion API takes. A larger single row is sent alone."""

Row: TypeAlias = Mapping[str, object]
Sleep: TypeAlias = Callable[[float], Awaitable[None]]

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0
_WORTH_REPEATING = frozenset({Category.THROTTLED, Category.UNAVAILABLE, Category.TIMEOUT})


class Send(Protocol):
    """Takes a body for a table and returns once it is durable. Raises `ServiceError`."""

    async def __call__(self, table: str, body: bytes) -> None:
        """Accept `body`, a JSON array of objects whose members are the table's columns."""
        ...


class RowSender:
    """Sends rows until they are accepted. Safe for concurrent use."""

    def __init__(self, send: Send, sleep: Sleep = asyncio.sleep) -> None:
        self._send = send
        self._sleep = sleep

    async def send_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Return once every row was accepted, in order; wait and repeat for as long as the receiver asks for it.

        Raises the `ServiceError` of a refusal that repeating can't cure; rows of earlier bodies are then accepted.
        """
        for body in iter_bodies(rows):
            await self._send_body(table, body)

    async def _send_body(self, table: str, body: bytes) -> None:
        wait_seconds = _FIRST_WAIT_SECONDS
        while True:
            try:
                return await self._send(table, body)
            except ServiceError as error:
                if error.category not in _WORTH_REPEATING:
                    raise
                await self._sleep(error.retry_after_seconds or wait_seconds)
                wait_seconds = min(wait_seconds * 2, _LONGEST_WAIT_SECONDS)


def iter_bodies(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield the rows as JSON arrays of at most `MAXIMUM_BODY_BYTES`."""
    encoder = msgspec.json.Encoder()
    held: list[bytes] = []
    held_bytes = 2
    for row in rows:
        encoded = encoder.encode(row)
        if held and held_bytes + len(encoded) + 1 > MAXIMUM_BODY_BYTES:
            yield b"[" + b",".join(held) + b"]"
            held, held_bytes = [], 2
        held.append(encoded)
        held_bytes += len(encoded) + 1
    if held:
        yield b"[" + b",".join(held) + b"]"
