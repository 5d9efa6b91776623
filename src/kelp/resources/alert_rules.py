"""Alert rules: of queries over logs, of metrics, of the activity log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from kelp.kql.diagnostics import Severity
from kelp.kql.parser import parse
from kelp.resources.document import TrackedDocument
from kelp.resources.errors import Problem
from kelp.resources.shape import (
    Anything,
    Choice,
    Duration,
    Entries,
    Items,
    Moment,
    Number,
    Path,
    Record,
    Shape,
    Text,
    Truth,
    Whole,
)

_MAXIMUM_PERIODS = 6
_SEVERITY = Whole(0, 4)
_SCOPES = Items(Path(), minimum=1, maximum=100)
_TEXTS = Entries(Text())
_DIMENSIONS = Items(
    Record(
        {
            "name": Text(minimum=1),
            "operator": Choice(("Include", "Exclude", "StartsWith")),
            "values": Items(Text()),
        },
        required=("name", "operator", "values"),
    )
)
_COMPARISONS = "Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"
_QUERY_CONDITION = Record(
    {
        "query": Text(),
        "timeAggregation": Choice(("Count", "Average", "Minimum", "Maximum", "Total")),
        "metricMeasureColumn": Text(),
        "resourceIdColumn": Text(),
        "dimensions": _DIMENSIONS,
        "operator": Choice(_COMPARISONS),
        "threshold": Number(),
        "failingPeriods": Record(
            {
                "numberOfEvaluationPeriods": Whole(1, _MAXIMUM_PERIODS),
                "minFailingPeriodsToAlert": Whole(1, _MAXIMUM_PERIODS),
            }
        ),
        "metricName": Text(),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledQueryRule(TrackedDocument):
    """A rule that runs a query again and again, and compares what it gives with a threshold."""

    TYPE: ClassVar[str] = "Microsoft.Insights/scheduledQueryRules"
    SHAPE: ClassVar[Record] = Record(
        {
            "displayName": Text(maximum=256),
            "description": Text(maximum=4096),
            "severity": _SEVERITY,
            "enabled": Truth(),
            "scopes": _SCOPES,
            "evaluationFrequency": Duration(),
            "windowSize": Duration(),
            "overrideQueryTimeRange": Duration(),
            "muteActionsDuration": Duration(),
            "targetResourceTypes": Items(Text()),
            "criteria": Record({"allOf": Items(_QUERY_CONDITION, minimum=1, maximum=5)}, required=("allOf",)),
            "actions": Record(
                {"actionGroups": Items(Path(("Microsoft.Insights/actionGroups",)), maximum=5),
                 "customProperties": _TEXTS, "actionProperties": _TEXTS}
            ),
            "autoMitigate": Truth(),
            "resolveConfiguration": Record({"autoResolved": Truth(), "timeToResolve": Duration()}),
            "skipQueryValidation": Truth(),
            "checkWorkspaceAlertsStorageConfigured": Truth(),
        },
        required=("scopes", "criteria"),
        defaults={"enabled": True},
        read_only=(
            "createdWithApiVersion", "isLegacyLogAnalyticsRule", "isWorkspaceAlertsStorageConfigured",
            "provisioningState",
        ),
    )  # fmt: skip

    def check(self, name: str) -> list[Problem]:
        """Check what the conditions need of each other, and that queries can be read unless that is skipped."""
        problems = TrackedDocument.check(self, name)
        is_alert = (self.kind or "LogAlert").lower() == "logalert"
        if (self.kind or "LogAlert").lower() not in ("logalert", "logtometric"):
            problems.append(Problem("kind", f"'{self.kind}' is no kind of rule: LogAlert or LogToMetric."))
        for member in ("evaluationFrequency", "windowSize", "severity") if is_alert else ():
            if member not in self.document:
                problems.append(
                    Problem(f"properties.{member}", f"'properties.{member}' is required for a log alert.")
                )
        for index, condition in enumerate(self.document.get("criteria", {}).get("allOf", ())):
            target = f"properties.criteria.allOf[{index}]"
            problems += self._check_condition(target, condition) if is_alert else []
        return problems

    def _check_condition(self, target: str, condition: dict[str, Any]) -> list[Problem]:
        needed = ["query", "timeAggregation", "operator", "threshold"]
        if condition.get("timeAggregation", "Count") != "Count":
            needed.append("metricMeasureColumn")
        problems = [
            Problem(f"{target}.{member}", f"'{target}.{member}' is required.")
            for member in needed
            if member not in condition
        ]
        periods = condition.get("failingPeriods", {})
        if periods.get("minFailingPeriodsToAlert", 1) > periods.get("numberOfEvaluationPeriods", 1):
            problems.append(
                Problem(
                    f"{target}.failingPeriods",
                    "minFailingPeriodsToAlert can't be more than numberOfEvaluationPeriods.",
                )
            )
        if not self.document.get("skipQueryValidation"):
            problems += [
                Problem(f"{target}.query", f"The query can't be read: {found.message}.", "InvalidQuery")
                for found in parse(condition.get("query", "")).diagnostics
                if found.severity is Severity.ERROR and "query" in condition
            ]
        return problems


_METRIC_CRITERIA = {
    "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria": ("allOf",),
    "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria": ("allOf",),
    "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria": ("webTestId", "componentId", "failedLocationCount"),
    "Microsoft.Azure.Monitor.PromQLCriteria": ("allOf",),
}  # fmt: skip
_METRIC_CONDITION = Record(
    {
        "criterionType": Choice(("StaticThresholdCriterion", "DynamicThresholdCriterion")),
        "name": Text(minimum=1),
        "metricName": Text(minimum=1),
        "metricNamespace": Text(),
        "timeAggregation": Choice(("Average", "Count", "Minimum", "Maximum", "Total")),
        "dimensions": _DIMENSIONS,
        "operator": Choice((*_COMPARISONS, "GreaterOrLessThan")),
        "threshold": Number(),
        "alertSensitivity": Choice(("Low", "Medium", "High")),
        "failingPeriods": Record(
            {"numberOfEvaluationPeriods": Number(1), "minFailingPeriodsToAlert": Number(1)}
        ),
        "ignoreDataBefore": Moment(),
        "skipMetricValidation": Truth(),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAlert(TrackedDocument):
    """A rule that watches metrics."""

    TYPE: ClassVar[str] = "Microsoft.Insights/metricAlerts"
    SHAPE: ClassVar[Record] = Record(
        {
            "description": Text(maximum=4096),
            "severity": _SEVERITY,
            "enabled": Truth(),
            "scopes": _SCOPES,
            "evaluationFrequency": Duration(),
            "windowSize": Duration(),
            "targetResourceType": Text(),
            "targetResourceRegion": Text(),
            "criteria": Record(
                {
                    "odata.type": Choice(tuple(_METRIC_CRITERIA)),
                    "allOf": Items(_METRIC_CONDITION, minimum=1, maximum=5),
                    "webTestId": Path(),
                    "componentId": Path(),
                    "failedLocationCount": Number(1),
                },
                required=("odata.type",),
            ),
            "autoMitigate": Truth(),
            "actions": Items(
                Record(
                    {"actionGroupId": Path(("Microsoft.Insights/actionGroups",)), "webHookProperties": _TEXTS}
                )
            ),
        },
        required=("severity", "enabled", "scopes", "evaluationFrequency", "windowSize", "criteria"),
        defaults={"autoMitigate": True},
        read_only=("lastUpdatedTime", "isMigrated", "provisioningState"),
    )

    def check(self, name: str) -> list[Problem]:
        """Check that the criteria have what their type needs."""
        problems = TrackedDocument.check(self, name)
        criteria = self.document.get("criteria", {})
        target = "properties.criteria"
        for member in _METRIC_CRITERIA.get(criteria.get("odata.type", ""), ()):
            if member not in criteria:
                problems.append(Problem(f"{target}.{member}", f"'{target}.{member}' is required."))
        for index, condition in enumerate(criteria.get("allOf", ())):
            is_dynamic = condition.get("criterionType") == "DynamicThresholdCriterion"
            own = ("alertSensitivity", "failingPeriods") if is_dynamic else ("threshold",)
            problems += [
                Problem(
                    f"{target}.allOf[{index}].{member}", f"'{target}.allOf[{index}].{member}' is required."
                )
                for member in ("name", "metricName", "timeAggregation", "operator", *own)
                if member not in condition and "query" not in condition
            ]
        return problems


_LEAF: dict[str, Shape] = {
    "field": Text(minimum=1),
    "equals": Text(),
    "containsAny": Items(Text(), minimum=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLogAlert(TrackedDocument):
    """A rule that watches for records of the activity log."""

    TYPE: ClassVar[str] = "Microsoft.Insights/activityLogAlerts"
    SHAPE: ClassVar[Record] = Record(
        {
            "description": Text(maximum=4096),
            "enabled": Truth(),
            "scopes": _SCOPES,
            "condition": Record(
                {"allOf": Items(Record({**_LEAF, "anyOf": Items(Record(_LEAF), minimum=1)}), minimum=1)},
                required=("allOf",),
            ),
            "actions": Record(
                {
                    "actionGroups": Items(
                        Record(
                            {
                                "actionGroupId": Path(("Microsoft.Insights/actionGroups",)),
                                "webhookProperties": _TEXTS,
                            },
                            required=("actionGroupId",),
                        )
                    )
                }
            ),
            "tenantScope": Anything(),
        },
        required=("scopes", "condition", "actions"),
        defaults={"enabled": True},
        read_only=("provisioningState",),
    )

    def check(self, name: str) -> list[Problem]:
        """Check that each condition names a field and what it must be."""
        problems = TrackedDocument.check(self, name)
        conditions = self.document.get("condition", {}).get("allOf", ())
        target = "properties.condition.allOf"
        for index, condition in enumerate(conditions):
            for place, leaf in _leaves(f"{target}[{index}]", condition):
                if "field" not in leaf or ("equals" not in leaf) == ("containsAny" not in leaf):
                    text = f"'{place}' needs a field, and either equals or containsAny."
                    problems.append(Problem(place, text))
        is_of_category = any(str(one.get("field", "")).lower() == "category" for one in conditions)
        if conditions and not is_of_category:
            problems.append(Problem(target, "One of the conditions must be about the field 'category'."))
        return problems


def _leaves(target: str, condition: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if "anyOf" in condition:
        return [(f"{target}.anyOf[{index}]", leaf) for index, leaf in enumerate(condition["anyOf"])]
    return [(target, condition)]
