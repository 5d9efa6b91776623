"""Data sources of a workspace (`Microsoft.OperationalInsights/workspaces/dataSources`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.resources.data_source import DATA_SOURCE_KINDS, DataSource
from kelp.resources.resource import Resource

_TERM = re.compile(r"\s*kind\s+eq\s+'(?P<kind>[^']+)'\s*", re.IGNORECASE)
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_KINDS = {kind.lower(): kind for kind in DATA_SOURCE_KINDS}


def _decode(_call: Call, reader: DocumentReader) -> DataSource:
    kind = reader.text("kind")
    return DataSource(
        kind=_KINDS.get(kind.lower(), kind), document=reader.free("properties"), tags=reader.tags()
    )


def _encode(_call: Call, source: Resource[DataSource]) -> dict[str, Any]:
    return source.properties.document


def _envelope(_call: Call, source: Resource[DataSource]) -> dict[str, Any]:
    return {"kind": source.properties.kind, "tags": source.properties.tags or None}


def _select(call: Call) -> Callable[[Resource[DataSource]], bool]:
    """Choose by the kinds that the filter names; Azure requires one, and several may be joined by `or`."""
    terms = [_TERM.fullmatch(term) for term in _OR.split(call.query.get("$filter", ""))]
    kinds = {term["kind"].lower() for term in terms if term is not None}
    if None in terms:
        message = "A list of data sources needs a filter: $filter=kind eq 'WindowsEvent'."
        raise ServiceError(Category.INVALID, "InvalidFilter", message, target="$filter")
    return lambda source: source.properties.kind.lower() in kinds


DATA_SOURCES = PlainKind(
    kind=DataSource,
    path="workspaces/{workspace}/dataSources/{dataSource}",
    noun="data source",
    note="which agents of the older kind are to ask for",
    decode=_decode,
    encode=_encode,
    envelope=_envelope,
    put=put_as_plain,
    reads_etag=True,
    selects=_select,
)
ROUTES = DATA_SOURCES.routes()
