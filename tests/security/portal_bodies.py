"""What the portal's own routes are sent to name a workspace, were they let in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.security.kind_bodies import READ_SECRET
from tests.servers import Place

OWN_PARTS = tuple(
    f"/portal/api/{part}"
    for part in (
        "me",
        "activity/verify",
        "clusters/deleted",
        "customers",
        "drafts",
        "history",
        "scopes",
        "shares",
    )
)
"""Where everything below is the caller's own, and told to nobody else."""

OF_TEXT_ALONE = {f"POST /portal/api/kql/{name}" for name in ("statement", "edit", "steps")}
"""Routes that look at a text and at no workspace."""


def portal_bodies(place: Place, table: str) -> Mapping[str, Any]:
    """The bodies by method and path."""
    query = {"workspaces": [place.workspace_id], "query": READ_SECRET}
    trial = {
        "transformKql": "source",
        "columns": [{"name": "Text", "type": "string"}],
        "records": [],
        "workspace": place.workspace_id,
        "table": table,
    }
    return {
        "POST /portal/api/runs": query,
        "POST /portal/api/rules/test": trial,
        "POST /portal/api/session/tenant": {"tenant": str(place.tenant_id)},
        **{
            f"POST /portal/api/kql/{name}": query
            for name in ("check", "estimate", "explain", "readers", "parameters")
        },
    }


def any_portal_body(place: Place) -> Mapping[str, Any]:
    """What a route is sent that has no case."""
    return {
        "workspace": place.workspace_id,
        "workspaces": [place.workspace_id],
        "query": READ_SECRET,
        "position": 0,
        "tenant": str(place.tenant_id),
    }
