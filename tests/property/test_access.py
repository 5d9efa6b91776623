"""The decision on access against a plain model of it: no indexes, no caches, no shortcuts.

Tenants, groups, roles and scopes are few, so that random assignments and delegations meet.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kelp.base.ids import ResourceId
from kelp.resources.access import Access
from kelp.resources.author import system_author
from kelp.resources.custom_role import CustomRole, put_custom_role
from kelp.resources.database import Database
from kelp.resources.delegation import (
    Authorization,
    RegistrationDefinition,
    put_registration_assignment,
    put_registration_definition,
)
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import (
    BUILT_IN_ROLES,
    CONTRIBUTOR,
    LOG_ANALYTICS_READER,
    MONITORING_METRICS_PUBLISHER,
    OWNER,
    READER,
    REGISTRATION_ASSIGNMENT_DELETE,
    Permission,
)
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import WorkspaceSettings, put_workspace
from tests.unit.resources.doubles import OwnKeys, TurnedClock

TENANTS = (UUID(int=1), UUID(int=2))
SUBSCRIPTIONS = {
    tenant: ResourceId.parse(f"/subscriptions/{UUID(int=10 + tenant.int)}") for tenant in TENANTS
}
PRINCIPALS = {tenant: [UUID(int=100 * tenant.int + number) for number in range(4)] for tenant in TENANTS}
"""Of each tenant two accounts and two groups."""
OWN_ROLES = {tenant: UUID(int=1000 + tenant.int) for tenant in TENANTS}
OWN_PERMISSION = Permission(
    ("Microsoft.OperationalInsights/*",), ("*/delete",), ("Microsoft.Insights/*",), ()
)
ROLES = (OWNER, CONTRIBUTOR, READER, LOG_ANALYTICS_READER, MONITORING_METRICS_PUBLISHER)
DELEGATED = (CONTRIBUTOR, READER, MONITORING_METRICS_PUBLISHER, REGISTRATION_ASSIGNMENT_DELETE)
ACTIONS = (
    ("Microsoft.OperationalInsights/workspaces/read", False),
    ("microsoft.operationalinsights/workspaces/WRITE", False),
    ("Microsoft.OperationalInsights/workspaces/delete", False),
    ("Microsoft.OperationalInsights/workspaces/query/Heartbeat/read", False),
    ("Microsoft.Authorization/roleAssignments/write", False),
    ("Microsoft.ManagedServices/registrationAssignments/delete", False),
    ("Microsoft.Insights/Telemetry/Write", True),
)


def places(tenant: UUID) -> list[ResourceId]:
    subscription = SUBSCRIPTIONS[tenant]
    groups = [subscription.child("resourceGroups", name) for name in ("one", "one-more")]
    workspaces = [group.child("Microsoft.OperationalInsights/workspaces", "logs") for group in groups]
    return [ResourceId(), subscription, *groups, *workspaces, workspaces[0].child("tables", "Heartbeat")]


@dataclass(frozen=True)
class Grant:
    tenant: UUID
    principal: UUID
    role: UUID
    scope: ResourceId


@dataclass(frozen=True)
class Delegation:
    owner: UUID
    principal: UUID
    role: UUID
    scope: ResourceId


@dataclass(frozen=True)
class Person:
    tenant_id: UUID
    object_id: UUID
    group_ids: frozenset[UUID]
    name: str = "somebody"


def grants_of(tenant: UUID) -> st.SearchStrategy[Grant]:
    return st.builds(
        Grant,
        st.just(tenant),
        st.sampled_from(PRINCIPALS[tenant]),
        st.sampled_from((*ROLES, OWN_ROLES[tenant])),
        st.sampled_from(places(tenant)),
    )


def delegations_of(owner: UUID) -> st.SearchStrategy[Delegation]:
    (other,) = (tenant for tenant in TENANTS if tenant != owner)
    return st.builds(
        Delegation,
        st.just(owner),
        st.sampled_from(PRINCIPALS[other]),
        st.sampled_from(DELEGATED),
        st.sampled_from(places(owner)[1:4]),
    )


GRANTS = st.lists(st.one_of(*map(grants_of, TENANTS)), max_size=5, unique=True)
DELEGATIONS = st.lists(st.one_of(*map(delegations_of, TENANTS)), max_size=3, unique=True)


def model(
    grants: list[Grant],
    delegations: list[Delegation],
    person: Person,
    action: str,
    scope: ResourceId,
    *,
    is_data: bool,
) -> bool:
    """What docs/reference/access.md says, as plainly as it can be said."""
    who = {person.object_id, *person.group_ids}
    owner = next(
        (one for one in TENANTS if scope.subscription_id == SUBSCRIPTIONS[one].subscription_id), None
    )
    for grant in grants:
        is_there = f"{scope}/".lower().startswith(f"{str(grant.scope).rstrip('/')}/".lower())
        is_ours = grant.tenant == person.tenant_id and owner in (None, person.tenant_id)
        if is_there and is_ours and grant.principal in who and permits(grant.role, action, is_data=is_data):
            return True
    for one in delegations:
        is_there = f"{scope}/".lower().startswith(f"{one.scope}/".lower())
        is_theirs = person.tenant_id != one.owner and one.principal in who
        if is_there and is_theirs and permits(one.role, action, is_data=is_data):
            kept = ("microsoft.authorization/", "microsoft.managedservices/")
            is_kept = action.lower().startswith(kept) and not action.lower().endswith("/read")
            if not is_kept or one.role == REGISTRATION_ASSIGNMENT_DELETE:
                return True
    return False


def permits(role: UUID, action: str, *, is_data: bool) -> bool:
    permissions = BUILT_IN_ROLES[role].permissions if role in BUILT_IN_ROLES else (OWN_PERMISSION,)

    def match(patterns: tuple[str, ...]) -> bool:
        return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)

    return any(
        match(one.data_actions) and not match(one.not_data_actions)
        if is_data
        else match(one.actions) and not match(one.not_actions)
        for one in permissions
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResourceStore]:
    database = Database.open_file(tmp_path_factory.mktemp("access") / "kelp.db")
    database.migrate()
    store = ResourceStore(database, TurnedClock(), OwnKeys())
    for tenant in TENANTS:
        with store.write(system_author(tenant)) as transaction:
            subscription = SUBSCRIPTIONS[tenant]
            transaction.put(subscription, Subscription("of a tenant"))
            for group in places(tenant)[2:4]:
                put_resource_group(transaction, group, ResourceGroup("local"))
            for workspace in places(tenant)[4:6]:
                put_workspace(transaction, workspace, WorkspaceSettings("local"))
        with store.write(system_author(tenant)) as transaction:
            role = CustomRole("Own", "", (OWN_PERMISSION,), ("/",))
            put_custom_role(transaction, str(OWN_ROLES[tenant]), role)
    yield store
    database.close()


def put_grant(store: ResourceStore, grant: Grant) -> ResourceId:
    assignment_id = grant.scope.child("Microsoft.Authorization/roleAssignments", str(uuid4()))
    with store.write(system_author(grant.tenant)) as transaction:
        put_role_assignment(
            transaction,
            assignment_id,
            grant.role,
            grant.principal,
            find_principal_kind=lambda *_: PrincipalKind.USER,
        )
    return assignment_id


def put_delegation(store: ResourceStore, delegation: Delegation) -> ResourceId:
    (managing,) = (tenant for tenant in TENANTS if tenant != delegation.owner)
    subscription = SUBSCRIPTIONS[delegation.owner]
    definition_id = subscription.child("Microsoft.ManagedServices/registrationDefinitions", str(uuid4()))
    authorization = Authorization(delegation.principal, delegation.role)
    with store.write(system_author(delegation.owner)) as transaction:
        put_registration_definition(
            transaction,
            definition_id,
            RegistrationDefinition("offer", "", managing, (authorization,)),
            has_tenant=lambda _: True,
            has_principal=lambda *_: True,
        )
    assignment_id = delegation.scope.child("Microsoft.ManagedServices/registrationAssignments", str(uuid4()))
    with store.write(system_author(delegation.owner)) as transaction:
        put_registration_assignment(transaction, assignment_id, str(definition_id))
    return assignment_id


def iter_people() -> Iterator[Person]:
    for tenant, (first, second, team, other_team) in PRINCIPALS.items():
        yield Person(tenant, first, frozenset())
        yield Person(tenant, second, frozenset({team}))
        yield Person(tenant, first, frozenset({team, other_team}))
    # An id of one tenant means nothing in another.
    yield Person(TENANTS[0], PRINCIPALS[TENANTS[1]][0], frozenset())


def compare(store: ResourceStore, access: Access, grants: list[Grant], delegations: list[Delegation]) -> None:
    for person in iter_people():
        for scope in [place for tenant in TENANTS for place in places(tenant)]:
            for action, is_data in ACTIONS:
                expected = model(grants, delegations, person, action, scope, is_data=is_data)
                decision = access.decide(person, action, scope, is_data=is_data)
                assert decision.allowed == expected, (person, action, str(scope), decision.reason)
                assert decision.limits == ()
                if decision.allowed:
                    assert access.reaches(person, scope) or not scope.pairs


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(grants=GRANTS, delegations=DELEGATIONS)
def test_the_decision_is_the_models(
    store: ResourceStore, grants: list[Grant], delegations: list[Delegation]
) -> None:
    access = Access(store)
    names = [put_grant(store, grant) for grant in grants]
    names += [put_delegation(store, delegation) for delegation in delegations]
    try:
        compare(store, access, grants, delegations)
        # What is revoked ends at once, also for what was decided before.
        if names:
            revoke(store, names.pop())
            left = (grants, delegations[:-1]) if delegations else (grants[:-1], delegations)
            compare(store, access, *left)
    finally:
        for name in names:
            revoke(store, name)


def revoke(store: ResourceStore, name: ResourceId) -> None:
    with store.write(system_author(TENANTS[0])) as transaction:
        transaction.delete(name)
