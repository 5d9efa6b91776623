"""A batch of queries: they run side by side and are answered in order, each with its own status."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.api.errors import query_error, status_of
from kelp.api.query.request import decode_query, read_preferences
from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kelp.api.errors import FailureContext
    from kelp.api.query.request import Preferences, QueryBody
    from kelp.api.query.streaming import Chunks

_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
_encode = msgspec.json.encode


def decode_batch(document: Mapping[str, Any], maximum_items: int) -> Sequence[Mapping[str, Any]]:
    """Return the items of a decoded body. Raises `ServiceError` (invalid) for what is no batch, or too large a one."""
    items = document.get("requests")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ServiceError(Category.INVALID, "BadArgumentError", "'requests' must be a list of requests.")
    if len(items) > maximum_items:
        message = f"A batch holds at most {maximum_items} requests, not {len(items)}."
        raise ServiceError(Category.INVALID, "BadArgumentError", message)
    return items


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers items. `answer` gives the answer to one query: unstarted chunks, whose first one may raise."""

    answer: Callable[[str, QueryBody, Preferences], Chunks]
    context: FailureContext

    async def iter_answers(self, items: Sequence[Mapping[str, Any]], *, ahead: int) -> Chunks:
        """Yield the answer to the batch. While one item is written, those behind it run: `ahead` at a time.

        What runs ahead waits in the engine when its first rows are there, so that a batch takes no more memory than
        a few queries.
        """
        opening = b'{"responses":['
        waiting = (self._answer_item(item) for item in items)
        begun: deque[tuple[Chunks, asyncio.Future[bytes]]] = deque()
        try:
            while True:
                for chunks in islice(waiting, ahead - len(begun)):
                    begun.append((chunks, asyncio.ensure_future(anext(chunks))))
                if not begun:
                    break
                chunks, first = begun[0]
                yield opening + await first
                async for chunk in chunks:
                    yield chunk
                begun.popleft()
                opening = b","
        finally:
            for _, first in begun:
                first.cancel()
            await asyncio.gather(*(first for _, first in begun), return_exceptions=True)
            for chunks, _ in begun:
                await chunks.aclose()
        yield b"]}" if items else opening + b"]}"

    async def _answer_item(self, item: Mapping[str, Any]) -> Chunks:
        try:
            async with aclosing(self._start(item)) as chunks:
                first = await anext(chunks)
                head = _encode({"id": item.get("id"), "status": 200, "headers": _HEADERS})
                yield head[:-1] + b',"body":' + first
                async for chunk in chunks:
                    yield chunk
                yield b"}"
        except ServiceError as error:
            body = {"error": query_error(error, self.context)}
            yield _encode({"id": item.get("id"), "status": status_of(error), "body": body})

    def _start(self, item: Mapping[str, Any]) -> Chunks:
        headers, body = item.get("headers") or {}, item.get("body") or {}
        if not isinstance(headers, dict) or not isinstance(body, dict):
            message = "'headers' and 'body' of a request in a batch must be objects."
            raise ServiceError(Category.INVALID, "BadArgumentError", message)
        named = {str(name).lower(): str(value) for name, value in headers.items()}
        preferences = read_preferences(named.get("prefer", ""))
        return self.answer(str(item.get("workspace", "")), decode_query(body), preferences)
