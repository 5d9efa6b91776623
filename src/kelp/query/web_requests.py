"""Requests that queries may have sent (`http_request`): to addresses that the administrator names, and no others.

The list is empty unless it is set. Redirects are not followed, so that an address on it leads nowhere else.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from kelp.query.errors import WebRequestFailed, WebRequestRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.questions import Answer, WebRequest

MAX_BODY_BYTES = 1 << 20
MAX_SECONDS = 60.0
_PORTS = {"https": 443, "http": 80}
_RESERVED = frozenset(
    {"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that belong to the connection."""


def is_allowed(url: str, allowed: str) -> bool:
    """Tell whether the URL lies at or below one of the addresses, which have commas between them.

    Scheme, host and port must be the same, and the path the same or below.
    """
    wanted = _split(url)
    if wanted is None or ".." in unquote(wanted.path).split("/"):
        return False
    return any(_is_below(wanted, _split(address.strip())) for address in allowed.split(","))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in _PORTS and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    return parts if is_usable else None


def _is_below(url: SplitResult, address: SplitResult | None) -> bool:
    if address is None:
        return False
    places = [(one.scheme, one.hostname, one.port or _PORTS[one.scheme]) for one in (url, address)]
    path = address.path.rstrip("/")
    return places[0] == places[1] and (url.path == path or url.path.startswith(f"{path}/") or not path)


async def send_request(request: WebRequest, allowed: str, seconds: float) -> Answer:
    """Return the headers and the body of the answer as JSON; a body that is no JSON as a JSON string.

    Raises `WebRequestRefused` where it is not allowed, `WebRequestFailed` where there is no good answer in time.
    """
    if not is_allowed(request.url, allowed):
        raise WebRequestRefused(request.url)
    refused = next((name for name, _ in request.headers if name.lower() in _RESERVED), None)
    if refused is not None:
        raise WebRequestFailed(request.url, f"the header '{refused}' can't be set")
    seconds = min(seconds, MAX_SECONDS)
    try:
        return await asyncio.wait_for(asyncio.to_thread(_send, request, seconds), seconds)
    except TimeoutError as late:
        raise WebRequestFailed(request.url, f"there was no answer within {seconds:.0f} seconds") from late
    except (OSError, ValueError, http.client.HTTPException) as failure:
        raise WebRequestFailed(
            request.url, "the server can't be reached, or does not speak HTTP"
        ) from failure


def _send(request: WebRequest, seconds: float) -> Answer:
    until = monotonic() + seconds
    parts = urlsplit(request.url)
    assert parts.hostname is not None
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=seconds, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}".replace(" ", "%20")
    body = None if request.body is None else request.body.encode()
    try:
        connection.request(request.method, target, body, dict(request.headers))
        with connection.getresponse() as response:
            content = _read(response, request.url, until)
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise WebRequestFailed(request.url, f"the server answered with status {response.status}")
    return ((json.dumps(dict(response.getheaders())), _as_json(content, dict(response.getheaders()))),)


def _read(response: http.client.HTTPResponse, url: str, until: float) -> bytes:
    """Return the body; slow and endless ones are left."""
    content = bytearray()
    while piece := response.read1(65_536):
        content += piece
        if len(content) > MAX_BODY_BYTES:
            raise WebRequestFailed(url, f"the answer has more than {MAX_BODY_BYTES:,} bytes")
        if monotonic() > until:
            raise WebRequestFailed(url, "the answer did not end in time")
    return bytes(content)


def _as_json(content: bytes, headers: Mapping[str, str]) -> str:
    text = content.decode("utf-8", "replace")
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if "json" in kind.lower():
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        except ValueError:
            pass
    return json.dumps(text, ensure_ascii=False)
