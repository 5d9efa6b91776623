"""The closed set of resource kinds, and how their properties are kept as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from kelp.resources.action_group import ActionGroup
from kelp.resources.alert_rules import ActivityLogAlert, MetricAlert, ScheduledQueryRule
from kelp.resources.cluster import RECOVERY_PERIOD as CLUSTER_RECOVERY_PERIOD
from kelp.resources.cluster import Cluster
from kelp.resources.component import Component
from kelp.resources.custom_role import CustomRole
from kelp.resources.customer import Customer
from kelp.resources.data_collection_association import DataCollectionRuleAssociation
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint
from kelp.resources.data_collection_rule import DataCollectionRule
from kelp.resources.data_export import DataExport
from kelp.resources.data_pull import DataPull
from kelp.resources.data_source import DataSource
from kelp.resources.delegation import RegistrationAssignment, RegistrationDefinition
from kelp.resources.deployment import Deployment
from kelp.resources.diagnostic_setting import DiagnosticSetting
from kelp.resources.intelligence_pack import IntelligencePack
from kelp.resources.key_vault import KeyVault
from kelp.resources.linked_storage import LinkedStorageAccount
from kelp.resources.lock import Lock
from kelp.resources.lockbox import LockboxRequest
from kelp.resources.plain import Plain
from kelp.resources.query_pack import PackQuery, QueryPack
from kelp.resources.resource_group import ResourceGroup
from kelp.resources.role_assignment import RoleAssignment
from kelp.resources.saved_search import SavedSearch
from kelp.resources.solution import Solution
from kelp.resources.storage_insight import StorageInsight
from kelp.resources.subscription import Subscription
from kelp.resources.summary_rule import SummaryRule
from kelp.resources.table import Table
from kelp.resources.workbook import Workbook
from kelp.resources.workspace import RECOVERY_PERIOD as WORKSPACE_RECOVERY_PERIOD
from kelp.resources.workspace import Workspace

Properties: TypeAlias = (
    Subscription
    | ResourceGroup
    | Workspace
    | Cluster
    | Customer
    | Table
    | DataCollectionRule
    | DataCollectionEndpoint
    | KeyVault
    | LockboxRequest
    | RoleAssignment
    | CustomRole
    | RegistrationDefinition
    | RegistrationAssignment
    | Plain
    | Deployment
)

PLAIN_KINDS: tuple[type[Plain], ...] = (
    ActionGroup,
    ActivityLogAlert,
    Component,
    DataCollectionRuleAssociation,
    DataExport,
    DataPull,
    DataSource,
    DiagnosticSetting,
    IntelligencePack,
    LinkedStorageAccount,
    Lock,
    MetricAlert,
    PackQuery,
    QueryPack,
    SavedSearch,
    ScheduledQueryRule,
    Solution,
    StorageInsight,
    SummaryRule,
    Workbook,
)
"""The kinds that are checked and kept, and need nothing else of the store."""

TYPE_OF_KIND: Mapping[type, str] = MappingProxyType(
    {
        Subscription: "Microsoft.Resources/subscriptions",
        ResourceGroup: "Microsoft.Resources/resourceGroups",
        Workspace: "Microsoft.OperationalInsights/workspaces",
        Cluster: "Microsoft.OperationalInsights/clusters",
        Customer: "Microsoft.OperationalInsights/workspaces/customers",
        Table: "Microsoft.OperationalInsights/workspaces/tables",
        DataCollectionRule: "Microsoft.Insights/dataCollectionRules",
        DataCollectionEndpoint: "Microsoft.Insights/dataCollectionEndpoints",
        KeyVault: "Microsoft.KeyVault/vaults",
        LockboxRequest: "Microsoft.CustomerLockbox/requests",
        RoleAssignment: "Microsoft.Authorization/roleAssignments",
        CustomRole: "Microsoft.Authorization/roleDefinitions",
        RegistrationDefinition: "Microsoft.ManagedServices/registrationDefinitions",
        RegistrationAssignment: "Microsoft.ManagedServices/registrationAssignments",
        **{kind: kind.TYPE for kind in PLAIN_KINDS},
        Deployment: "Microsoft.Resources/deployments",
    }
)
"""The Azure type of each kind."""

SoftDeletable: TypeAlias = Workspace | Cluster | KeyVault
"""Kinds that can be recovered for some time after they were deleted, with what lies below them."""

RECOVERY_PERIODS: Mapping[type[SoftDeletable], timedelta] = MappingProxyType(
    {Workspace: WORKSPACE_RECOVERY_PERIOD, Cluster: CLUSTER_RECOVERY_PERIOD}
)
"""How long they can be recovered where nobody says otherwise; a key vault says it itself."""

KIND_OF_TYPE: Mapping[str, type[Properties]] = MappingProxyType(
    {name.lower(): kind for kind, name in TYPE_OF_KIND.items()}
)
"""The kind of each Azure type, by its lower-case name."""


def find_recovery_period(properties: Properties) -> timedelta | None:
    """Return how long a resource can be recovered after it was deleted; None for not at all."""
    if isinstance(properties, KeyVault):
        return properties.recovery_period
    return RECOVERY_PERIODS.get(type(properties))  # type: ignore[arg-type]


def encode_properties(properties: Properties) -> str:
    """Return the JSON text in which properties are kept."""
    return msgspec.json.encode(properties).decode()


def decode_properties(resource_type: str, text: str) -> Properties:
    """Read what `encode_properties` wrote; members that came later take their defaults."""
    return msgspec.json.decode(text, type=KIND_OF_TYPE[resource_type.lower()])


def external_id(properties: Properties) -> str | None:
    """Return the second name by which clients know the resource, unique among its kind."""
    match properties:
        case Workspace(workspace_id=workspace_id):
            return str(workspace_id)
        case Cluster(cluster_id=cluster_id):
            return str(cluster_id)
        case Customer(customer_id=customer_id):
            return str(customer_id)
        case KeyVault(name_key=name_key):
            return name_key
        case (
            DataCollectionRule(immutable_id=immutable_id) | DataCollectionEndpoint(immutable_id=immutable_id)
        ):
            return immutable_id
        case _:
            return None
