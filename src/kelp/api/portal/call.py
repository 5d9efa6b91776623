"""A request of the portal's page on its way through: who asks, for what, with what to answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.http import (
    MAXIMUM_DOCUMENT_BYTES,
    JsonResponse,
    correlation_id,
    decode_object,
    find_header,
    read_body,
)
from kelp.api.management.call import Answer
from kelp.api.management.reader import DocumentReader
from kelp.api.portal.descriptions import describe
from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.requests import Request

    from kelp.api.portal.browser import Browsers, SignedIn
    from kelp.identity.principal import Principal

NO_STORE = {"Cache-Control": "no-store"}
MAXIMUM_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class PortalCall:
    """One request of somebody who is signed in. `parameters` are the texts of the route's `{names}`."""

    visitor: SignedIn
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    if_match: str | None
    correlation_id: str
    user_agent: str
    body: bytes = field(repr=False, default=b"")

    @property
    def principal(self) -> Principal:
        """As whom the session acts."""
        return self.visitor.principal

    @property
    def home_id(self) -> UUID:
        """The account that signed in, whichever tenant it acts in."""
        return self.visitor.session.home_id

    def document(self) -> Mapping[str, object]:
        """Return the body's JSON object, an empty one for no body. Raises `ServiceError` (invalid)."""
        return decode_object(self.body) if self.body.strip() else {}

    def reader(self) -> DocumentReader:
        """Return the reader of the body. Raises `ServiceError` (invalid) for anything but a JSON object."""
        return DocumentReader(self.document())

    def number(self, name: str, default: int, maximum: int = MAXIMUM_ITEMS) -> int:
        """Return a whole number of the query string, cut at the maximum. Raises `ServiceError` (invalid)."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not text.isdecimal() or len(text) > 18:
            message = f"'{name}' is a whole number, not '{text[:50]}'."
            raise ServiceError(Category.INVALID, "InvalidParameter", message, target=name)
        return min(int(text), maximum)


Work: TypeAlias = Callable[[PortalCall], Answer]


def portal_routes(
    browsers: Browsers,
    works: Mapping[tuple[str, str], Work],
    maximum_bytes: int = MAXIMUM_DOCUMENT_BYTES,
) -> list[Route]:
    """Return routes below `/portal/api` for those who are signed in; each function runs on a worker thread."""
    return [
        Route(
            method,
            f"/portal/api{path}",
            endpoint_app(_endpoint(browsers, work, maximum_bytes)),
            Surface.PORTAL,
            describe(method, path),
        )
        for (method, path), work in works.items()
    ]


def answer_with(answer: Answer) -> Response:
    """Return the response of an answer; nobody keeps it."""
    headers = NO_STORE | dict(answer.headers)
    if answer.document is None:
        return Response(status_code=answer.status, headers=headers)
    return JsonResponse(answer.document, answer.status, headers)


async def read_call(browsers: Browsers, request: Request, maximum_bytes: int) -> PortalCall:
    """Return the request of who is signed in. Raises `ServiceError`."""
    visitor = await browsers.require(request.scope)
    return PortalCall(
        visitor,
        request.path_params,
        dict(request.query_params),
        find_header(request.scope, b"if-match") or None,
        correlation_id(request.scope),
        find_header(request.scope, b"user-agent")[:256],
        await read_body(request, maximum_bytes),
    )


def _endpoint(browsers: Browsers, work: Work, maximum_bytes: int) -> Endpoint:
    @wraps(work)
    async def answer(request: Request) -> Response:
        call = await read_call(browsers, request, maximum_bytes)
        return answer_with(await run_in_threadpool(work, call))

    return answer
