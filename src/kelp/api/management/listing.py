"""Lists: only what the caller may read, in pages that lead to the next."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from kelp.api.management.call import Answer, Call
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import ResourceNotFound
from kelp.resources.kinds import TYPE_OF_KIND, Properties
from kelp.resources.resource import Resource
from kelp.resources.resource_group import ResourceGroup

P = TypeVar("P", bound=Properties)
_SKIP_TOKEN = "$skiptoken"


def list_resources(
    call: Call, kind: type[P], under: ResourceId, encode: Callable[[Call, Resource[P]], dict[str, Any]]
) -> Answer:
    """Answer with the resources of a kind below a subscription or group that the caller may read.

    Raises `ResourceNotFound` for a scope that does not exist and `AccessDenied` to a caller with no role near it.
    """
    action = f"{TYPE_OF_KIND[kind]}/read"
    call.require_subscription(under)
    if not call.services.access.reaches(call.principal, under):
        call.require(action, under)
    if under.resource_group is not None and call.store.find(ResourceGroup, under) is None:
        raise ResourceNotFound(under)
    sees_all = call.allows(action, under)
    after_key, found = _read_skip_token(call), list[Resource[P]]()
    limit = call.services.page_items
    while True:
        page = call.store.page(
            kind, under, tenant_id=call.principal.tenant_id, after_key=after_key, limit=limit
        )
        found += [item for item in page.items if sees_all or call.allows(action, item.id)]
        if page.next_key is None or len(found) >= limit:
            break
        after_key = page.next_key
    document: dict[str, Any] = {"value": [encode(call, resource) for resource in found]}
    if page.next_key is not None:
        document["nextLink"] = _next_link(call, page.next_key)
    return Answer(200, document)


def _next_link(call: Call, key: str) -> str:
    token = base64.urlsafe_b64encode(key.encode()).decode()
    kept = {name: value for name, value in call.query.items() if name.lower() != _SKIP_TOKEN}
    return f"{call.base_url}{call.path}?{urlencode(kept | {'$skipToken': token})}"


def _read_skip_token(call: Call) -> str:
    for name, value in call.query.items():
        if name.lower() == _SKIP_TOKEN:
            try:
                return base64.b64decode(value, altchars=b"-_", validate=True).decode()
            except (binascii.Error, UnicodeDecodeError) as error:
                raise ServiceError(
                    Category.INVALID, "InvalidSkipToken", "The skip token is not one of ours."
                ) from error
    return ""
