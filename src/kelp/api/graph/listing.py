"""Lists of directory objects: filtered, in pages, with the members that were asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from kelp.api.graph.call import MAXIMUM_PAGE_ITEMS, PAGE_ITEMS, GraphCall, bad_request, described
from kelp.api.graph.documents import select_members
from kelp.api.graph.filters import parse_filter
from kelp.api.management.call import Answer

T = TypeVar("T")
_OFFERED = frozenset({"$filter", "$select", "$top", "$skiptoken", "$count", "$orderby", "api-version"})


def list_objects(
    call: GraphCall,
    what: str,
    found: Iterable[T],
    encode: Callable[[T], dict[str, Any]],
    properties: Collection[str],
    complete: Callable[[Sequence[T]], list[dict[str, Any]]] | None = None,
) -> Answer:
    """Answer with a page of objects in the order of their names.

    `encode` gives the documents that the filter sees; `complete`, where there is one, those of the page.
    """
    _check_options(call)
    accepts = parse_filter(_option(call, "$filter"), properties)
    limit = _read_top(_option(call, "$top"))
    documents = [(encode(item), item) for item in found]
    chosen = sorted(
        ((_key_of(document), document, item) for document, item in documents if accepts(document)),
        key=lambda entry: entry[0],
    )
    after = _read_skip_token(_option(call, "$skiptoken"))
    page = [entry for entry in chosen if entry[0] > after][: limit + 1]
    shown, has_more = page[:limit], len(page) > limit
    encoded = complete([item for _, _, item in shown]) if complete else [one for _, one, _ in shown]
    select = _option(call, "$select")
    answer = described(call.base_url, what, {"value": [select_members(one, select) for one in encoded]})
    if _option(call, "$count").lower() == "true":
        answer["@odata.count"] = len(chosen)
    if has_more:
        answer["@odata.nextLink"] = _next_link(call, shown[-1][0])
    return Answer(200, answer)


def show_object(call: GraphCall, what: str, document: dict[str, Any], status: int = 200) -> Answer:
    """Answer with one object."""
    shown = select_members(document, _option(call, "$select"))
    return Answer(status, described(call.base_url, f"{what}/$entity", shown))


def _key_of(document: dict[str, Any]) -> str:
    return f"{str(document.get('displayName') or '').lower()}\n{document['id']}"


def _option(call: GraphCall, name: str) -> str:
    return next((value for key, value in call.query.items() if key.lower() == name), "")


def _check_options(call: GraphCall) -> None:
    unknown = sorted(name for name in call.query if name.startswith("$") and name.lower() not in _OFFERED)
    if unknown:
        raise bad_request(
            f"{', '.join(unknown)} is not offered; these are: $filter, $select, $top, $count.", unknown[0]
        )
    order = _option(call, "$orderby").strip().lower()
    if order not in ("", "displayname", "displayname asc"):
        raise bad_request("Lists are in the order of displayName; $orderby takes nothing else.", "$orderby")


def _read_top(text: str) -> int:
    if not text:
        return PAGE_ITEMS
    if not text.isdecimal() or not 1 <= int(text) <= MAXIMUM_PAGE_ITEMS:
        raise bad_request(f"$top is a number from 1 to {MAXIMUM_PAGE_ITEMS}, not '{text}'.", "$top")
    return int(text)


def _read_skip_token(text: str) -> str:
    try:
        return base64.b64decode(text, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise bad_request("The skip token is not one of ours.", "$skiptoken") from error


def _next_link(call: GraphCall, key: str) -> str:
    kept = {name: value for name, value in call.query.items() if name.lower() != "$skiptoken"}
    token = base64.urlsafe_b64encode(key.encode()).decode()
    return f"{call.base_url}{call.path}?{urlencode(kept | {'$skiptoken': token})}"
