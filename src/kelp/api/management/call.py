"""A management request on its way through: who asks for what, with what to answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import msgspec

from kelp.api.description import Description
from kelp.api.http import decode_object
from kelp.api.management.api_versions import check_version
from kelp.api.management.background_runs import BackgroundRuns
from kelp.api.management.metering import Metering
from kelp.api.management.reader import DocumentReader
from kelp.base.clock import Clock
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.base.settings import ClusterSettings
from kelp.catalog.archive_search import ArchiveSearch
from kelp.identity.addresses import Addresses
from kelp.identity.directory import Directory
from kelp.identity.principal import AccountKind, Principal
from kelp.ingest.key_uses import KeyUses
from kelp.jobs.archive_reading import Progress
from kelp.jobs.key_rotation import KeyRotation
from kelp.resources.access import Access
from kelp.resources.author import Author, AuthorKind
from kelp.resources.cluster import ValidateKey
from kelp.resources.errors import AccessDenied, ResourceNotFound
from kelp.resources.resource import Resource
from kelp.resources.rule_binding import CheckTransformation
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import SubscriptionState
from kelp.resources.table import BuiltInTables
from kelp.resources.transaction import Transaction
from kelp.resources.workspace import Workspace

PAGE_ITEMS = 100
CheckQuery: TypeAlias = Callable[[Principal, Resource[Workspace], str], list[str]]
"""Tells what is wrong with a query over a workspace that a caller wants to have run by schedule."""


def refuse_every_key(
    key_vault_uri: str, key_name: str, key_version: str, identity_object_id: UUID | None
) -> str | None:
    """Stand for a vault where there is none: no key can be validated."""
    del key_version, identity_object_id
    return f"the key '{key_name}' of the vault '{key_vault_uri}' can't be reached from this service"


@dataclass(frozen=True, slots=True)
class Services:
    """What the management API works on."""

    store: ResourceStore
    access: Access
    directory: Directory
    addresses: Addresses
    built_in_tables: BuiltInTables
    check_transformation: CheckTransformation
    clock: Clock
    region: str = "local"
    clusters: ClusterSettings = field(default_factory=ClusterSettings)
    validate_key: ValidateKey = refuse_every_key
    page_items: int = PAGE_ITEMS
    request_run: Callable[[str], None] = lambda _name: None
    """Has a job of the server run soon."""
    archive_search: ArchiveSearch | None = None
    find_progress: Callable[[UUID], Progress | None] = lambda _uid: None
    """Tells how far a search job or a restore is, by the table that it fills."""
    operator_tenant_id: UUID | None = None
    """The installation's first tenant, whose principals may be operators."""
    rotation: KeyRotation | None = None
    key_uses: KeyUses | None = None
    read_secret: Callable[[UUID, str, str], str] | None = None
    """Gives the text of a secret, by the uid of its vault, its name and its version (empty for the newest)."""
    destroy_vault: Callable[[UUID], None] | None = None
    """Destroys what lies in a purged key vault, by the uid of its resource."""
    runs: BackgroundRuns = field(default_factory=BackgroundRuns)
    check_query: CheckQuery | None = None
    metering: Metering | None = None
    """None where nothing runs that measures."""

    def require_metering(self) -> Metering:
        """Return what measures. Raises `ServiceError` (unavailable)."""
        if self.metering is None:
            raise ServiceError(Category.UNAVAILABLE, "NotMeasured", "Nothing is measured here.")
        return self.metering


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, document (None for no body) and headers of a success."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Dispatcher(Protocol):
    """The management routes, for an endpoint that asks others in its caller's name."""

    def find(self, method: str, path: str) -> tuple[ManagementRoute, Mapping[str, str]]:
        """Return the route of a method and path, and the texts of its parameters. Raises `ServiceError`."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request of an authenticated caller. `parameters` are the texts of the route's `{names}`."""

    services: Services
    principal: Principal
    method: str
    path: str
    base_url: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    if_match: str | None
    if_none_match: str | None
    correlation_id: str
    client_address: str
    body: bytes = field(repr=False, default=b"")
    dispatcher: Dispatcher | None = field(repr=False, default=None)

    @property
    def store(self) -> ResourceStore:
        """The resource store."""
        return self.services.store

    @property
    def resource_id(self) -> ResourceId:
        """The resource that the path names."""
        return ResourceId.parse(self.path)

    @property
    def subscription(self) -> ResourceId:
        """The subscription that the path lies in."""
        return ResourceId.parse(f"/subscriptions/{self.parameters['subscription']}")

    @property
    def group(self) -> ResourceId:
        """The resource group that the path lies in."""
        return self.subscription.child("resourceGroups", self.parameters["group"])

    @property
    def workspace(self) -> ResourceId:
        """The workspace that the path lies in."""
        return self.group.child("Microsoft.OperationalInsights/workspaces", self.parameters["workspace"])

    def document(self) -> Mapping[str, Any]:
        """Return the body's JSON object, an empty one for no body. Raises `ServiceError` (invalid)."""
        return decode_object(self.body) if self.body.strip() else {}

    def reader(self) -> DocumentReader:
        """Return the reader of the body. Raises `ServiceError` (invalid) for anything but a JSON object."""
        return DocumentReader(self.document())

    def require(self, action: str, scope: ResourceId) -> None:
        """Refuse unless the caller can know of the subscription and a role grants the action at the scope.

        Raises `ResourceNotFound` for a subscription the caller can't know of, and `AccessDenied`; a denied change is
        recorded in the audit.
        """
        self.require_subscription(scope)
        try:
            self.services.access.require(self.principal, action, scope)
            refusal = self.services.access.find_network_refusal(scope, self.principal.address)
            if refusal is not None:
                raise refusal
        except AccessDenied as denial:
            if self.method != "GET":
                with self.write() as transaction:
                    transaction.record_refusal(scope, action, denial.code)
            raise
        if self.method not in _READING:
            self._require_enabled(scope)
        if self.method in ("PUT", "PATCH"):
            self._require_staying(scope)

    def _require_enabled(self, scope: ResourceId) -> None:
        """Raise `ServiceError` (conflict) for a change in a subscription that was canceled; canceling can be undone."""
        subscription = self.store.snapshot.subscriptions_by_key.get(f"/subscriptions/{scope.subscription_id}")
        is_disabled = subscription is not None and subscription.properties.state is SubscriptionState.DISABLED
        if is_disabled and "/providers/microsoft.subscription/" not in self.path.lower():
            raise ServiceError(
                Category.CONFLICT,
                "ReadOnlyDisabledSubscription",
                f"The subscription '{scope.subscription_id}' is disabled and therefore marked as read only. You cannot "
                "perform any write actions on it until it is enabled again.",
                target=str(scope),
            )

    def _require_staying(self, scope: ResourceId) -> None:
        """Raise `ServiceError` (conflict) for what is to be put into a group that is being deleted."""
        name = scope.resource_group
        if name is None:
            return
        group = ResourceId.parse(f"/subscriptions/{scope.subscription_id}/resourceGroups/{name}")
        if self.services.runs.is_running(deletion_key(group)):
            raise ServiceError(
                Category.CONFLICT,
                "ResourceGroupBeingDeleted",
                f"The resource group '{name}' is in deprovisioning state and cannot perform this operation.",
                target=str(scope),
            )

    def require_subscription(self, scope: ResourceId) -> None:
        """Raise `ResourceNotFound` when the scope lies in no subscription that the caller can know of.

        That is one of its own tenant, or one of which something near the scope is delegated to it.
        """
        owner = self.store.snapshot.find_tenant_id(scope)
        if scope.subscription_id is None or owner == self.principal.tenant_id:
            return
        if not self.services.access.reaches(self.principal, scope):
            raise ResourceNotFound(ResourceId.parse(f"/subscriptions/{scope.subscription_id}"))

    def require_own_tenant(self, scope: ResourceId) -> None:
        """Raise `AccessDenied` for a scope of another tenant, whatever was delegated there."""
        if self.owner_of(scope) != self.principal.tenant_id:
            message = f"'{scope}' belongs to another tenant; only its own accounts may do this."
            raise AccessDenied(message, message, target=str(scope))

    def owner_of(self, scope: ResourceId) -> UUID:
        """Return the tenant that the scope belongs to; the caller's for the root and for what is not known."""
        return self.store.snapshot.find_tenant_id(scope) or self.principal.tenant_id

    def allows(self, action: str, scope: ResourceId) -> bool:
        """Tell whether a role grants the action at the scope, and the network it comes from is let in."""
        return self.services.access.decide(self.principal, action, scope).allowed and self.lets_in(scope)

    def lets_in(self, scope: ResourceId) -> bool:
        """Tell whether the workspace that the scope lies in, if any, takes requests from where this one came."""
        return self.services.access.find_network_refusal(scope, self.principal.address) is None

    def find_route(self, method: str, path: str) -> tuple[ManagementRoute, Mapping[str, str]]:
        """Return what would answer another request of the caller. Raises `ServiceError` where nothing would."""
        if self.dispatcher is None:
            raise ServiceError(Category.INTERNAL, "InternalServerError", "There are no routes to ask.")
        return self.dispatcher.find(method, path)

    def send(self, method: str, path: str, version: str, document: Mapping[str, Any] | None = None) -> Answer:
        """Have another endpoint answer in the caller's name, with all of its checks. Raises what it raises."""
        return answer_call(*self.toward(method, path, version, document))

    def toward(
        self, method: str, path: str, version: str, document: Mapping[str, Any] | None = None
    ) -> tuple[ManagementRoute, Call]:
        """Return another endpoint and what the caller would ask of it. Raises `ServiceError` where there is none."""
        route, parameters = self.find_route(method, path)
        check_version(route.namespace, version)
        asked = replace(
            self,
            method=method,
            path=path,
            parameters=parameters,
            query={"api-version": version},
            if_match=None,
            if_none_match=None,
            body=b"" if document is None else msgspec.json.encode(document),
        )
        return route, asked

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Lend a transaction in the caller's name."""
        with self.store.write(self.author()) as transaction:
            yield transaction

    def author(self) -> Author:
        """Return the caller as the author of changes."""
        principal = self.principal
        kind = AuthorKind.USER if principal.kind is AccountKind.USER else AuthorKind.APPLICATION
        return Author(
            principal.tenant_id,
            principal.object_id,
            principal.name,
            kind,
            self.correlation_id,
            self.client_address,
        )


Endpoint: TypeAlias = Callable[[Call], Answer]


Describe: TypeAlias = Callable[[Call], Description]


def undescribed(_call: Call) -> Description:
    """Say nothing beyond what method, path and function say."""
    return Description()


@dataclass(frozen=True, slots=True)
class ManagementRoute:
    """A method and path, the provider whose api-versions it has, and the function that answers.

    `describe` makes what the published description says of it; it is given a call of nobody for nothing.
    """

    method: str
    path: str
    namespace: str
    endpoint: Endpoint
    describe: Describe = undescribed


def answer_call(route: ManagementRoute, call: Call) -> Answer:
    """Have a route answer. A change that it refuses is recorded in the audit, as a refusal for want of rights is."""
    try:
        return route.endpoint(call)
    except AccessDenied:
        raise
    except ServiceError as refusal:
        if call.method not in _READING and refusal.category is not Category.INTERNAL:
            _record_refusal(call, refusal.code)
        raise


def deletion_key(group: ResourceId) -> str:
    """Return the name of the run that deletes a group."""
    return f"{group.key}/delete"


_READING = frozenset(("GET", "HEAD"))
_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}


def _record_refusal(call: Call, code: str) -> None:
    """Record what was refused in a subscription of the caller's tenant; elsewhere it would be somebody else's log."""
    path, verb = call.path, _VERBS.get(call.method)
    if verb is None:
        path, _, action = call.path.rpartition("/")
        verb = f"{action}/action"
    try:
        resource_id = ResourceId.parse(path)
        call.require_subscription(resource_id)
    except ServiceError:
        return
    if resource_id.subscription_id is not None:
        with call.write() as transaction:
            transaction.record_refusal(resource_id, f"{resource_id.type}/{verb}", code)
