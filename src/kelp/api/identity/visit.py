"""A browser's request to one of our pages, as the pages see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.api.http import client_address, correlation_id, find_header
from kelp.base.errors import Category, ServiceError
from kelp.identity.sign_in import Attempt

if TYPE_CHECKING:
    from starlette.requests import Request

    from kelp.identity.addresses import Addresses

ANY_TENANT = "organizations"


@dataclass(frozen=True, slots=True)
class Visit:
    """What the address of a request, or its form, holds."""

    attempt: Attempt
    form: Mapping[str, str] = field(repr=False)
    correlation_id: str
    user_agent: str
    is_post: bool


def read_visit(request: Request, form: Mapping[str, str]) -> Visit:
    """Return a request as a visit; the tenant is the one that its path names."""
    return Visit(
        Attempt(request.path_params.get("tenant", ANY_TENANT), client_address(request.scope)),
        form,
        correlation_id(request.scope),
        find_header(request.scope, b"user-agent")[:256],
        request.method == "POST",
    )


def require_own_page(addresses: Addresses, request: Request) -> None:
    """Refuse a form that another site's page had the browser send. Raises `ServiceError` (forbidden)."""
    origin = find_header(request.scope, b"origin")
    if origin and not addresses.is_ours(origin):
        raise ServiceError(Category.FORBIDDEN, "ForeignOrigin", f"Requests from {origin} are not accepted.")
