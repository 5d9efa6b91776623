"""Diagnostic settings of any resource (`Microsoft.Insights/diagnosticSettings`), and the categories they may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.document_kind import decode_document, encode_document
from kelp.api.management.linked import Link
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.base.ids import ResourceId
from kelp.resources.access import SHARED_KEYS_ACTION
from kelp.resources.diagnostic_setting import DiagnosticSetting, log_categories
from kelp.resources.errors import ResourceNotFound
from kelp.resources.resource import Resource

_NAMESPACE = "Microsoft.Insights"
_CATEGORY_TYPE = f"{_NAMESPACE}/diagnosticSettingsCategories"
_ALL_CATEGORIES = f"/{{scope:path}}/providers/{_CATEGORY_TYPE}"
_METRICS = "AllMetrics"
_SENDING_TO = re.compile(r"\s*workspaceId\s+eq\s+'(?P<workspace>[^']+)'\s*", re.IGNORECASE)


def _links(document: Mapping[str, Any]) -> Iterator[Link]:
    """Who sends records to a workspace must be allowed what its keys would allow."""
    if "workspaceId" in document:
        yield Link("properties.workspaceId", document["workspaceId"], SHARED_KEYS_ACTION)


def list_categories(call: Call) -> Answer:
    """Answer with the categories of logs and metrics that a resource has."""
    scope = ResourceId.parse(f"/{call.parameters['scope']}")
    call.require(f"{_CATEGORY_TYPE}/read", scope)
    call.store.require_present(scope)
    return Answer(200, {"value": _describe(scope)})


def get_category(call: Call) -> Answer:
    """Answer with one category."""
    scope = ResourceId.parse(f"/{call.parameters['scope']}")
    call.require(f"{_CATEGORY_TYPE}/read", scope)
    call.store.require_present(scope)
    wanted = call.parameters["category"].lower()
    for category in _describe(scope):
        if str(category["name"]).lower() == wanted:
            return Answer(200, category)
    raise ResourceNotFound(call.resource_id)


def _describe(scope: ResourceId) -> list[dict[str, Any]]:
    logs = log_categories(scope) or ()
    has_metrics = scope.type != "Microsoft.Resources/subscriptions"
    kinds = [*((name, "Logs") for name in logs), *([(_METRICS, "Metrics")] if has_metrics else [])]
    return [
        {
            "id": f"{scope}/providers/{_CATEGORY_TYPE}/{name}",
            "name": name,
            "type": _CATEGORY_TYPE,
            "properties": {
                "categoryType": kind,
                "categoryGroups": _groups(name) if kind == "Logs" else [],
            },
        }
        for name, kind in kinds
    ]  # fmt: skip


def _groups(category: str) -> list[str]:
    return ["allLogs", *(["audit"] if "audit" in category.lower() else [])]


def _find_destination(call: Call) -> str | None:
    """Return the workspace of the filter `workspaceId eq '<id>'`, which asks for all below a scope that sends there."""
    wanted = _SENDING_TO.fullmatch(call.query.get("$filter", ""))
    return None if wanted is None else wanted["workspace"].lower()


def _select(call: Call) -> Callable[[Resource[DiagnosticSetting]], bool]:
    destination = _find_destination(call)
    return lambda setting: (
        destination is None or str(setting.properties.document.get("workspaceId", "")).lower() == destination
    )


DIAGNOSTIC_SETTINGS = PlainKind(
    kind=DiagnosticSetting,
    path="*diagnosticSettings/{diagnosticSetting}",
    noun="diagnostic setting",
    note="which sends a subscription's activity to a workspace, and nothing else yet",
    decode=decode_document(DiagnosticSetting, _links),
    encode=encode_document,
    put=put_as_plain,
    created=200,
    selects=_select,
    lists_below=lambda call: _find_destination(call) is not None,
)
ROUTES = (
    *DIAGNOSTIC_SETTINGS.routes(),
    ManagementRoute("GET", _ALL_CATEGORIES, _NAMESPACE, list_categories),
    ManagementRoute("GET", f"{_ALL_CATEGORIES}/{{category}}", _NAMESPACE, get_category),
)
