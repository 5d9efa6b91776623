"""What the operations of plain kinds, and those on resources of any kind, are sent when every route is aimed at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

READ_SECRET = "Secret_CL | project Text"
NO_BODY = None
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_LOGS = f"{_GROUP}/providers/Microsoft.OperationalInsights"
_WORKSPACES = f"{_LOGS}/workspaces"
_TAGS = {"operation": "Merge", "properties": {"tags": {"changed": "yes"}}}
_MOVE = {"resources": ["/subscriptions/x"], "targetResourceGroup": "/subscriptions/x/resourceGroups/y"}
_BODILESS = (
    "schema",
    "failback",
    "intelligencePacks/{intelligencePack}/Enable",
    "intelligencePacks/{intelligencePack}/Disable",
    "networkSecurityPerimeterConfigurations/{perimeter}/reconcile",
)
_DEPLOYMENT = {
    "location": "local",
    "properties": {
        "mode": "Incremental",
        "template": {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "resources": [],
        },
    },
}
BODIES_OF_KINDS: Mapping[str, Any] = {
    **{
        f"PUT {place}/providers/Microsoft.Resources/deployments/{{deployment}}": _DEPLOYMENT
        for place in ("/subscriptions/{subscription}", _GROUP)
    },
    **{
        f"{method} /{{scope:path}}/providers/Microsoft.Resources/tags/default": _TAGS
        for method in ("PUT", "PATCH")
    },
    **{f"POST {_GROUP}/{action}": _MOVE for action in ("moveResources", "validateMoveResources")},
    **{
        f"POST {_WORKSPACES}/{{workspace}}/{action}": {"query": READ_SECRET}
        for action in (
            "search",
            "search/{search}",
            "savedSearches/{savedSearch}/search",
            "query",
            "api/query",
        )
    },
    **{f"POST {_WORKSPACES}/{{workspace}}/{action}": NO_BODY for action in _BODILESS},
    f"POST {_LOGS}/locations/{{location}}/workspaces/{{workspace}}/failover": NO_BODY,
    f"PUT {_LOGS}/queryPacks": {"location": "local"},
    f"POST {_LOGS}/queryPacks/{{queryPack}}/queries/search": {"related": {"categories": ["monitor"]}},
}
"""By method and path."""
