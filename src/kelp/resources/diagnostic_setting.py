"""A diagnostic setting: which of a resource's own logs and metrics go to which workspace or other place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar

from kelp.base.ids import ResourceId
from kelp.resources.document import Document
from kelp.resources.errors import Problem, refuse_if_any
from kelp.resources.shape import Choice, Items, Path, Record, Text, Truth, Whole

if TYPE_CHECKING:
    from typing import Self

    from kelp.resources.transaction import Transaction

MAXIMUM_SETTINGS = 5
_SUBSCRIPTION_CATEGORIES = (
    "Administrative", "Security", "ServiceHealth", "Alert", "Recommendation", "Policy", "Autoscale", "ResourceHealth",
)  # fmt: skip
_RETENTION = Record({"enabled": Truth(), "days": Whole(0, 365)}, required=("enabled", "days"))
_DESTINATIONS = (
    "workspaceId",
    "storageAccountId",
    "eventHubAuthorizationRuleId",
    "serviceBusRuleId",
    "marketplacePartnerId",
)


@cache
def _categories_by_type() -> Mapping[str, tuple[str, ...]]:
    """Return the categories of logs by resource type in lower case."""
    text = files("kelp.resources").joinpath("log_categories.json").read_text(encoding="utf-8")
    return {kind.lower(): tuple(names) for kind, names in json.loads(text).items()}


def log_categories(resource_id: ResourceId) -> tuple[str, ...] | None:
    """Return the categories of logs that a resource of that type has; None for a type that is not known."""
    if resource_id.type == "Microsoft.Resources/subscriptions":
        return _SUBSCRIPTION_CATEGORIES
    return _categories_by_type().get(resource_id.type.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticSetting(Document):
    """A resource has at most five. `logAnalyticsDestinationType` of Dedicated means a table for each category."""

    TYPE: ClassVar[str] = "Microsoft.Insights/diagnosticSettings"
    SHAPE: ClassVar[Record] = Record(
        {
            "workspaceId": Path(("Microsoft.OperationalInsights/workspaces",)),
            "storageAccountId": Path(("Microsoft.Storage/storageAccounts",)),
            "eventHubAuthorizationRuleId": Path(),
            "eventHubName": Text(minimum=1, maximum=256),
            "serviceBusRuleId": Path(),
            "marketplacePartnerId": Path(),
            "logAnalyticsDestinationType": Choice(("Dedicated", "AzureDiagnostics")),
            "logs": Items(
                Record(
                    {
                        "category": Text(minimum=1),
                        "categoryGroup": Choice(("allLogs", "audit")),
                        "enabled": Truth(),
                        "retentionPolicy": _RETENTION,
                    },
                    required=("enabled",),
                )
            ),
            "metrics": Items(
                Record(
                    {
                        "category": Text(minimum=1),
                        "timeGrain": Text(),
                        "enabled": Truth(),
                        "retentionPolicy": _RETENTION,
                    },
                    required=("enabled",),
                )
            ),
        }
    )

    def check(self, name: str) -> list[Problem]:
        """Check that something goes somewhere, and that each log is named in one way."""
        problems = []
        if not any(self.document.get(member) for member in _DESTINATIONS):
            destinations = ", ".join(_DESTINATIONS)
            problems.append(
                Problem("properties", f"A diagnostic setting needs a destination: one of {destinations}.")
            )
        logs, metrics = self.document.get("logs", ()), self.document.get("metrics", ())
        if not logs and not metrics:
            problems.append(Problem("properties.logs", "A diagnostic setting needs a log or a metric."))
        for index, log in enumerate(logs):
            if ("category" in log) == ("categoryGroup" in log):
                target = f"properties.logs[{index}]"
                problems.append(Problem(target, f"'{target}' names either a category or a categoryGroup."))
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Refuse categories that the resource does not have, and a sixth setting."""
        scope = resource_id.parent or ResourceId()
        beside = [one for one in transaction.iter_kind(DiagnosticSetting, scope) if one.id.parent == scope]
        problems = _check_categories(scope, self.document.get("logs", ()))
        if before is None and len(beside) >= MAXIMUM_SETTINGS:
            problems.append(
                Problem("name", f"A resource has at most {MAXIMUM_SETTINGS} diagnostic settings.")
            )
        refuse_if_any(problems)
        return self


def _check_categories(scope: ResourceId, logs: list[dict[str, Any]] | tuple[()]) -> list[Problem]:
    known = log_categories(scope)
    if known is None:
        return []
    names = {name.lower() for name in known}
    return [
        Problem(
            f"properties.logs[{index}].category",
            f"Category '{log['category']}' is not one of {scope.type}: {', '.join(known)}.",
            "InvalidCategory",
        )
        for index, log in enumerate(logs)
        if "category" in log and log["category"].lower() not in names
    ]
