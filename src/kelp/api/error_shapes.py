"""The errors of each surface as shapes, for the published description. `api.errors` writes them."""

from __future__ import annotations

from typing import assert_never

from kelp.api.errors import Surface
from kelp.resources.shape import Anything, Items, Named, Record, Shape, Text, Truth, Whole

_TEXT = Text()
_DETAIL = Record(
    {"code": _TEXT, "message": _TEXT, "target": _TEXT, "details": Items(Anything())},
    required=("code", "message"),
)
_DIAGNOSTIC: dict[str, Shape] = {"line": Whole(), "pos": Whole(), "token": _TEXT}
_QUERY_DETAIL = Record(
    {"code": _TEXT, "message": _TEXT, "target": _TEXT, **_DIAGNOSTIC}, required=("code", "message")
)
_MANAGEMENT = Record(dict(_DETAIL.members) | {"details": Items(_DETAIL)}, required=_DETAIL.required)
_QUERY = Record(
    {
        "code": _TEXT,
        "message": _TEXT,
        "correlationId": _TEXT,
        "details": Items(_QUERY_DETAIL),
        "innererror": Record({"code": _TEXT, "message": _TEXT, "innererror": _QUERY_DETAIL}),
    },
    required=("code", "message"),
)
_PORTAL = Record(dict(_QUERY.members) | {"target": _TEXT}, required=_QUERY.required)
_KUSTO = Record(
    {
        "code": _TEXT,
        "message": _TEXT,
        "@type": _TEXT,
        "@message": _TEXT,
        "@context": Anything(),
        "@permanent": Truth(),
        "innererror": Anything(),
    },
    required=("code", "message", "@type", "@permanent"),
)
_GRAPH = Record(
    {
        "code": _TEXT,
        "message": _TEXT,
        "details": Items(Record({"code": _TEXT, "message": _TEXT})),
        "innerError": Record({"date": _TEXT, "request-id": _TEXT, "client-request-id": _TEXT}),
    },
    required=("code", "message", "innerError"),
)
_KEY_VAULT = Record(
    {"code": _TEXT, "message": _TEXT, "innererror": Record({"code": _TEXT, "message": _TEXT})},
    required=("code", "message"),
)
_TOKEN = Record(
    {
        "error": _TEXT,
        "error_description": _TEXT,
        "error_codes": Items(Whole()),
        "timestamp": _TEXT,
        "trace_id": _TEXT,
        "correlation_id": _TEXT,
    },
    required=("error", "error_description"),
)
_DATA_COLLECTOR = Record({"Error": _TEXT, "Message": _TEXT}, required=("Error", "Message"))


def error_shape(surface: Surface) -> Shape:
    """Return what a refusal of the surface holds."""
    match surface:
        case Surface.MANAGEMENT | Surface.INGESTION:
            return _enclosed("ErrorResponse", _MANAGEMENT)
        case Surface.TOKEN:
            return Named("TokenError", _TOKEN)
        case Surface.QUERY:
            return _enclosed("QueryError", _QUERY)
        case Surface.DATA_COLLECTOR:
            return Named("DataCollectorError", _DATA_COLLECTOR)
        case Surface.KUSTO:
            return _enclosed("KustoError", _KUSTO)
        case Surface.GRAPH:
            return _enclosed("GraphError", _GRAPH)
        case Surface.KEY_VAULT:
            return _enclosed("KeyVaultError", _KEY_VAULT)
        case Surface.PORTAL:
            return _enclosed("PortalError", _PORTAL)
        case _ as unreachable:
            assert_never(unreachable)


def _enclosed(name: str, error: Shape) -> Shape:
    return Named(name, Record({"error": error}, required=("error",)))
