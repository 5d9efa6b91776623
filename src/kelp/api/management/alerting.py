"""Alert rules and action groups (`Microsoft.Insights`): kept and checked, nothing evaluates them yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.document_kind import decode_tracked, encode_document, kind_of
from kelp.api.management.linked import Link
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.resources.access import QUERY_READ
from kelp.resources.action_group import ActionGroup
from kelp.resources.alert_rules import ActivityLogAlert, MetricAlert, ScheduledQueryRule
from kelp.resources.resource import Resource

_UNEVALUATED = "which is kept and not evaluated yet"
_GROUP_READ = "Microsoft.Insights/actionGroups/read"


def _links_of_query_rule(document: Mapping[str, Any]) -> Iterator[Link]:
    yield from _scopes(document, QUERY_READ)
    for index, group in enumerate(document.get("actions", {}).get("actionGroups", ())):
        yield Link(f"properties.actions.actionGroups[{index}]", group, _GROUP_READ)


def _links_of_metric_alert(document: Mapping[str, Any]) -> Iterator[Link]:
    yield from _scopes(document)
    for index, action in enumerate(document.get("actions", ())):
        yield Link(f"properties.actions[{index}].actionGroupId", action.get("actionGroupId"), _GROUP_READ)


def _links_of_activity_alert(document: Mapping[str, Any]) -> Iterator[Link]:
    yield from _scopes(document)
    for index, action in enumerate(document.get("actions", {}).get("actionGroups", ())):
        target = f"properties.actions.actionGroups[{index}].actionGroupId"
        yield Link(target, action.get("actionGroupId"), _GROUP_READ)


def _scopes(document: Mapping[str, Any], action: str = "") -> Iterator[Link]:
    for index, scope in enumerate(document.get("scopes", ())):
        yield Link(f"properties.scopes[{index}]", scope, action)


def _encode_query_rule(call: Call, rule: Resource[ScheduledQueryRule]) -> dict[str, Any]:
    return {
        **encode_document(call, rule),
        "isLegacyLogAnalyticsRule": False,
        "isWorkspaceAlertsStorageConfigured": False,
    }


ACTION_GROUPS = PlainKind(
    kind=ActionGroup,
    path="actionGroups/{actionGroup}",
    noun="action group",
    note="which is kept and tells nobody yet",
    decode=decode_tracked(ActionGroup),
    encode=encode_document,
    put=put_as_plain,
    has_patch=True,
)
SCHEDULED_QUERY_RULES = PlainKind(
    kind=ScheduledQueryRule,
    path="scheduledQueryRules/{scheduledQueryRule}",
    noun="alert rule over logs",
    note=_UNEVALUATED,
    decode=decode_tracked(ScheduledQueryRule, _links_of_query_rule),
    encode=_encode_query_rule,
    envelope=kind_of,
    put=put_as_plain,
    has_patch=True,
)
METRIC_ALERTS = PlainKind(
    kind=MetricAlert,
    path="metricAlerts/{metricAlert}",
    noun="alert rule over metrics",
    note=_UNEVALUATED,
    decode=decode_tracked(MetricAlert, _links_of_metric_alert),
    encode=encode_document,
    put=put_as_plain,
    created=200,
    has_patch=True,
)
ACTIVITY_LOG_ALERTS = PlainKind(
    kind=ActivityLogAlert,
    path="activityLogAlerts/{activityLogAlert}",
    noun="alert rule over the activity log",
    note=_UNEVALUATED,
    decode=decode_tracked(ActivityLogAlert, _links_of_activity_alert),
    encode=encode_document,
    put=put_as_plain,
    has_patch=True,
)
ROUTES = (
    *ACTION_GROUPS.routes(),
    *SCHEDULED_QUERY_RULES.routes(),
    *METRIC_ALERTS.routes(),
    *ACTIVITY_LOG_ALERTS.routes(),
)
