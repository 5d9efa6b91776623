"""Roles: what they permit, and the built-in ones with the ids and actions that Azure documents for them.

Cf. "Azure built-in roles" (general, privileged, monitor, analytics categories). Actions of providers that Kelp does
not have are left out: they would permit nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from uuid import UUID


class RoleKind(StrEnum):
    """Who defined a role."""

    BUILT_IN = "BuiltInRole"
    CUSTOM = "CustomRole"


@dataclass(frozen=True, slots=True)
class Permission:
    """Action patterns, where `*` stands for any characters and case does not matter; exclusions win within a role."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def permits(self, action: str, *, is_data: bool = False) -> bool:
        """Tell whether the permission grants the action."""
        granted, excluded = (
            (self.data_actions, self.not_data_actions) if is_data else (self.actions, self.not_actions)
        )
        return _any_matches(granted, action) and not _any_matches(excluded, action)


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role. `id` is the last segment of its resource id."""

    id: UUID
    name: str
    description: str
    permissions: tuple[Permission, ...]
    kind: RoleKind = RoleKind.BUILT_IN
    assignable_scopes: tuple[str, ...] = field(default=("/",))

    def permits(self, action: str, *, is_data: bool = False) -> bool:
        """Tell whether any of its permissions grants the action."""
        return any(permission.permits(action, is_data=is_data) for permission in self.permissions)


OWNER = UUID("8e3af657-a8ff-443c-a75c-2fe8c4bcb635")
CONTRIBUTOR = UUID("b24988ac-6180-42a0-ab88-20f7382dd24c")
READER = UUID("acdd72a7-3385-48ef-bd42-f606fba81ae7")
USER_ACCESS_ADMINISTRATOR = UUID("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9")
LOG_ANALYTICS_READER = UUID("73c42c96-874c-492b-b04d-ab87d138a893")
LOG_ANALYTICS_CONTRIBUTOR = UUID("92aaf0da-9dab-42b6-94a3-d43ce8d16293")
MONITORING_READER = UUID("43d0d8ad-25c7-4714-9337-8ba259a9fe05")
MONITORING_CONTRIBUTOR = UUID("749f88d5-cbae-40b8-bcfc-e573ddc772fa")
MONITORING_METRICS_PUBLISHER = UUID("3913510d-42f4-4e42-8a64-420c390055eb")

_BUILT_IN = (
    RoleDefinition(
        OWNER,
        "Owner",
        "Grants full access to manage all resources, including the ability to assign roles.",
        (Permission(("*",)),),
    ),
    RoleDefinition(
        CONTRIBUTOR,
        "Contributor",
        "Grants full access to manage all resources, but does not allow you to assign roles.",
        (
            Permission(
                ("*",),
                (
                    "Microsoft.Authorization/*/Delete",
                    "Microsoft.Authorization/*/Write",
                    "Microsoft.Authorization/elevateAccess/Action",
                ),
            ),
        ),
    ),
    RoleDefinition(
        READER,
        "Reader",
        "View all resources, but does not allow you to make any changes.",
        (Permission(("*/read",)),),
    ),
    RoleDefinition(
        USER_ACCESS_ADMINISTRATOR,
        "User Access Administrator",
        "Lets you manage user access to resources.",
        (Permission(("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*")),),
    ),
    RoleDefinition(
        LOG_ANALYTICS_READER,
        "Log Analytics Reader",
        "Can view and search all monitoring data and view monitoring settings.",
        (
            Permission(
                (
                    "*/read",
                    "Microsoft.OperationalInsights/workspaces/analytics/query/action",
                    "Microsoft.OperationalInsights/workspaces/search/action",
                    "Microsoft.Support/*",
                ),
                ("Microsoft.OperationalInsights/workspaces/sharedKeys/read",),
            ),
        ),
    ),
    RoleDefinition(
        LOG_ANALYTICS_CONTRIBUTOR,
        "Log Analytics Contributor",
        "Can read all monitoring data and edit monitoring settings.",
        (
            Permission(
                (
                    "*/read",
                    "Microsoft.Insights/alertRules/*",
                    "Microsoft.Insights/diagnosticSettings/*",
                    "Microsoft.OperationalInsights/*",
                    "Microsoft.OperationsManagement/*",
                    "Microsoft.Resources/deployments/*",
                    "Microsoft.Resources/subscriptions/resourcegroups/deployments/*",
                    "Microsoft.Storage/storageAccounts/listKeys/action",
                    "Microsoft.Support/*",
                )
            ),
        ),
    ),
    RoleDefinition(
        MONITORING_READER,
        "Monitoring Reader",
        "Can read all monitoring data.",
        (
            Permission(
                (
                    "*/read",
                    "Microsoft.OperationalInsights/workspaces/search/action",
                    "Microsoft.Support/*",
                )
            ),
        ),
    ),
    RoleDefinition(
        MONITORING_CONTRIBUTOR,
        "Monitoring Contributor",
        "Can read all monitoring data and update monitoring settings.",
        (
            Permission(
                (
                    "*/read",
                    "Microsoft.AlertsManagement/alerts/*",
                    "Microsoft.AlertsManagement/alertsSummary/*",
                    "Microsoft.AlertsManagement/actionRules/*",
                    "Microsoft.AlertsManagement/smartDetectorAlertRules/*",
                    "Microsoft.AlertsManagement/smartGroups/*",
                    "Microsoft.Insights/actiongroups/*",
                    "Microsoft.Insights/activityLogAlerts/*",
                    "Microsoft.Insights/AlertRules/*",
                    "Microsoft.Insights/components/*",
                    "Microsoft.Insights/createNotifications/*",
                    "Microsoft.Insights/dataCollectionEndpoints/*",
                    "Microsoft.Insights/dataCollectionRules/*",
                    "Microsoft.Insights/dataCollectionRuleAssociations/*",
                    "Microsoft.Insights/DiagnosticSettings/*",
                    "Microsoft.Insights/eventtypes/*",
                    "Microsoft.Insights/LogDefinitions/*",
                    "Microsoft.Insights/metricalerts/*",
                    "Microsoft.Insights/MetricDefinitions/*",
                    "Microsoft.Insights/Metrics/*",
                    "Microsoft.Insights/notificationStatus/*",
                    "Microsoft.Insights/Register/Action",
                    "Microsoft.Insights/scheduledqueryrules/*",
                    "Microsoft.Insights/webtests/*",
                    "Microsoft.Insights/workbooks/*",
                    "Microsoft.OperationalInsights/workspaces/write",
                    "Microsoft.OperationalInsights/workspaces/intelligencepacks/*",
                    "Microsoft.OperationalInsights/workspaces/savedSearches/*",
                    "Microsoft.OperationalInsights/workspaces/search/action",
                    "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
                    "Microsoft.OperationalInsights/workspaces/storageinsightconfigs/*",
                    "Microsoft.Support/*",
                )
            ),
        ),
    ),
    RoleDefinition(
        MONITORING_METRICS_PUBLISHER,
        "Monitoring Metrics Publisher",
        "Enables publishing metrics and logs against resources.",
        (
            Permission(
                (
                    "Microsoft.Insights/Register/Action",
                    "Microsoft.Support/*",
                    "Microsoft.Resources/subscriptions/resourceGroups/read",
                ),
                data_actions=("Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"),
            ),
        ),
    ),
)

BUILT_IN_ROLES: Mapping[UUID, RoleDefinition] = MappingProxyType({role.id: role for role in _BUILT_IN})
"""The roles that every tenant has."""


def _any_matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(_compile(pattern).fullmatch(action) for pattern in patterns)


@lru_cache(maxsize=4096)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE)
