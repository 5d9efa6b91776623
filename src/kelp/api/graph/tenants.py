"""The tenants of the installation, for its operators: `/tenants`. Ours, in Graph's manner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

from kelp.api.graph.call import GraphCall, GraphRoute, find_guid
from kelp.api.graph.descriptions import NEW_DOMAIN, NEW_TENANT, TENANT, TENANT_NAME, done, listed, shown
from kelp.api.graph.documents import encode_tenant
from kelp.api.graph.listing import list_objects, show_object
from kelp.api.graph.users import target_of
from kelp.api.management.call import Answer
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.identity.accounts import account_missing
from kelp.identity.events import Target
from kelp.identity.secrets_hash import find_password_problem
from kelp.resources.author import system_author
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import OWNER
from kelp.resources.subscription import Subscription

if TYPE_CHECKING:
    from kelp.identity.accounts import Tenant

_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_CATEGORY = "DirectoryManagement"


def list_tenants(call: GraphCall) -> Answer:
    """Answer with all tenants."""
    _require(call, "tenants/read")
    return list_objects(call, "tenants", call.directory.tenants, encode_tenant, ("id", "displayName"))


def get_tenant(call: GraphCall) -> Answer:
    """Answer with one tenant, by id or domain."""
    _require(call, "tenants/read")
    return show_object(call, "tenants", encode_tenant(_get(call)))


def create_tenant(call: GraphCall) -> Answer:
    """Make a tenant with a subscription, and with its first user, who owns everything in it."""
    _require(call, "tenants/create")
    reader = call.reader()
    name, domain = reader.text("displayName"), reader.text("defaultDomain").lower()
    administrator = reader.section("administrator")
    user_name = administrator.text("userPrincipalName", f"admin@{domain}").lower()
    password = administrator.text("password")
    with reader.reporting():
        if not 0 < len(name.strip()) <= 256:
            reader.refuse("displayName", "'displayName' has 1 to 256 characters.")
        _check_domain(reader, "defaultDomain", domain)
        problem = find_password_problem(password, user_name)
        if problem is not None:
            administrator.refuse("password", problem)
        if user_name.rpartition("@")[2] != domain:
            administrator.refuse("userPrincipalName", f"'{user_name}' does not end in @{domain}.")
    tenant = call.directory.create_tenant(name, domain)
    shown = administrator.text("displayName", "Administrator")
    account = call.directory.create_user(tenant.id, user_name, shown, password)
    subscription = ResourceId.parse(f"/subscriptions/{uuid4()}")
    with call.services.store.write(system_author(tenant.id)) as transaction:
        transaction.put(subscription, Subscription(name))
        put_role_assignment(
            transaction,
            ResourceId().child("Microsoft.Authorization/roleAssignments", str(uuid4())),
            OWNER,
            account.object_id,
            find_principal_kind=lambda *_: PrincipalKind.USER,
        )
    call.record("Create tenant", _CATEGORY, _target(tenant), target_of(account))
    document = {**encode_tenant(tenant), "subscriptionId": subscription.name}
    return show_object(call, "tenants", document, 201)


def update_tenant(call: GraphCall) -> Answer:
    """Rename a tenant."""
    _require(call, "tenants/update")
    tenant = _get(call)
    reader = call.reader()
    name = reader.text("displayName")
    with reader.reporting():
        if not 0 < len(name.strip()) <= 256:
            reader.refuse("displayName", "'displayName' has 1 to 256 characters.")
    call.directory.rename_tenant(tenant.id, name)
    call.record("Update tenant", _CATEGORY, _target(tenant, "displayName"))
    return Answer(204)


def add_domain(call: GraphCall) -> Answer:
    """Give a tenant one more domain. Operators answer for its belonging to the tenant."""
    _require(call, "tenants/update")
    tenant = _get(call)
    reader = call.reader()
    domain = reader.text("id").lower()
    with reader.reporting():
        _check_domain(reader, "id", domain)
    changed = call.directory.add_domain(tenant.id, domain)
    call.record("Add domain to company", _CATEGORY, _target(tenant, domain))
    return show_object(call, "tenants", encode_tenant(changed), 201)


def remove_domain(call: GraphCall) -> Answer:
    """Take a domain from a tenant, when no name ends in it."""
    _require(call, "tenants/update")
    tenant = _get(call)
    call.directory.remove_domain(tenant.id, call.parameters["domain"])
    call.record("Remove domain from company", _CATEGORY, _target(tenant, call.parameters["domain"]))
    return Answer(204)


def _require(call: GraphCall, what: str) -> None:
    if call.principal.tenant_id != call.services.operator_tenant_id:
        raise ServiceError(
            Category.FORBIDDEN,
            "AuthorizationFailed",
            "Only the tenant that runs the installation sees its tenants.",
        )
    call.require(what)


def _get(call: GraphCall) -> Tenant:
    name = call.parameters["tenant"]
    tenant = call.directory.find_tenant(str(find_guid(name) or name))
    if tenant is None:
        raise account_missing("tenant", name)
    return tenant


def _check_domain(reader: DocumentReader, member: str, domain: str) -> None:
    if not _DOMAIN.fullmatch(domain):
        reader.refuse(member, f"'{domain}' is no domain name such as contoso.example.")


def _target(tenant: Tenant, *changed: str) -> Target:
    return Target("Directory", str(tenant.id), tenant.name, changed)


ROUTES = (
    GraphRoute("GET", "/tenants", list_tenants, listed(TENANT)),
    GraphRoute("POST", "/tenants", create_tenant, shown(TENANT, 201, takes=NEW_TENANT)),
    GraphRoute("GET", "/tenants/{tenant}", get_tenant, shown(TENANT)),
    GraphRoute("PATCH", "/tenants/{tenant}", update_tenant, done(TENANT_NAME)),
    GraphRoute("POST", "/tenants/{tenant}/domains", add_domain, shown(TENANT, 201, takes=NEW_DOMAIN)),
    GraphRoute("DELETE", "/tenants/{tenant}/domains/{domain}", remove_domain, done()),
)
