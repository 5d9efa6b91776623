"""Customers of whoever runs the installation, each with a tenant of its own that the provider manages by delegation.

Kelp's own (`/providers/Microsoft.OperationalInsights/serviceProviderCustomers`): one PUT makes the tenant, its first
user, subscription, group and workspace, and puts the delegation in force. docs/how-to/serve-many-customers.md is its
contract.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4, uuid5

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import present
from kelp.api.management.kind_description import KindDescription
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.author import system_author
from kelp.resources.bootstrap import find_installation
from kelp.resources.delegation import (
    ASSIGNMENT_TYPE,
    DEFINITION_TYPE,
    Authorization,
    RegistrationDefinition,
    iter_authorization_problems,
    put_registration_assignment,
    put_registration_definition,
)
from kelp.resources.errors import refuse_if_any
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import LOG_ANALYTICS_CONTRIBUTOR, OWNER
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import Workspace, WorkspaceSettings, check_workspace, put_workspace

if TYPE_CHECKING:
    from kelp.api.management.reader import DocumentReader
    from kelp.identity.accounts import Tenant
    from kelp.resources.errors import Problem
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

_NAMESPACE = "Microsoft.OperationalInsights"
_ONE = f"/providers/{_NAMESPACE}/serviceProviderCustomers/{{customer}}"
_ACTION = "microsoft.directory/tenants/create"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{2,52}[a-z0-9])")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is asked for. `authorizations` are who of the provider gets which role in the customer's subscription."""

    name: str
    display_name: str
    domain: str
    workspace: WorkspaceSettings
    authorizations: tuple[Authorization, ...]

    @property
    def user_name(self) -> str:
        """The first user, who owns everything in the tenant."""
        return f"admin@{self.domain}"


def put(call: Call) -> Answer:
    """Onboard a customer with a tenant of its own, or complete what is there; secrets are told once."""
    require_provider(call)
    reader = call.reader()
    with reader.reporting():
        draft = _read(call, reader)
        refuse_if_any(_check(call, draft))
    tenant = _find_tenant(call, draft) or call.services.directory.create_tenant(
        draft.display_name, draft.domain
    )
    password = _ensure_administrator(call, draft, tenant)
    with call.store.write(system_author(tenant.id)) as transaction:
        workspace = _put_resources(call, transaction, draft, tenant)
    return Answer(201 if workspace.is_new else 200, _encode(call, draft, tenant, workspace, password))


def foresee(call: Call) -> Resource[Workspace] | None:
    """Check what a PUT would do, and do nothing; return the customer's workspace if it is there.

    Raises what a PUT would raise.
    """
    require_provider(call)
    reader = call.reader()
    with reader.reporting():
        draft = _read(call, reader)
        refuse_if_any(_check(call, draft))
    tenant = _find_tenant(call, draft)
    return None if tenant is None else call.store.find(Workspace, _workspace_of(tenant, draft.name))


def require_provider(call: Call) -> None:
    """Refuse whoever may not give customers tenants of their own. Raises `AccessDenied`, `ServiceError`."""
    call.require(_ACTION, ResourceId())
    installation = find_installation(call.store)
    if installation is None or installation.tenant_id != call.principal.tenant_id:
        raise ServiceError(
            Category.FORBIDDEN,
            "AuthorizationFailed",
            "Only the tenant that runs the installation has customers.",
        )


def _check(call: Call, draft: _Draft) -> list[Problem]:
    """Check what would only be refused when the tenant is there already."""
    problems = [
        replace(found, target=found.target.replace("properties.", "properties.workspace."))
        for found in check_workspace(draft.name, draft.workspace)
    ]
    if draft.authorizations:
        offer = RegistrationDefinition("", "", call.principal.tenant_id, draft.authorizations)
        problems += iter_authorization_problems(offer, lambda one: _has_principal(call, offer, one))
    return problems


def _read(call: Call, reader: DocumentReader) -> _Draft:
    properties = reader.section("properties")
    name = call.parameters["customer"].lower()
    if not _NAME.fullmatch(name):
        reader.refuse("name", f"'{name}' is no name of a customer: 4 to 54 letters, digits or '-'.")
    domain = properties.text("domain").lower()
    if not _DOMAIN.fullmatch(domain):
        properties.refuse("domain", f"'{domain}' is no domain name such as contoso.example.")
    space = properties.section("workspace")
    defaults = WorkspaceSettings(call.services.region)
    retention, quota = space.find_integer("retentionInDays"), space.find_number("dailyQuotaGb")
    return _Draft(
        name=name,
        display_name=properties.text("displayName", call.parameters["customer"]),
        domain=domain,
        workspace=WorkspaceSettings(
            location=call.services.region,
            retention_in_days=defaults.retention_in_days if retention is None else retention,
            daily_quota_gb=None if quota == -1 else quota,
        ),
        authorizations=_read_authorizations(call, properties),
    )


def _read_authorizations(call: Call, properties: DocumentReader) -> tuple[Authorization, ...]:
    given = []
    for section in properties.sections("authorizations"):
        texts = (section.text("principalId"), section.text("roleDefinitionId").rpartition("/")[2])
        try:
            given.append(Authorization(UUID(texts[0]), UUID(texts[1])))
        except ValueError:
            section.refuse("principalId", "An authorization has two GUIDs: principalId and roleDefinitionId.")
    return tuple(given)


def _find_tenant(call: Call, draft: _Draft) -> Tenant | None:
    """Return the customer's tenant. Raises `ServiceError` (conflict) where the domain is somebody else's."""
    directory, snapshot = call.services.directory, call.store.snapshot
    tenant = directory.find_tenant(draft.domain)
    if tenant is None:
        return None
    own = _subscription_of(tenant, draft.name)
    others = [
        one for one in snapshot.subscriptions_by_key.values() if one.tenant_id == tenant.id and one.id != own
    ]
    if others and own.key not in snapshot.subscriptions_by_key:
        raise ServiceError(
            Category.CONFLICT,
            "DomainInUse",
            f"The domain '{draft.domain}' belongs to the tenant '{tenant.name}', which is no customer '{draft.name}'.",
            target="properties.domain",
        )
    return tenant


def _ensure_administrator(call: Call, draft: _Draft, tenant: Tenant) -> str | None:
    """Return the first user's password; None where the user was there."""
    directory = call.services.directory
    if directory.find_user(draft.user_name) is not None:
        return None
    password = secrets.token_urlsafe(18)
    account = directory.create_user(tenant.id, draft.user_name, "Administrator", password)
    with call.store.write(system_author(tenant.id)) as transaction:
        assignment_id = ResourceId().child("Microsoft.Authorization/roleAssignments", str(uuid4()))
        put_role_assignment(
            transaction,
            assignment_id,
            OWNER,
            account.object_id,
            find_principal_kind=lambda *_: PrincipalKind.USER,
        )
    return password


def _put_resources(
    call: Call, transaction: Transaction, draft: _Draft, tenant: Tenant
) -> Resource[Workspace]:
    directory = call.services.directory
    subscription = _subscription_of(tenant, draft.name)
    if transaction.find(Subscription, subscription) is None:
        transaction.put(subscription, Subscription(draft.display_name))
    group = subscription.child("resourceGroups", draft.name)
    if transaction.find(ResourceGroup, group) is None:
        put_resource_group(transaction, group, ResourceGroup(call.services.region))
    workspace_id = _workspace_of(tenant, draft.name)
    workspace = transaction.find(Workspace, workspace_id) or put_workspace(
        transaction, workspace_id, draft.workspace
    )
    definition_id = subscription.child(DEFINITION_TYPE, str(uuid5(tenant.id, "definition")))
    present_one = transaction.find(RegistrationDefinition, definition_id)
    kept = present_one.properties.authorizations if present_one is not None else ()
    own = Authorization(call.principal.object_id, LOG_ANALYTICS_CONTRIBUTOR, call.principal.name)
    definition = RegistrationDefinition(
        f"Managed by the provider of {draft.display_name}",
        "",
        call.principal.tenant_id,
        draft.authorizations or kept or (own,),
    )
    put_registration_definition(
        transaction,
        definition_id,
        definition,
        has_tenant=lambda one: directory.find_tenant(str(one)) is not None,
        has_principal=lambda _, one: _has_principal(call, definition, one),
    )
    assignment_id = subscription.child(ASSIGNMENT_TYPE, str(uuid5(tenant.id, "assignment")))
    put_registration_assignment(transaction, assignment_id, str(definition_id))
    return workspace


def _has_principal(call: Call, offer: RegistrationDefinition, principal_id: UUID) -> bool:
    directory = call.services.directory
    found = (directory.find_account(principal_id), directory.groups.find(principal_id))
    return any(one is not None and one.tenant_id == offer.managed_by_tenant_id for one in found)


def _workspace_of(tenant: Tenant, name: str) -> ResourceId:
    group = _subscription_of(tenant, name).child("resourceGroups", name)
    return group.child(f"{_NAMESPACE}/workspaces", name)


def _subscription_of(tenant: Tenant, name: str) -> ResourceId:
    return ResourceId.parse(f"/subscriptions/{uuid5(tenant.id, name)}")


def _encode(
    call: Call, draft: _Draft, tenant: Tenant, workspace: Resource[Workspace], password: str | None
) -> dict[str, Any]:
    """Return what was made; the workspace's key and the password only when they are new."""
    workspace_id = workspace.properties.workspace_id
    keys = call.store.shared_keys(workspace_id) if workspace.is_new else None
    administrator = present({"userPrincipalName": draft.user_name, "password": password})
    properties = {
        "displayName": draft.display_name,
        "tenantId": str(tenant.id),
        "domain": draft.domain,
        "subscriptionId": workspace.id.subscription_id,
        "workspaceResourceId": str(workspace.id),
        "workspaceId": str(workspace_id),
        "primaryKey": keys.primary if keys is not None else None,
        "administrator": administrator,
    }
    return {
        "id": f"/providers/{_NAMESPACE}/serviceProviderCustomers/{draft.name}",
        "name": draft.name,
        "type": f"{_NAMESPACE}/serviceProviderCustomers",
        "properties": present(properties),
    }


_SAYS = KindDescription("ServiceProviderCustomer", _read)
ROUTES = (ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting()),)
