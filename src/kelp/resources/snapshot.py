"""What the data planes ask of the resource store on every request, in memory.

Immutable: a write makes a new snapshot and swaps it in, so a reader that holds one sees one consistent state. Holds
no secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, assert_never, cast
from uuid import UUID

from kelp.base.ids import ResourceId, WorkspaceId
from kelp.resources.cluster import Cluster
from kelp.resources.custom_role import CustomRole
from kelp.resources.customer import Customer
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint
from kelp.resources.data_collection_rule import DataCollectionRule
from kelp.resources.delegation import RegistrationAssignment, RegistrationDefinition
from kelp.resources.deployment import Deployment
from kelp.resources.key_vault import KeyVault
from kelp.resources.kinds import Properties
from kelp.resources.lock import Lock
from kelp.resources.lockbox import LockboxRequest
from kelp.resources.plain import Plain
from kelp.resources.resource_group import ResourceGroup
from kelp.resources.role_assignment import RoleAssignment
from kelp.resources.saved_search import SavedSearch
from kelp.resources.stores import all_stores
from kelp.resources.subscription import Subscription
from kelp.resources.table import Table
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from kelp.resources.resource import Resource

K = TypeVar("K")
V = TypeVar("V")


def _empty() -> Mapping[K, V]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live resources that matter on hot paths, at one version of the store.

    Keys of mappings named `.._by_key` are `ResourceId.key`; tables are by workspace key, then by name in lower case;
    functions by workspace key, then by alias; key vaults by name in lower case;
    lockbox requests by the operator who asked.
    functions by workspace key, then by alias. Assignments are by principal, delegations by the key of
    their scope, definitions of delegations by their own key.
    """

    version: int = 0
    subscriptions_by_key: Mapping[str, Resource[Subscription]] = field(default_factory=_empty)
    workspaces: Mapping[WorkspaceId, Resource[Workspace]] = field(default_factory=_empty)
    workspaces_by_key: Mapping[str, Resource[Workspace]] = field(default_factory=_empty)
    workspaces_by_store: Mapping[UUID, Resource[Workspace]] = field(default_factory=_empty)
    clusters: Mapping[UUID, Resource[Cluster]] = field(default_factory=_empty)
    tables: Mapping[str, Mapping[str, Resource[Table]]] = field(default_factory=_empty)
    customers: Mapping[UUID, Resource[Customer]] = field(default_factory=_empty)
    customers_of: Mapping[WorkspaceId, tuple[Resource[Customer], ...]] = field(default_factory=_empty)
    senders: Mapping[tuple[WorkspaceId, UUID], Resource[Customer]] = field(default_factory=_empty)
    """Customers by their own id, by their workspace, and by workspace and service principal that sends for them."""
    rules: Mapping[str, Resource[DataCollectionRule]] = field(default_factory=_empty)
    endpoints: Mapping[str, Resource[DataCollectionEndpoint]] = field(default_factory=_empty)
    assignments: Mapping[UUID, tuple[Resource[RoleAssignment], ...]] = field(default_factory=_empty)
    key_vaults: Mapping[str, Resource[KeyVault]] = field(default_factory=_empty)
    lockbox_requests: Mapping[UUID, tuple[Resource[LockboxRequest], ...]] = field(default_factory=_empty)
    roles: Mapping[UUID, Resource[CustomRole]] = field(default_factory=_empty)
    delegations: Mapping[str, tuple[Resource[RegistrationAssignment], ...]] = field(default_factory=_empty)
    delegation_definitions: Mapping[str, Resource[RegistrationDefinition]] = field(default_factory=_empty)
    functions: Mapping[str, Mapping[str, Resource[SavedSearch]]] = field(default_factory=_empty)
    locks: Mapping[str, Resource[Lock]] = field(default_factory=_empty)

    def find_table(self, workspace: Resource[Workspace], name: str) -> Resource[Table] | None:
        """Return the stored definition of a table, in any case of its name."""
        return self.tables.get(workspace.id.key, {}).get(name.lower())

    def find_tenant_id(self, scope: ResourceId) -> UUID | None:
        """Return the tenant that owns the scope's subscription; None for an unknown one and for the root."""
        if scope.subscription_id is None:
            return None
        subscription = self.subscriptions_by_key.get(f"/subscriptions/{scope.subscription_id}")
        return subscription.tenant_id if subscription else None


def change_snapshot(
    snapshot: Snapshot,
    version: int,
    removed: Iterable[Resource[Properties]],
    added: Iterable[Resource[Properties]],
) -> Snapshot:
    """Return the snapshot without the removed resources and with the added ones, which replace those of their id."""
    builder = _Builder(snapshot)
    for resource in removed:
        builder.remove(resource)
    for resource in added:
        builder.add(resource)
    return builder.build(version)


class _Builder:
    """A mutable copy of a snapshot: copying thousands of references takes less time than the write that asks for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._subscriptions = dict(snapshot.subscriptions_by_key)
        self._workspaces = dict(snapshot.workspaces)
        self._workspaces_by_key = dict(snapshot.workspaces_by_key)
        self._workspaces_by_store = dict(snapshot.workspaces_by_store)
        self._clusters = dict(snapshot.clusters)
        self._tables = dict(snapshot.tables)
        self._customers = dict(snapshot.customers)
        self._customers_of = dict(snapshot.customers_of)
        self._senders = dict(snapshot.senders)
        self._rules = dict(snapshot.rules)
        self._endpoints = dict(snapshot.endpoints)
        self._assignments = dict(snapshot.assignments)
        self._key_vaults = dict(snapshot.key_vaults)
        self._lockbox_requests = dict(snapshot.lockbox_requests)
        self._roles = dict(snapshot.roles)
        self._delegations = dict(snapshot.delegations)
        self._delegation_definitions = dict(snapshot.delegation_definitions)
        self._functions = dict(snapshot.functions)
        self._locks = dict(snapshot.locks)

    def add(self, resource: Resource[Properties]) -> None:
        """Take the resource in, in place of the one of its id."""
        match resource.properties:
            case Subscription():
                self._subscriptions[resource.id.key] = cast("Resource[Subscription]", resource)
            case Workspace(workspace_id=workspace_id):
                workspace = cast("Resource[Workspace]", resource)
                self._forget_stores(workspace_id)
                self._workspaces[workspace_id] = workspace
                self._workspaces_by_key[resource.id.key] = workspace
                for store_id in all_stores(workspace):
                    self._workspaces_by_store[store_id] = workspace
            case Cluster(cluster_id=cluster_id):
                self._clusters[cluster_id] = cast("Resource[Cluster]", resource)
            case Table():
                tables = {**self._tables_beside(resource), resource.id.name.lower(): resource}
                self._set_tables_beside(resource, cast("dict[str, Resource[Table]]", tables))
            case Customer():
                self.remove(resource)
                self._add_customer(cast("Resource[Customer]", resource))
            case DataCollectionRule(immutable_id=immutable_id):
                self._rules[immutable_id] = cast("Resource[DataCollectionRule]", resource)
            case DataCollectionEndpoint(immutable_id=immutable_id):
                self._endpoints[immutable_id] = cast("Resource[DataCollectionEndpoint]", resource)
            case RoleAssignment(principal_id=principal_id):
                self.remove(resource)
                granted = self._assignments.get(principal_id, ())
                self._assignments[principal_id] = (*granted, cast("Resource[RoleAssignment]", resource))
            case KeyVault(name_key=name_key):
                self._key_vaults[name_key] = cast("Resource[KeyVault]", resource)
            case LockboxRequest(operator_id=operator_id):
                self.remove(resource)
                asked = self._lockbox_requests.get(operator_id, ())
                self._lockbox_requests[operator_id] = (*asked, cast("Resource[LockboxRequest]", resource))
            case CustomRole():
                self._roles[UUID(resource.id.name)] = cast("Resource[CustomRole]", resource)
            case RegistrationDefinition():
                definition = cast("Resource[RegistrationDefinition]", resource)
                self._delegation_definitions[resource.id.key] = definition
            case RegistrationAssignment(scope=scope):
                self.remove(resource)
                there = self._delegations.get(scope.lower(), ())
                delegation = cast("Resource[RegistrationAssignment]", resource)
                self._delegations[scope.lower()] = (*there, delegation)
            case Lock():
                self._locks[resource.id.key] = cast("Resource[Lock]", resource)
            case SavedSearch(function_alias=alias):
                self.remove(resource)
                if alias is not None:
                    search = cast("Resource[SavedSearch]", resource)
                    beside = self._functions.get(_workspace_key(resource), {})
                    self._functions[_workspace_key(resource)] = {**beside, alias: search}
            case ResourceGroup() | Deployment() | Plain():
                pass
            case _ as unreachable:
                assert_never(unreachable)

    def remove(self, resource: Resource[Properties]) -> None:
        """Leave the resource of that id out."""
        match resource.properties:
            case Subscription():
                self._subscriptions.pop(resource.id.key, None)
            case Workspace(workspace_id=workspace_id):
                self._forget_stores(workspace_id)
                self._workspaces.pop(workspace_id, None)
                self._workspaces_by_key.pop(resource.id.key, None)
            case Cluster(cluster_id=cluster_id):
                self._clusters.pop(cluster_id, None)
            case Table():
                name = resource.id.name.lower()
                tables = {key: table for key, table in self._tables_beside(resource).items() if key != name}
                self._set_tables_beside(resource, tables)
            case Customer(customer_id=customer_id):
                self._remove_customer(self._customers.pop(customer_id, None))
            case DataCollectionRule(immutable_id=immutable_id):
                self._rules.pop(immutable_id, None)
            case DataCollectionEndpoint(immutable_id=immutable_id):
                self._endpoints.pop(immutable_id, None)
            case RoleAssignment(principal_id=principal_id):
                others = tuple(
                    other for other in self._assignments.pop(principal_id, ()) if other.id != resource.id
                )
                if others:
                    self._assignments[principal_id] = others
            case KeyVault(name_key=name_key):
                self._key_vaults.pop(name_key, None)
            case LockboxRequest(operator_id=operator_id):
                asked = self._lockbox_requests.pop(operator_id, ())
                left_over = tuple(other for other in asked if other.id != resource.id)
                if left_over:
                    self._lockbox_requests[operator_id] = left_over
            case CustomRole():
                self._roles.pop(UUID(resource.id.name), None)
            case RegistrationDefinition():
                self._delegation_definitions.pop(resource.id.key, None)
            case RegistrationAssignment(scope=scope):
                there = self._delegations.pop(scope.lower(), ())
                remaining = tuple(other for other in there if other.id != resource.id)
                if remaining:
                    self._delegations[scope.lower()] = remaining
            case Lock():
                self._locks.pop(resource.id.key, None)
            case SavedSearch():
                # Its alias may have been another.
                beside = self._functions.pop(_workspace_key(resource), {})
                left = {alias: other for alias, other in beside.items() if other.id != resource.id}
                if left:
                    self._functions[_workspace_key(resource)] = left
            case ResourceGroup() | Deployment() | Plain():
                pass
            case _ as unreachable:
                assert_never(unreachable)

    def build(self, version: int) -> Snapshot:
        """Return what was made; the builder is not used again."""
        return Snapshot(
            version=version,
            subscriptions_by_key=self._subscriptions,
            workspaces=self._workspaces,
            workspaces_by_key=self._workspaces_by_key,
            workspaces_by_store=self._workspaces_by_store,
            clusters=self._clusters,
            tables=self._tables,
            customers=self._customers,
            customers_of=self._customers_of,
            senders=self._senders,
            rules=self._rules,
            endpoints=self._endpoints,
            assignments=self._assignments,
            key_vaults=self._key_vaults,
            lockbox_requests=self._lockbox_requests,
            roles=self._roles,
            delegations=self._delegations,
            delegation_definitions=self._delegation_definitions,
            functions=self._functions,
            locks=self._locks,
        )

    def _add_customer(self, customer: Resource[Customer]) -> None:
        own = customer.properties
        self._customers[own.customer_id] = customer
        self._customers_of[own.workspace_id] = (*self._customers_of.get(own.workspace_id, ()), customer)
        for sender in own.settings.senders:
            self._senders[own.workspace_id, sender] = customer

    def _remove_customer(self, customer: Resource[Customer] | None) -> None:
        if customer is None:
            return
        own = customer.properties
        others = tuple(one for one in self._customers_of[own.workspace_id] if one.id != customer.id)
        if others:
            self._customers_of[own.workspace_id] = others
        else:
            del self._customers_of[own.workspace_id]
        for sender in own.settings.senders:
            self._senders.pop((own.workspace_id, sender), None)

    def _forget_stores(self, workspace_id: WorkspaceId) -> None:
        before = self._workspaces.get(workspace_id)
        for store_id in all_stores(before) if before is not None else ():
            self._workspaces_by_store.pop(store_id, None)

    def _tables_beside(self, table: Resource[Properties]) -> Mapping[str, Resource[Table]]:
        return self._tables.get(_workspace_key(table), {})

    def _set_tables_beside(self, table: Resource[Properties], tables: Mapping[str, Resource[Table]]) -> None:
        if tables:
            self._tables[_workspace_key(table)] = tables
        else:
            self._tables.pop(_workspace_key(table), None)


def _workspace_key(child: Resource[Properties]) -> str:
    return child.id.key.rsplit("/", 2)[0]
