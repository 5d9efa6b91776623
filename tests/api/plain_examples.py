"""One valid document of each plain kind, for the tests that all kinds share and for those that aim at every route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORKSPACE = "{workspace}"
GROUP = "{group}"
LOGS, INSIGHTS = "Microsoft.OperationalInsights", "Microsoft.Insights"


@dataclass(frozen=True, slots=True)
class Example:
    """A resource below `place` (`WORKSPACE`, `GROUP` or a path below them), under a provider for a group's own.

    `problems` are the targets that are told of `wrong`, a document with several faults. `etag` is the name of the
    member that holds the etag, `listed` what the query of a list must say, `hidden` are members that are never shown.
    """

    place: str
    path: str
    document: Mapping[str, Any]
    wrong: Mapping[str, Any]
    problems: frozenset[str]
    created: int = 201
    absent: int = 204
    deleted: int = 200
    patch: Mapping[str, Any] | None = None
    etag: str = "etag"
    listed: str = ""
    hidden: tuple[str, ...] = ()

    def resource_id(self, workspace: str) -> str:
        group = workspace.partition("/providers/")[0]
        return f"{self.place.format(workspace=workspace, group=group)}/{self.path}"

    @property
    def kind(self) -> str:
        """The kind's segment, by which parameters and documents are found."""
        return self.path.split("/")[-2]

    @property
    def name(self) -> str:
        return self.path.split("/")[-1]

    def filled(self, workspace: str, document: Mapping[str, Any] | None = None) -> Any:
        """The document, or another, with `{workspace}` and `{group}` filled in."""
        return _fill(document or self.document, workspace, workspace.partition("/providers/")[0])


def _fill(value: Any, workspace: str, group: str) -> Any:
    match value:
        case str():
            return value.replace(WORKSPACE, workspace).replace(GROUP, group)
        case Mapping():
            return {name: _fill(member, workspace, group) for name, member in value.items()}
        case list():
            return [_fill(item, workspace, group) for item in value]
    return value


_ALERT_ACTION = "{group}/providers/Microsoft.Insights/actionGroups/on-call"
_STORAGE = "{group}/providers/Microsoft.Storage/storageAccounts/kept"
_QUERY_ID = "0b1a2c3d-0000-4000-8000-000000000001"
EXAMPLES = (
    Example(
        WORKSPACE,
        "savedSearches/Errors by computer",
        {
            "properties": {
                "category": "Operations",
                "displayName": "Errors by computer",
                "query": "Heartbeat | where Computer startswith start | summarize n = count() by Computer",
                "functionAlias": "ErrorsByComputer",
                "functionParameters": "start: string = 'web'",
                "version": 2,
                "tags": [{"name": "team", "value": "one"}, {"name": "team", "value": "two"}],
            }
        },
        {"properties": {"category": 1, "displayName": " ", "functionParameters": "a: long"}},
        frozenset(
            {
                "properties.category",
                "properties.displayName",
                "properties.query",
                "properties.functionParameters",
            }
        ),
        created=200,
        absent=404,
    ),
    Example(
        GROUP,
        "providers/Microsoft.Insights/dataCollectionEndpoints/entry",
        {"location": "local", "tags": {"a": "b"}, "properties": {"description": "The way in."}},
        {"location": "no place!", "properties": {"networkAcls": {"publicNetworkAccess": "Perhaps"}}},
        frozenset({"location", "properties.networkAcls.publicNetworkAccess"}),
        patch={"tags": {"c": "d"}},
    ),
    Example(
        GROUP,
        "providers/Microsoft.Insights/actionGroups/on-call",
        {
            "location": "global",
            "tags": {"team": "one"},
            "properties": {
                "groupShortName": "oncall",
                "enabled": True,
                "emailReceivers": [
                    {"name": "ann", "emailAddress": "ann@contoso.local", "useCommonAlertSchema": True}
                ],
                "webhookReceivers": [{"name": "hook", "serviceUri": "https://hooks.contoso.local/a"}],
                "smsReceivers": [{"name": "phone", "countryCode": "49", "phoneNumber": "1701234567"}],
            },
        },
        {
            "location": "global",
            "properties": {
                "groupShortName": "longer than twelve",
                "emailReceivers": [{"name": "ann", "emailAddress": "nobody"}, {"emailAddress": "b@c"}],
                "webhookReceivers": [{"name": "ann", "serviceUri": "ftp://x"}],
            },
        },
        frozenset(
            {
                "properties.groupShortName",
                "properties.enabled",
                "properties.emailReceivers[0].emailAddress",
                "properties.emailReceivers[1].name",
                "properties.webhookReceivers[0].serviceUri",
                "properties",
            }
        ),
        patch={"tags": {"team": "two"}, "properties": {"enabled": False}},
    ),
    Example(
        GROUP,
        "providers/Microsoft.Insights/scheduledQueryRules/too-few-beats",
        {
            "location": "local",
            "kind": "LogAlert",
            "properties": {
                "displayName": "Too few beats",
                "severity": 2,
                "enabled": True,
                "scopes": [WORKSPACE],
                "evaluationFrequency": "PT5M",
                "windowSize": "PT15M",
                "criteria": {
                    "allOf": [
                        {
                            "query": "Heartbeat | summarize n = count() by Computer",
                            "timeAggregation": "Average",
                            "metricMeasureColumn": "n",
                            "dimensions": [{"name": "Computer", "operator": "Include", "values": ["*"]}],
                            "operator": "LessThan",
                            "threshold": 5,
                            "failingPeriods": {"numberOfEvaluationPeriods": 3, "minFailingPeriodsToAlert": 2},
                        }
                    ]
                },
                "actions": {"actionGroups": [_ALERT_ACTION], "customProperties": {"a": "b"}},
                "autoMitigate": True,
            },
        },
        {
            "location": "local",
            "properties": {
                "severity": 7,
                "scopes": [],
                "windowSize": "five minutes",
                "criteria": {
                    "allOf": [
                        {
                            "query": "Heartbeat | where",
                            "timeAggregation": "Total",
                            "operator": "Near",
                            "threshold": 1,
                            "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 2},
                        }
                    ]
                },
                "actions": {"actionGroups": ["{group}"]},
            },
        },
        frozenset(
            {
                "properties.severity",
                "properties.scopes",
                "properties.windowSize",
                "properties.evaluationFrequency",
                "properties.criteria.allOf[0].query",
                "properties.criteria.allOf[0].operator",
                "properties.criteria.allOf[0].metricMeasureColumn",
                "properties.criteria.allOf[0].failingPeriods",
                "properties.actions.actionGroups[0]",
            }
        ),
        patch={"properties": {"enabled": False}},
    ),
    Example(
        GROUP,
        "providers/Microsoft.Insights/metricAlerts/busy",
        {
            "location": "global",
            "properties": {
                "severity": 3,
                "enabled": True,
                "scopes": [WORKSPACE],
                "evaluationFrequency": "PT1M",
                "windowSize": "PT5M",
                "criteria": {
                    "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                    "allOf": [
                        {
                            "criterionType": "StaticThresholdCriterion",
                            "name": "busy",
                            "metricName": "Average_% Processor Time",
                            "timeAggregation": "Average",
                            "operator": "GreaterThan",
                            "threshold": 90,
                            "dimensions": [],
                        }
                    ],
                },
                "actions": [{"actionGroupId": _ALERT_ACTION}],
            },
        },
        {
            "location": "global",
            "properties": {
                "severity": "high",
                "enabled": True,
                "scopes": ["nowhere"],
                "evaluationFrequency": "PT1M",
                "criteria": {
                    "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                    "allOf": [
                        {"criterionType": "DynamicThresholdCriterion", "name": "busy", "operator": "LessThan"}
                    ],
                },
            },
        },
        frozenset(
            {
                "properties.severity",
                "properties.scopes[0]",
                "properties.windowSize",
                "properties.criteria.allOf[0].metricName",
                "properties.criteria.allOf[0].timeAggregation",
                "properties.criteria.allOf[0].alertSensitivity",
                "properties.criteria.allOf[0].failingPeriods",
            }
        ),
        created=200,
        patch={"properties": {"severity": 0}},
    ),
    Example(
        GROUP,
        "providers/Microsoft.Insights/activityLogAlerts/deleted",
        {
            "location": "global",
            "properties": {
                "enabled": True,
                "scopes": [GROUP],
                "condition": {
                    "allOf": [
                        {"field": "category", "equals": "Administrative"},
                        {"anyOf": [{"field": "status", "containsAny": ["Failed", "Succeeded"]}]},
                    ]
                },
                "actions": {"actionGroups": [{"actionGroupId": _ALERT_ACTION}]},
            },
        },
        {
            "location": "global",
            "properties": {"scopes": [GROUP], "condition": {"allOf": [{"field": "status"}]}},
        },
        frozenset({"properties.actions", "properties.condition.allOf", "properties.condition.allOf[0]"}),
        patch={"properties": {"enabled": False}},
    ),
    Example(
        GROUP,
        "providers/Microsoft.Insights/components/shop",
        {
            "location": "local",
            "kind": "web",
            "properties": {
                "Application_Type": "web",
                "WorkspaceResourceId": WORKSPACE,
                "RetentionInDays": 30,
            },
        },
        {
            "location": "local",
            "kind": "web",
            "properties": {"Application_Type": "fax", "SamplingPercentage": 101},
        },
        frozenset(
            {"properties.Application_Type", "properties.SamplingPercentage", "properties.WorkspaceResourceId"}
        ),
        created=200,
        patch={"tags": {"a": "b"}},
    ),
    Example(
        GROUP,
        f"providers/Microsoft.Insights/workbooks/{_QUERY_ID}",
        {
            "location": "local",
            "kind": "shared",
            "properties": {
                "displayName": "Overview",
                "serializedData": '{"version": "Notebook/1.0", "items": []}',
                "category": "workbook",
                "sourceId": "azure monitor",
            },
        },
        {"location": "local", "properties": {"displayName": "Overview", "serializedData": "<html>"}},
        frozenset({"properties.category", "properties.serializedData"}),
        patch={"properties": {"displayName": "All of it"}},
    ),
    Example(
        WORKSPACE,
        "providers/Microsoft.Insights/diagnosticSettings/keep",
        {
            "properties": {
                "workspaceId": WORKSPACE,
                "logAnalyticsDestinationType": "Dedicated",
                "logs": [
                    {"category": "Audit", "enabled": True, "retentionPolicy": {"enabled": False, "days": 0}}
                ],
                "metrics": [{"category": "AllMetrics", "enabled": True}],
            }
        },
        {
            "properties": {
                "storageAccountId": WORKSPACE,
                "logs": [
                    {"category": "Audit", "categoryGroup": "audit", "enabled": True},
                    {"enabled": "maybe"},
                ],
            }
        },
        frozenset(
            {
                "properties",
                "properties.storageAccountId",
                "properties.logs[0]",
                "properties.logs[1]",
                "properties.logs[1].enabled",
            }
        ),
        created=200,
    ),
    Example(
        WORKSPACE,
        "providers/Microsoft.Insights/dataCollectionRuleAssociations/configurationAccessEndpoint",
        {
            "properties": {
                "dataCollectionEndpointId": "{group}/providers/Microsoft.Insights/dataCollectionEndpoints/entry",
                "description": "Where this one asks.",
            }
        },
        {"properties": {"dataCollectionRuleId": WORKSPACE, "dataCollectionEndpointId": 7}},
        frozenset({"properties.dataCollectionEndpointId", "properties.dataCollectionRuleId"}),
    ),
    Example(
        WORKSPACE,
        "dataSources/events",
        {
            "kind": "WindowsEvent",
            "properties": {"eventLogName": "System", "eventTypes": [{"eventType": "Error"}]},
        },
        {"kind": "Rumours", "properties": "none", "tags": {"": "x"}},
        frozenset({"kind", "properties", "tags."}),
        listed="$filter=kind eq 'WindowsEvent'",
    ),
    Example(
        WORKSPACE,
        "dataExports/onwards",
        {
            "properties": {
                "tableNames": ["Heartbeat", "Later_CL"],
                "destination": {"resourceId": _STORAGE},
                "enable": True,
            }
        },
        {
            "properties": {
                "tableNames": ["NoSuchTable", "heartbeat", "Heartbeat"],
                "destination": {"resourceId": WORKSPACE, "metaData": {"eventHubName": 3}},
            }
        },
        frozenset(
            {
                "properties.tableNames[0]",
                "properties.tableNames[2]",
                "properties.destination.resourceId",
                "properties.destination.metaData.eventHubName",
            }
        ),
        absent=404,
    ),
    Example(
        WORKSPACE,
        "linkedStorageAccounts/CustomLogs",
        {"properties": {"storageAccountIds": [_STORAGE]}},
        {"properties": {"storageAccountIds": [WORKSPACE, "x", 3]}},
        frozenset(
            {
                "properties.storageAccountIds[0]",
                "properties.storageAccountIds[1]",
                "properties.storageAccountIds[2]",
            }
        ),
        created=200,
        absent=200,
    ),
    Example(
        WORKSPACE,
        "storageInsightConfigs/from-storage",
        {
            "properties": {
                "containers": ["wad-iis-logfiles"],
                "tables": ["WADWindowsEventLogsTable"],
                "storageAccount": {"id": _STORAGE, "key": "c2VjcmV0LWtleQ=="},
            }
        },
        {"properties": {"containers": "all", "storageAccount": {"id": "nowhere", "key": "not base64!"}}},
        frozenset({"properties.containers", "properties.storageAccount.id", "properties.storageAccount.key"}),
        etag="eTag",
        hidden=("properties.storageAccount.key",),
    ),
    Example(
        GROUP,
        "providers/Microsoft.OperationalInsights/queryPacks/common",
        {"location": "local", "tags": {"a": "b"}, "properties": {}},
        {"tags": {"a": 1}},
        frozenset({"location", "tags.a"}),
        created=200,
        patch={"tags": {"c": "d"}},
    ),
    Example(
        "{group}/providers/Microsoft.OperationalInsights/queryPacks/common",
        f"queries/{_QUERY_ID}",
        {
            "properties": {
                "displayName": "Beats",
                "body": "Heartbeat | count",
                "description": "How many.",
                "related": {"categories": ["monitor"], "resourceTypes": [], "solutions": ["LogManagement"]},
                "tags": {"team": ["one", "two"]},
            }
        },
        {"properties": {"displayName": "", "related": {"categories": "all"}, "tags": {"team": "one"}}},
        frozenset(
            {
                "properties.displayName",
                "properties.body",
                "properties.related.categories",
                "properties.tags.team",
            }
        ),
        created=200,
        patch={"properties": {"description": "How many there were."}},
    ),
    Example(
        "{group}/providers/Microsoft.Compute/virtualMachines/web-1",
        "providers/Microsoft.Authorization/locks/keep",
        {"properties": {"level": "CanNotDelete", "notes": "In use."}},
        {"properties": {"level": "Sometimes", "notes": 5}},
        frozenset({"properties.level", "properties.notes"}),
    ),
    Example(
        GROUP,
        "providers/Microsoft.OperationsManagement/solutions/Security(default)",
        {
            "location": "local",
            "plan": {
                "name": "Security(default)",
                "product": "OMSGallery/Security",
                "publisher": "Microsoft",
                "promotionCode": "",
            },
            "properties": {"workspaceResourceId": WORKSPACE},
        },
        {"plan": {"name": "Other(default)"}, "properties": {"workspaceResourceId": GROUP}},
        frozenset({"location", "plan.name", "plan.product", "properties.workspaceResourceId"}),
        patch={"tags": {"a": "b"}},
    ),
    Example(
        WORKSPACE,
        "dataPulls/heartbeats",
        {
            "properties": {
                "sourceWorkspaceResourceId": WORKSPACE,
                "sourceTable": "Heartbeat",
                "operators": "where OSType == 'Linux'",
                "destinationTable": "Pulled_CL",
                "intervalInMinutes": 30,
            }
        },
        {"properties": {"sourceTable": "1", "destinationTable": "a b", "intervalInMinutes": 5000}},
        frozenset(
            {
                "properties.sourceWorkspaceResourceId",
                "properties.sourceTable",
                "properties.destinationTable",
                "properties.intervalInMinutes",
            }
        ),
        patch={"properties": {"intervalInMinutes": 60}},
    ),
    Example(
        WORKSPACE,
        "summaryLogs/beats",
        {
            "properties": {
                "ruleType": "User",
                "displayName": "Beats of an hour",
                "ruleDefinition": {
                    "query": "Heartbeat | summarize Beats = count() by Computer",
                    "binSize": 60,
                    "binDelay": 10,
                    "destinationTable": "Beats_CL",
                },
            }
        },
        {"properties": {"ruleDefinition": {"binSize": 7, "binDelay": -1, "destinationTable": "Beats"}}},
        frozenset(
            {
                "properties.ruleDefinition.query",
                "properties.ruleDefinition.binSize",
                "properties.ruleDefinition.binDelay",
                "properties.ruleDefinition.destinationTable",
            }
        ),
        deleted=204,
    ),
)


def examples_in(workspace: str) -> list[tuple[str, Any]]:
    """Resource id and document of each example, in an order in which they can be made."""
    return [(example.resource_id(workspace), example.filled(workspace)) for example in EXAMPLES]
