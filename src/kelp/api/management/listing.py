"""Lists: only what the caller may read, in pages that lead to the next."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from kelp.api.management.call import Answer, Call
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.kinds import TYPE_OF_KIND, Properties
from kelp.resources.resource import Resource

P = TypeVar("P", bound=Properties)
_SKIP_TOKEN = "$skiptoken"


def list_resources(
    call: Call,
    kind: type[P],
    under: ResourceId,
    encode: Callable[[Call, Resource[P]], dict[str, Any]],
    *,
    shows: Callable[[Resource[P]], bool] = lambda _resource: True,
) -> Answer:
    """Answer with the resources of a kind below a subscription, group or resource that the caller may read.

    `shows` may leave some out.

    Raises `ResourceNotFound` for a scope that does not exist and `AccessDenied` to a caller with no role near it.
    """
    action = f"{TYPE_OF_KIND[kind]}/read"
    call.require_subscription(under)
    if not call.services.access.reaches(call.principal, under):
        call.require(action, under)
    call.store.require_present(under)
    sees_all = call.allows(action, under)
    after_key, found = read_skip_token(call), list[Resource[P]]()
    limit = page_items(call)
    while True:
        page = call.store.page(kind, under, tenant_id=call.owner_of(under), after_key=after_key, limit=limit)
        found += [
            item
            for item in page.items
            if shows(item) and call.lets_in(item.id) and (sees_all or call.allows(action, item.id))
        ]
        if page.next_key is None or len(found) >= limit:
            break
        after_key = page.next_key
    document: dict[str, Any] = {"value": [encode(call, resource) for resource in found]}
    if page.next_key is not None:
        document["nextLink"] = next_link(call, page.next_key)
    return Answer(200, document)


def page_items(call: Call) -> int:
    """Return how many items a page has: as many as `$top` says, at most. Raises `ServiceError` (invalid)."""
    text = call.query.get("$top", "")
    if not text:
        return call.services.page_items
    if not text.isdecimal() or not int(text):
        raise ServiceError(Category.INVALID, "InvalidParameter", "$top is a positive number.", target="$top")
    return min(int(text), call.services.page_items)


def next_link(call: Call, key: str) -> str:
    """Return the address of the page behind a key."""
    token = base64.urlsafe_b64encode(key.encode()).decode()
    kept = {name: value for name, value in call.query.items() if name.lower() != _SKIP_TOKEN}
    return f"{call.base_url}{call.path}?{urlencode(kept | {'$skipToken': token})}"


def read_skip_token(call: Call) -> str:
    """Return the key that a page begins behind; an empty one for the first. Raises `ServiceError` (invalid)."""
    for name, value in call.query.items():
        if name.lower() == _SKIP_TOKEN:
            try:
                return base64.b64decode(value, altchars=b"-_", validate=True).decode()
            except ValueError as error:
                raise ServiceError(
                    Category.INVALID, "InvalidSkipToken", "The skip token is not one of ours."
                ) from error
    return ""
