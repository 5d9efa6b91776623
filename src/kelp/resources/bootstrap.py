"""What a new installation begins with: a tenant, a subscription, a group, a workspace, and two owners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID, uuid4

import msgspec

from kelp.base.ids import ResourceId, WorkspaceId
from kelp.resources.author import system_author
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import MONITORING_METRICS_PUBLISHER, OWNER
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import Subscription
from kelp.resources.transaction import Transaction
from kelp.resources.workspace import WorkspaceSettings, put_workspace

DEFAULT_NAME = "default"
DEFAULT_LOCATION = "local"
_SETTING = "installation"


class OwnerApplication(Protocol):
    """An application that may sign in; the secret is told once."""

    @property
    def object_id(self) -> UUID:
        """What roles are granted to."""
        ...

    @property
    def client_id(self) -> UUID:
        """What it signs in as."""
        ...

    @property
    def client_secret(self) -> str:
        """What it proves that with."""
        ...


class OwnerUser(Protocol):
    """A person who may sign in; the password is told once."""

    @property
    def object_id(self) -> UUID:
        """What roles are granted to."""
        ...

    @property
    def user_name(self) -> str:
        """What the person signs in as."""
        ...

    @property
    def password(self) -> str:
        """What the person proves that with."""
        ...


class OwnerDirectory(Protocol):
    """What the installation needs of the directory; `identity` offers it and `app` passes it in."""

    def ensure_tenant(self, tenant_id: UUID) -> None:
        """Make the installation's own tenant if it is not there."""
        ...

    def ensure_owner_application(self, tenant_id: UUID) -> OwnerApplication:
        """Make the owner application, or give the one there is a new secret."""
        ...

    def ensure_owner_user(self, tenant_id: UUID) -> OwnerUser:
        """Make the owner user, or give the one there is a new password."""
        ...


@dataclass(frozen=True, slots=True)
class Installation:
    """The names and ids of what was made; no secrets."""

    tenant_id: UUID
    subscription_id: UUID
    resource_group: str
    workspace_name: str
    workspace_id: WorkspaceId
    client_id: UUID
    user_name: str

    @property
    def workspace_resource_id(self) -> ResourceId:
        """The path of the workspace."""
        group = _subscription(self.subscription_id).child("resourceGroups", self.resource_group)
        return group.child("Microsoft.OperationalInsights/workspaces", self.workspace_name)


@dataclass(frozen=True, slots=True)
class FirstSecrets:
    """Shown once, at the end of the first `kelp init`."""

    client_secret: str = field(repr=False)
    password: str = field(repr=False)


def find_installation(store: ResourceStore) -> Installation | None:
    """Return what `create_installation` made."""
    text = store.find_setting(_SETTING)
    return msgspec.json.decode(text, type=Installation) if text is not None else None


def create_installation(
    store: ResourceStore, directory: OwnerDirectory, *, location: str = DEFAULT_LOCATION
) -> tuple[Installation, FirstSecrets | None]:
    """Make everything an empty store needs, or return what is there, then without secrets.

    An attempt that was cut short is taken up again: nothing is made twice, and the secrets, which nobody has seen, are
    made anew.
    """
    existing = find_installation(store)
    if existing is not None:
        return existing, None
    tenant_id = _choose_tenant(store)
    directory.ensure_tenant(tenant_id)
    application = directory.ensure_owner_application(tenant_id)
    user = directory.ensure_owner_user(tenant_id)
    with store.write(system_author(tenant_id)) as transaction:
        subscription_id = uuid4()
        workspace = _put_defaults(transaction, subscription_id, location)
        _grant(transaction, application.object_id, PrincipalKind.SERVICE_PRINCIPAL)
        _grant(transaction, user.object_id, PrincipalKind.USER)
        installation = Installation(
            tenant_id,
            subscription_id,
            DEFAULT_NAME,
            DEFAULT_NAME,
            workspace,
            application.client_id,
            user.user_name,
        )
        transaction.write_setting(_SETTING, msgspec.json.encode(installation).decode())
    return installation, FirstSecrets(application.client_secret, user.password)


def _choose_tenant(store: ResourceStore) -> UUID:
    """Settle on the tenant's id before anything is made in it, so that a second attempt finds it."""
    known = store.find_setting("tenant")
    if known is not None:
        return UUID(known)
    tenant_id = uuid4()
    with store.write(system_author(tenant_id)) as transaction:
        transaction.write_setting("tenant", str(tenant_id))
    return tenant_id


def _put_defaults(transaction: Transaction, subscription_id: UUID, location: str) -> WorkspaceId:
    subscription = _subscription(subscription_id)
    transaction.put(subscription, Subscription(DEFAULT_NAME))
    group = subscription.child("resourceGroups", DEFAULT_NAME)
    put_resource_group(transaction, group, ResourceGroup(location))
    workspace = put_workspace(
        transaction,
        group.child("Microsoft.OperationalInsights/workspaces", DEFAULT_NAME),
        WorkspaceSettings(location),
    )
    return workspace.properties.workspace_id


def _grant(transaction: Transaction, principal_id: UUID, kind: PrincipalKind) -> None:
    for role_id in (OWNER, MONITORING_METRICS_PUBLISHER):
        name = str(uuid4())
        assignment_id = ResourceId().child("Microsoft.Authorization/roleAssignments", name)
        put_role_assignment(
            transaction, assignment_id, role_id, principal_id, find_principal_kind=lambda *_: kind
        )


def _subscription(subscription_id: UUID) -> ResourceId:
    return ResourceId.parse(f"/subscriptions/{subscription_id}")
