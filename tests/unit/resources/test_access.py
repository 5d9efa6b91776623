from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from kelp.base.ids import ResourceId
from kelp.resources import access as actions
from kelp.resources.access import Access
from kelp.resources.author import Author, AuthorKind
from kelp.resources.errors import AccessDenied
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import (
    BUILT_IN_ROLES,
    CONTRIBUTOR,
    LOG_ANALYTICS_CONTRIBUTOR,
    LOG_ANALYTICS_READER,
    MONITORING_CONTRIBUTOR,
    MONITORING_METRICS_PUBLISHER,
    MONITORING_READER,
    OWNER,
    READER,
    USER_ACCESS_ADMINISTRATOR,
    Permission,
)
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import Subscription

from .conftest import AUTHOR, GROUP, SUBSCRIPTION, TENANT, WORKSPACE

ROOT = ResourceId()
PERSON_ID = UUID(int=50)
TABLE = WORKSPACE.child("tables", "App_CL")
RULE = GROUP.child("Microsoft.Insights/dataCollectionRules", "rule")
WRITE = "Microsoft.OperationalInsights/workspaces/write"


@dataclass(frozen=True)
class Person:
    tenant_id: UUID = TENANT
    object_id: UUID = PERSON_ID
    group_ids: frozenset[UUID] = frozenset()
    name: str = "grace@contoso.local"


CALLER = Person()


def grant(
    store: ResourceStore, role_id: UUID, scope: ResourceId, principal_id: UUID = CALLER.object_id
) -> ResourceId:
    assignment_id = scope.child("Microsoft.Authorization/roleAssignments", str(uuid4()))
    with store.write(AUTHOR) as transaction:
        put_role_assignment(
            transaction,
            assignment_id,
            role_id,
            principal_id,
            find_principal_kind=lambda *_: PrincipalKind.USER,
        )
    return assignment_id


ROLES = {
    "none": None,
    "Owner": OWNER,
    "Contributor": CONTRIBUTOR,
    "Reader": READER,
    "User Access Administrator": USER_ACCESS_ADMINISTRATOR,
    "Log Analytics Reader": LOG_ANALYTICS_READER,
    "Log Analytics Contributor": LOG_ANALYTICS_CONTRIBUTOR,
    "Monitoring Reader": MONITORING_READER,
    "Monitoring Contributor": MONITORING_CONTRIBUTOR,
    "Monitoring Metrics Publisher": MONITORING_METRICS_PUBLISHER,
}
READERS = {name for name in ROLES if name not in ("none", "Monitoring Metrics Publisher")}


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize(
    "action, is_data, permitted_to",
    [
        (actions.QUERY_READ, False, READERS),
        (actions.QUERY_TABLE_READ.format(table="Syslog"), False, READERS),
        ("Microsoft.OperationalInsights/workspaces/read", False, READERS),
        (WRITE, False, {"Owner", "Contributor", "Log Analytics Contributor", "Monitoring Contributor"}),
        (
            actions.SHARED_KEYS_ACTION,
            False,
            {"Owner", "Contributor", "Log Analytics Contributor", "Monitoring Contributor"},
        ),
        ("Microsoft.Authorization/roleAssignments/write", False, {"Owner", "User Access Administrator"}),
        (
            "microsoft.insights/datacollectionrules/WRITE",
            False,
            {"Owner", "Contributor", "Monitoring Contributor"},
        ),
        (actions.TELEMETRY_WRITE, True, {"Monitoring Metrics Publisher"}),
    ],
)
def test_each_role_permits_what_azure_documents(
    store: ResourceStore, name: str, action: str, is_data: bool, permitted_to: set[str]
) -> None:
    role_id = ROLES[name]
    if role_id is not None:
        grant(store, role_id, SUBSCRIPTION)
    decision = Access(store).decide(CALLER, action, WORKSPACE, is_data=is_data)
    assert decision.allowed is (name in permitted_to), decision.reason


@pytest.mark.parametrize(
    "granted_at, reached",
    [
        (ROOT, [SUBSCRIPTION, GROUP, WORKSPACE, TABLE, RULE]),
        (SUBSCRIPTION, [SUBSCRIPTION, GROUP, WORKSPACE, TABLE, RULE]),
        (GROUP, [GROUP, WORKSPACE, TABLE, RULE]),
        (WORKSPACE, [WORKSPACE, TABLE]),
    ],
)
def test_a_role_holds_at_its_scope_and_below(
    store: ResourceStore, granted_at: ResourceId, reached: list[ResourceId]
) -> None:
    grant(store, READER, granted_at)
    access = Access(store)
    for scope in (SUBSCRIPTION, GROUP, WORKSPACE, TABLE, RULE):
        assert access.decide(CALLER, actions.QUERY_READ, scope).allowed is (scope in reached)


def test_a_group_passes_its_roles_to_its_members(store: ResourceStore) -> None:
    group_id = UUID(int=60)
    grant(store, READER, GROUP, group_id)
    access = Access(store)
    assert not access.decide(CALLER, actions.QUERY_READ, WORKSPACE).allowed
    member = Person(group_ids=frozenset({group_id}))
    assert f"group {group_id}" in access.decide(member, actions.QUERY_READ, WORKSPACE).reason


def test_the_same_person_in_another_tenant_has_no_rights_here(store: ResourceStore) -> None:
    grant(store, OWNER, ROOT)
    foreigner = Person(tenant_id=UUID(int=99))
    decision = Access(store).decide(foreigner, actions.QUERY_READ, WORKSPACE)
    assert not decision.allowed
    assert "belongs to tenant" in decision.reason


def test_a_role_at_the_root_does_not_reach_another_tenants_subscription(store: ResourceStore) -> None:
    other = Author(UUID(int=99), None, "other", AuthorKind.SYSTEM)
    foreign = ResourceId.parse(f"/subscriptions/{UUID(int=98)}")
    with store.write(other) as transaction:
        transaction.put(foreign, Subscription("Fabrikam"))
    grant(store, OWNER, ROOT)
    access = Access(store)
    assert access.decide(CALLER, WRITE, SUBSCRIPTION).allowed
    assert not access.decide(CALLER, WRITE, foreign).allowed
    assert not access.reaches(CALLER, foreign)


def test_a_revoked_role_ends_at_once(store: ResourceStore) -> None:
    assignment_id = grant(store, READER, WORKSPACE)
    access = Access(store)
    assert access.decide(CALLER, actions.QUERY_READ, WORKSPACE).allowed
    with store.write(AUTHOR) as transaction:
        transaction.delete(assignment_id)
    assert not access.decide(CALLER, actions.QUERY_READ, WORKSPACE).allowed


def test_a_decision_explains_itself(store: ResourceStore) -> None:
    access = Access(store)
    assert (
        access.decide(CALLER, WRITE, WORKSPACE).reason
        == f"The caller has no role at '{WORKSPACE}' or above it."
    )
    grant(store, READER, GROUP)
    assert access.decide(CALLER, WRITE, WORKSPACE).reason == (
        f"None of these grants the action '{WRITE}': role 'Reader' assigned to the caller at '{GROUP}'."
    )
    grant(store, CONTRIBUTOR, SUBSCRIPTION)
    assert access.decide(CALLER, WRITE, WORKSPACE).reason == (
        f"role 'Contributor' assigned to the caller at '{SUBSCRIPTION}' grants the action '{WRITE}'."
    )
    unknown = ResourceId.parse(f"/subscriptions/{UUID(int=4)}")
    assert access.decide(CALLER, WRITE, unknown).reason == f"The subscription of '{unknown}' is not known."


def test_what_is_required_and_not_granted_is_denied_in_azures_words(store: ResourceStore) -> None:
    with pytest.raises(AccessDenied, match="does not have authorization to perform action") as denial:
        Access(store).require(CALLER, WRITE, WORKSPACE)
    assert denial.value.code == "AuthorizationFailed"


def test_a_subscription_is_shown_to_whoever_has_a_role_anywhere_in_it(store: ResourceStore) -> None:
    access = Access(store)
    assert not access.reaches(CALLER, SUBSCRIPTION)
    grant(store, MONITORING_READER, WORKSPACE)
    assert access.reaches(CALLER, SUBSCRIPTION)


def test_wildcards_stand_for_any_characters_and_nothing_else() -> None:
    permission = Permission(("A.B/*/read", "A.B/c.d/x"), ("A.B/secret/*",))
    assert permission.match("a.b/anything/at/all/READ").permits
    assert not permission.match("A.B/anything/write").permits
    assert not permission.match("A.B/secret/read").permits
    assert not permission.match("AxB/anything/read").permits
    assert not permission.match("A.B/cxd/x").permits


def test_ids_of_roles_are_their_keys() -> None:
    assert all(role_id == role.id for role_id, role in BUILT_IN_ROLES.items())


class Leave:
    """Leave to read everything for as long as it is given."""

    def __init__(self) -> None:
        self.given = True

    def find_grant(self, caller: actions.Caller, action: str, scope: ResourceId) -> str | None:
        return f"{caller.name} may {action} at {scope} for a while" if self.given else None

    def key_of(self, caller: actions.Caller) -> object:
        return (caller.object_id, self.given)


def test_what_was_found_out_under_a_temporary_grant_ends_with_it(store: ResourceStore) -> None:
    leave = Leave()
    access = Access(store, temporary=leave)
    grant(store, MONITORING_METRICS_PUBLISHER, TABLE)
    assert access.reads_some_table(CALLER, WORKSPACE)
    leave.given = False
    assert not access.reads_some_table(CALLER, WORKSPACE)
    leave.given = True
    assert access.reads_some_table(CALLER, WORKSPACE)
