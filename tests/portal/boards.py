"""Dashboards for tests of their pages: made, kept by the API as the page would, and found on the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Request

from tests.portal.app import App
from tests.portal.browsing import sign_in

HOME = "/t/kelp.local/dash"
VERSION = {"api-version": "2023-06-01"}
_HEADERS = {"X-Kelp-Csrf": "1", "Sec-Fetch-Site": "same-origin"}

HOST = {
    "name": "Host",
    "type": "query",
    "query": "Heartbeat | distinct Computer | sort by Computer asc",
    "multi": True,
    "allowAll": True,
}
ENVIRONMENT = {"name": "Env", "type": "list", "values": ["prod", "test"]}
BEATS = (
    "Heartbeat\n| where Computer in (Host)\n| summarize Beats = count() by Computer\n| sort by Computer asc"
)
NOTE = {"id": "a", "kind": "markdown", "title": "First", "text": "one"}


def make_dashboard(*items: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "schema": "kelp.dashboard/1",
        "id": str(uuid4()),
        "title": f"Board {uuid4().hex[:8]}",
        "layout": "grid",
        "defaults": {"timeRange": "PT24H"},
        "scope": {"workspaces": ["$default"]},
        "parameters": [],
        "items": list(items),
        **members,
    }


def ask_item(title: str, query: str, kind: str = "table", **members: Any) -> dict[str, Any]:
    """Return an item that asks and draws."""
    identity = {"id": title.lower(), "kind": "query", "title": title}
    return {**identity, "query": query, "visual": {"kind": kind}, **members}


def workbook_path(app: App, dashboard: dict[str, Any]) -> str:
    place = str(app.server.home.resource_id).split("/providers/")[0]
    return f"{place}/providers/Microsoft.Insights/workbooks/{dashboard['id']}"


def call_api(app: App, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the management API as the page does."""
    with app.server.client() as client:
        client.headers.update(_HEADERS)
        assert sign_in(client, app.server.user).status_code == 200
        answer = client.request(method, path, params=VERSION, json=body)
        assert answer.status_code in (200, 201), answer.text
        document: dict[str, Any] = answer.json() if answer.content else {}
        return document


def keep(app: App, dashboard: dict[str, Any], **members: Any) -> str:
    """Store a dashboard, and return its address; `members` are further ones of the resource."""
    properties = {
        "displayName": dashboard["title"],
        "category": "kelp",
        "serializedData": json.dumps(dashboard),
    }
    body = {"location": "local", "kind": "shared", "properties": properties, **members}
    call_api(app, "PUT", workbook_path(app, dashboard), body)
    return f"{HOME}/{dashboard['id']}"


def item(app: App, title: str) -> Locator:
    return app.page.get_by_role("region", name=title, exact=True).and_(app.page.locator("[data-item]"))


def rows(app: App, title: str) -> Locator:
    """The rows of an item's grid."""
    return item(app, title).locator("[data-index] > [role=row][aria-rowindex]")


def watch_runs(app: App) -> list[Request]:
    """Note each run that the page asks for."""
    runs: list[Request] = []
    is_run: Callable[[Request], bool] = lambda one: one.method == "POST" and one.url.endswith("/runs")  # noqa: E731
    app.page.on("request", lambda request: runs.append(request) if is_run(request) else None)
    return runs
