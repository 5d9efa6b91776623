"""Saved searches and functions of a workspace (`Microsoft.OperationalInsights/workspaces/savedSearches`)."""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.api.management.reader import DocumentReader
from kelp.resources.resource import Resource
from kelp.resources.saved_search import SavedSearch


def _decode(_call: Call, reader: DocumentReader) -> SavedSearch:
    properties = reader.section("properties")
    return SavedSearch(
        category=properties.text("category"),
        display_name=properties.text("displayName"),
        query=properties.text("query"),
        function_alias=properties.text("functionAlias") or None,
        function_parameters=properties.text("functionParameters") or None,
        version=properties.find_integer("version"),
        tags=tuple((tag.text("name"), tag.text("value")) for tag in properties.sections("tags")),
    )


def _encode(_call: Call, search: Resource[SavedSearch]) -> dict[str, Any]:
    found = search.properties
    return {
        "category": found.category,
        "displayName": found.display_name,
        "query": found.query,
        "functionAlias": found.function_alias,
        "functionParameters": found.function_parameters,
        "version": found.version,
        "tags": [{"name": name, "value": value} for name, value in found.tags] or None,
    }


SAVED_SEARCHES = PlainKind(
    kind=SavedSearch,
    path="workspaces/{workspace}/savedSearches/{savedSearch}",
    noun="saved search",
    decode=_decode,
    encode=_encode,
    put=put_as_plain,
    reads_etag=True,
    created=200,
    absent=404,
)
ROUTES = SAVED_SEARCHES.routes()
