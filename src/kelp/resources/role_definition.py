"""Roles: what they permit, and the built-in ones with the ids and actions that Azure documents for them.

Cf. "Azure built-in roles" (general, privileged, monitor, analytics categories). Actions of providers that Kelp does
not have are left out: they would permit nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from kelp.resources.role_condition import matches_pattern


class RoleKind(StrEnum):
    """Who defined a role."""

    BUILT_IN = "BuiltInRole"
    CUSTOM = "CustomRole"


@dataclass(frozen=True, slots=True)
class Match:
    """The pattern that grants an action, and the one that takes it away again; None where there is none."""

    granting: str | None = None
    excluding: str | None = None

    @property
    def permits(self) -> bool:
        """Tell whether the action is granted after all."""
        return self.granting is not None and self.excluding is None


_NO_MATCH = Match()


@dataclass(frozen=True, slots=True)
class Permission:
    """Action patterns, where `*` stands for any characters and case does not matter; exclusions win within a role."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def match(self, action: str, *, is_data: bool = False) -> Match:
        """Return by which patterns the permission grants the action, or not."""
        granted, excluded = (
            (self.data_actions, self.not_data_actions) if is_data else (self.actions, self.not_actions)
        )
        granting = _find_matching(granted, action)
        return _NO_MATCH if granting is None else Match(granting, _find_matching(excluded, action))


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role. `id` is the last segment of its resource id."""

    id: UUID
    name: str
    description: str
    permissions: tuple[Permission, ...]
    kind: RoleKind = RoleKind.BUILT_IN
    assignable_scopes: tuple[str, ...] = field(default=("/",))

    def match(self, action: str, *, is_data: bool = False) -> Match:
        """Return by which patterns it grants the action: what one permission excludes another may grant."""
        found = _NO_MATCH
        for permission in self.permissions:
            match = permission.match(action, is_data=is_data)
            if match.permits:
                return match
            found = found if match.granting is None else match
        return found


OWNER = UUID("8e3af657-a8ff-443c-a75c-2fe8c4bcb635")
CONTRIBUTOR = UUID("b24988ac-6180-42a0-ab88-20f7382dd24c")
READER = UUID("acdd72a7-3385-48ef-bd42-f606fba81ae7")
USER_ACCESS_ADMINISTRATOR = UUID("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9")
LOG_ANALYTICS_READER = UUID("73c42c96-874c-492b-b04d-ab87d138a893")
LOG_ANALYTICS_CONTRIBUTOR = UUID("92aaf0da-9dab-42b6-94a3-d43ce8d16293")
DATA_PURGER = UUID("150f5e0c-0603-4f03-8c7f-cf70034c4e90")
MONITORING_READER = UUID("43d0d8ad-25c7-4714-9337-8ba259a9fe05")
MONITORING_CONTRIBUTOR = UUID("749f88d5-cbae-40b8-bcfc-e573ddc772fa")
MONITORING_METRICS_PUBLISHER = UUID("3913510d-42f4-4e42-8a64-420c390055eb")
CUSTOMER_LOCKBOX_APPROVER = UUID("4dae6930-7baf-46f5-909e-0383bc931c46")
INSTALLATION_OPERATOR = UUID("6b1c5c53-6a3a-4f5e-9f0e-9a8b7c6d5e4f")
"""Kelp's own role: Azure has none of the kind."""
KEY_VAULT_ADMINISTRATOR = UUID("00482a5a-887f-4fb3-b363-3b7fe8e74483")
KEY_VAULT_CONTRIBUTOR = UUID("f25e0fa2-a7c8-4377-a976-54943a77a395")
KEY_VAULT_CRYPTO_OFFICER = UUID("14b46e9e-c2b7-41b4-b07b-48a6ebf60603")
KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER = UUID("e147488a-f6f5-4113-8e2d-b22465e65bf6")
KEY_VAULT_CRYPTO_USER = UUID("12338af0-0e69-4776-bea7-57ae8d297424")
KEY_VAULT_READER = UUID("21090545-7ca7-4776-b22c-e363652d74d2")
KEY_VAULT_SECRETS_OFFICER = UUID("b86a8fe4-44ce-4948-aee5-eccb2c155cd7")
KEY_VAULT_SECRETS_USER = UUID("4633458b-17de-408a-b874-0445c86b69e6")

_SEES_VAULTS = (
    "Microsoft.Authorization/*/read",
    "Microsoft.KeyVault/checkNameAvailability/read",
    "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read",
    "Microsoft.KeyVault/vaults/*/read",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
"""What those who manage the contents of a vault may do beside it."""


def _vault_role(
    role_id: UUID, name: str, does: str, *data_actions: str, actions: tuple[str, ...] = ()
) -> RoleDefinition:
    description = (
        f"{does} Only works for key vaults that use the 'Azure role-based access control' permission model."
    )
    granted = tuple(f"Microsoft.KeyVault/vaults/{action}" for action in data_actions)
    return RoleDefinition(role_id, name, description, (Permission(actions, data_actions=granted),))


_VAULT_ROLES = (
    RoleDefinition(
        KEY_VAULT_CONTRIBUTOR,
        "Key Vault Contributor",
        "Lets you manage key vaults, but not access to them.",
        (
            Permission(
                (
                    "Microsoft.Authorization/*/read",
                    "Microsoft.Insights/alertRules/*",
                    "Microsoft.KeyVault/*",
                    "Microsoft.Resources/deployments/*",
                    "Microsoft.Resources/subscriptions/resourceGroups/read",
                    "Microsoft.Support/*",
                ),
                ("Microsoft.KeyVault/locations/deletedVaults/purge/action",),
            ),
        ),
    ),
    _vault_role(
        KEY_VAULT_ADMINISTRATOR,
        "Key Vault Administrator",
        "Perform all data plane operations on a key vault and all objects in it. Cannot manage key vault resources "
        "or manage role assignments.",
        "*",
        actions=_SEES_VAULTS,
    ),
    _vault_role(
        KEY_VAULT_CRYPTO_OFFICER,
        "Key Vault Crypto Officer",
        "Perform any action on the keys of a key vault, except manage permissions.",
        "keys/*",
        "keyrotationpolicies/*",
        actions=_SEES_VAULTS,
    ),
    _vault_role(
        KEY_VAULT_CRYPTO_USER,
        "Key Vault Crypto User",
        "Perform cryptographic operations using keys.",
        "keys/read",
        "keys/update/action",
        "keys/backup/action",
        "keys/encrypt/action",
        "keys/decrypt/action",
        "keys/wrap/action",
        "keys/unwrap/action",
        "keys/sign/action",
        "keys/verify/action",
    ),
    _vault_role(
        KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
        "Key Vault Crypto Service Encryption User",
        "Read metadata of keys and perform wrap/unwrap operations.",
        "keys/read",
        "keys/wrap/action",
        "keys/unwrap/action",
    ),
    _vault_role(
        KEY_VAULT_SECRETS_OFFICER,
        "Key Vault Secrets Officer",
        "Perform any action on the secrets of a key vault, except manage permissions.",
        "secrets/*",
        actions=_SEES_VAULTS,
    ),
    _vault_role(
        KEY_VAULT_SECRETS_USER,
        "Key Vault Secrets User",
        "Read secret contents.",
        "secrets/getSecret/action",
        "secrets/readMetadata/action",
    ),
    _vault_role(
        KEY_VAULT_READER,
        "Key Vault Reader",
        "Read metadata of key vaults and its keys and secrets. Cannot read secret contents or key material.",
        "*/read",
        "secrets/readMetadata/action",
        actions=_SEES_VAULTS,
    ),
    RoleDefinition(
        INSTALLATION_OPERATOR,
        "Kelp Installation Operator",
        "Can replace the keys of the installation and ask customers for access to a workspace. Assigned at the root of "
        "the installation's first tenant; grants no access to data.",
        (Permission(("Kelp.Keys/*", "Microsoft.CustomerLockbox/requests/request/action")),),
    ),
    RoleDefinition(
        CUSTOMER_LOCKBOX_APPROVER,
        "Azure Customer Lockbox Approver for Subscription",
        "Can approve or deny requests of operators to access the data of a workspace of the subscription.",
        (
            Permission(
                (
                    "Microsoft.Authorization/*/read",
                    "Microsoft.CustomerLockbox/requests/UpdateApproval/action",
                    "Microsoft.CustomerLockbox/requests/read",
                    "Microsoft.Resources/subscriptions/read",
                    "Microsoft.Resources/subscriptions/resourceGroups/read",
                )
            ),
        ),
    ),
)
LOG_ANALYTICS_DATA_READER = UUID("3b03c2da-16b3-4a49-8834-0f8130efdd3b")
REGISTRATION_ASSIGNMENT_DELETE = UUID("91c1777a-f3dc-4fae-b103-61d183457e46")

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
        DATA_PURGER,
        "Data Purger",
        "Can purge analytics data",
        (
            Permission(
                (
                    "Microsoft.OperationalInsights/workspaces/*/read",
                    "Microsoft.OperationalInsights/workspaces/purge/action",
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
    *_VAULT_ROLES,
    RoleDefinition(
        LOG_ANALYTICS_DATA_READER,
        "Log Analytics Data Reader",
        "Can query and search all logs they are authorized to view in a Log Analytics workspace.",
        (
            Permission(
                (
                    "Microsoft.OperationalInsights/workspaces/query/read",
                    "Microsoft.OperationalInsights/workspaces/read",
                ),
                data_actions=("Microsoft.OperationalInsights/workspaces/tables/data/read",),
            ),
        ),
    ),
    RoleDefinition(
        REGISTRATION_ASSIGNMENT_DELETE,
        "Managed Services Registration assignment Delete Role",
        "Allows the managing tenant users to delete the registration assignment assigned to their tenant.",
        (
            Permission(
                (
                    "Microsoft.ManagedServices/registrationAssignments/read",
                    "Microsoft.ManagedServices/registrationAssignments/delete",
                    "Microsoft.ManagedServices/operationStatuses/read",
                )
            ),
        ),
    ),
)

BUILT_IN_ROLES: Mapping[UUID, RoleDefinition] = MappingProxyType({role.id: role for role in _BUILT_IN})
"""The roles that every tenant has."""


def _find_matching(patterns: tuple[str, ...], action: str) -> str | None:
    return next((pattern for pattern in patterns if matches_pattern(pattern, action)), None)
