"""What can be done, as roles name it: the actions of each provider (`Microsoft.Authorization/providerOperations`).

Every type of resource has read, write and delete; what is not one of these stands in the tables below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kelp.api.management.api_versions import KNOWN_VERSIONS
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.providers import resource_types

_NAMESPACE = "Microsoft.Authorization"
_TYPE = f"{_NAMESPACE}/providerOperations"
_VERBS = (("read", "Read"), ("write", "Create or change"), ("delete", "Delete"))
_LOGS, _INSIGHTS, _RESOURCES = "Microsoft.OperationalInsights", "Microsoft.Insights", "Microsoft.Resources"
_NO_RESOURCES = {
    "Microsoft.Authorization": ("permissions",),
    "Microsoft.KeyVault": ("checkNameAvailability", "locations/deletedVaults"),
    "Microsoft.Subscription": ("cancel", "enable", "rename"),
    _RESOURCES: ("resourceGroups", "subscriptions", "tenants"),
}
"""Types that a provider tells of, but which no role names so."""
_SPECIAL = (
    (_LOGS, "workspaces", "query/read", "Query a workspace"),
    (_LOGS, "workspaces", "query/*/read", "Read the records of every table"),
    (_LOGS, "workspaces", "analytics/query/action", "Search with the newer engine"),
    (_LOGS, "workspaces", "search/action", "Run a search over a workspace"),
    (_LOGS, "workspaces", "schema/read", "Read the fields of a workspace's tables"),
    (_LOGS, "workspaces", "usages/read", "Read how much a workspace takes in"),
    (_LOGS, "workspaces", "sharedKeys/action", "Read the access keys of a workspace"),
    (_LOGS, "workspaces", "regenerateSharedKey/action", "Replace an access key of a workspace"),
    (_LOGS, "workspaces", "purge/action", "Remove records for good"),
    (_LOGS, "workspaces", "operations/read", "Follow a purge"),
    (_LOGS, "workspaces/customers", "listKeys/action", "Read the enrollment keys of a customer"),
    (_LOGS, "workspaces/customers", "regenerateKey/action", "Replace an enrollment key of a customer"),
    (_LOGS, "workspaces/summaryLogs", "start/action", "Start a summary rule"),
    (_LOGS, "workspaces/summaryLogs", "stop/action", "Stop a summary rule"),
    (_LOGS, "workspaces/summaryLogs", "retrybin/action", "Summarize a window again"),
    (_LOGS, "workspaces/tables", "migrate/action", "Bring an older custom table to the newer form"),
    (_INSIGHTS, "logs", "*/read", "Read what a resource logged, whichever table it is in"),
    (_INSIGHTS, "eventtypes/values", "read", "Read the activity log"),
    ("Microsoft.Authorization", "elevateAccess", "Action", "Take all access"),
    ("Microsoft.CostManagement", "query", "action", "Read what it costs"),
    ("Microsoft.CustomerLockbox", "requests", "request/action", "Ask a customer for access"),
    ("Microsoft.CustomerLockbox", "requests", "UpdateApproval/action", "Answer a request for access"),
    ("Microsoft.KeyVault", "vaults", "accessPolicies/write", "Change who may use what a vault holds"),
    ("Microsoft.KeyVault", "vaults", "deploy/action", "Let deployments read secrets of a vault"),
    ("Microsoft.KeyVault", "checkNameAvailability", "read", "Ask whether the name of a vault is free"),
    ("Microsoft.KeyVault", "locations/deletedVaults", "purge/action", "Destroy a deleted vault"),
    ("Microsoft.Subscription", "cancel", "action", "Cancel a subscription"),
    ("Microsoft.Subscription", "enable", "action", "Enable a canceled subscription"),
    ("Microsoft.Subscription", "rename", "action", "Rename a subscription"),
    (_RESOURCES, "subscriptions", "read", "Read a subscription"),
    (_RESOURCES, "subscriptions/resources", "read", "List the resources of a subscription"),
    (_RESOURCES, "subscriptions/resourceGroups", "read", "Read resource groups"),
    (_RESOURCES, "subscriptions/resourceGroups", "write", "Create or change resource groups"),
    (_RESOURCES, "subscriptions/resourceGroups", "delete", "Delete resource groups"),
    (_RESOURCES, "subscriptions/resourceGroups", "moveResources/action", "Move resources to another group"),
    (_RESOURCES, "deployments", "validate/action", "Check a deployment"),
    (_RESOURCES, "deployments", "whatIf/action", "Foresee what a deployment would change"),
    (_RESOURCES, "deployments", "cancel/action", "Cancel a deployment"),
    (_RESOURCES, "deployments", "exportTemplate/action", "Read the template of a deployment"),
    (_RESOURCES, "deployments/operations", "read", "Read the steps of a deployment"),
    ("Kelp.Keys", "keys", "rotate/action", "Replace the keys of the installation"),
)
"""Provider, type, verb, what it does."""
_ON_DATA = (
    (
        _LOGS,
        "workspaces/tables/data",
        "read",
        "Read records, of all tables or of those that a condition names",
    ),
    (_INSIGHTS, "Telemetry", "Write", "Send records through a data collection rule"),
    (_INSIGHTS, "Metrics", "Write", "Send metrics"),
    ("Microsoft.KeyVault", "vaults/keys", "read", "Read keys of a vault"),
    ("Microsoft.KeyVault", "vaults/keys", "create/action", "Make keys in a vault"),
    ("Microsoft.KeyVault", "vaults/keys", "encrypt/action", "Encrypt with a key of a vault"),
    ("Microsoft.KeyVault", "vaults/keys", "decrypt/action", "Decrypt with a key of a vault"),
    ("Microsoft.KeyVault", "vaults/keys", "wrap/action", "Wrap a key with a key of a vault"),
    ("Microsoft.KeyVault", "vaults/keys", "unwrap/action", "Unwrap a key with a key of a vault"),
    ("Microsoft.KeyVault", "vaults/keys", "sign/action", "Sign with a key of a vault"),
    ("Microsoft.KeyVault", "vaults/keys", "verify/action", "Verify with a key of a vault"),
    ("Microsoft.KeyVault", "vaults/secrets", "readMetadata/action", "List the secrets of a vault"),
    ("Microsoft.KeyVault", "vaults/secrets", "getSecret/action", "Read secrets of a vault"),
    ("Microsoft.KeyVault", "vaults/secrets", "setSecret/action", "Make secrets in a vault"),
)


@dataclass(frozen=True, slots=True)
class ProviderOperation:
    """An action of a provider upon a type of resource."""

    namespace: str
    kind: str
    verb: str
    title: str
    is_data: bool = False

    @property
    def name(self) -> str:
        """The action, as roles name it."""
        return f"{self.namespace}/{self.kind}/{self.verb}"


def iter_operations(namespace: str) -> Iterator[ProviderOperation]:
    """Yield the actions of a provider: of each type, then what is special, then those on data."""
    for kind in resource_types(namespace):
        if kind not in _NO_RESOURCES.get(namespace, ()):
            for verb, word in _VERBS:
                yield ProviderOperation(namespace, kind, verb, f"{word} {kind}")
    for is_data, table in ((False, _SPECIAL), (True, _ON_DATA)):
        for owner, kind, verb, title in table:
            if owner == namespace:
                yield ProviderOperation(namespace, kind, verb, title, is_data)


def list_provider_operations(_call: Call) -> Answer:
    """Answer with the actions of all providers; the document of actions is for everybody."""
    return Answer(200, {"value": [_describe_provider(namespace) for namespace in KNOWN_VERSIONS]})


def _describe_provider(namespace: str) -> dict[str, Any]:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for operation in iter_operations(namespace):
        kinds.setdefault(operation.kind, []).append(
            {
                "name": operation.name,
                "displayName": operation.title,
                "description": operation.title,
                "origin": "user",
                "isDataAction": operation.is_data,
            }
        )
    return {
        "id": f"/providers/{_TYPE}/{namespace}",
        "type": _TYPE,
        "name": namespace,
        "displayName": namespace,
        "resourceTypes": [
            {"name": kind, "displayName": kind, "operations": operations}
            for kind, operations in kinds.items()
        ],
        "operations": [],
    }


ROUTES = (ManagementRoute("GET", f"/providers/{_TYPE}", _NAMESPACE, list_provider_operations),)
