"""Reading requests and making responses: JSON, bodies with a limit, the ids that tie logs together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import new_guid

MAXIMUM_DOCUMENT_BYTES = 4 * 1024 * 1024
WORTH_COMPRESSING_BYTES = 2_048
"""A smaller answer fits into two packets either way."""
COMPRESSION_LEVEL = 1
_JSON = "application/json; charset=utf-8"
_SAFE_ID = re.compile(r"[\x21-\x7e]{1,128}")


class JsonResponse(Response):
    """A JSON document."""

    media_type = _JSON

    def render(self, content: Any) -> bytes:
        """Return the document's text."""
        return msgspec.json.encode(content)


def find_header(scope: Scope, name: bytes) -> str:
    """Return a header of the request, by its lower-case name; empty when it is absent."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def client_address(scope: Scope) -> str:
    """Return the address at the other end of the connection."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def correlation_id(scope: Scope) -> str:
    """Return the id under which the request is logged: the caller's, or one made here; the same on each call."""
    found = scope.get("kelp.correlation_id")
    if found is None:
        offered = find_header(scope, b"x-ms-correlation-request-id")
        found = scope["kelp.correlation_id"] = offered if _SAFE_ID.fullmatch(offered) else str(new_guid())
    return str(found)


def client_request_id(scope: Scope) -> str:
    """Return the id that the client gave its request; empty when it gave none."""
    offered = find_header(scope, b"x-ms-client-request-id")
    return offered if _SAFE_ID.fullmatch(offered) else ""


async def read_body(request: Request, maximum_bytes: int = MAXIMUM_DOCUMENT_BYTES) -> bytes:
    """Return the body. Raises `ServiceError` (too_large), as soon as it is known to be."""
    declared = request.headers.get("content-length", "")
    chunks, size = [], int(declared) if declared.isdecimal() else 0
    if size > maximum_bytes:
        raise _too_large(maximum_bytes)
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > maximum_bytes:
                raise _too_large(maximum_bytes)
            chunks.append(chunk)
    except ClientDisconnect as left:
        raise ServiceError(Category.INVALID, "IncompleteRequest", "The request ended too early.") from left
    return b"".join(chunks)


def decode_object(body: bytes) -> Mapping[str, Any]:
    """Read a JSON object. Raises `ServiceError` (invalid) with the position of the fault."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(
            Category.INVALID,
            "InvalidRequestContent",
            f"The request content was invalid and could not be deserialized: '{error}'.",
        ) from error
    if not isinstance(document, dict):
        raise ServiceError(
            Category.INVALID, "InvalidRequestContent", "The request content is not a JSON object."
        )
    return document


def _too_large(maximum_bytes: int) -> ServiceError:
    return ServiceError(
        Category.TOO_LARGE, "RequestEntityTooLarge", f"The request is larger than {maximum_bytes} bytes."
    )
