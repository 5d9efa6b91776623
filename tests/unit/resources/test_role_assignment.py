from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from kelp.base.ids import ResourceId
from kelp.resources.errors import InvalidDocument, ResourceConflict, ResourceNotFound
from kelp.resources.resource import Resource
from kelp.resources.role_assignment import PrincipalKind, RoleAssignment, put_role_assignment
from kelp.resources.role_definition import OWNER, READER
from kelp.resources.store import ResourceStore

from .conftest import AUTHOR, GROUP, SUBSCRIPTION, TENANT, WORKSPACE

PERSON = UUID(int=70)


def find_kind(tenant_id: UUID, principal_id: UUID) -> PrincipalKind | None:
    return PrincipalKind.USER if (tenant_id, principal_id) == (TENANT, PERSON) else None


def put(
    store: ResourceStore,
    scope: ResourceId,
    role_id: UUID = READER,
    principal_id: UUID = PERSON,
    name: str | None = None,
) -> Resource[RoleAssignment]:
    assignment_id = scope.child("Microsoft.Authorization/roleAssignments", name or str(uuid4()))
    with store.write(AUTHOR) as transaction:
        return put_role_assignment(
            transaction,
            assignment_id,
            role_id,
            principal_id,
            find_principal_kind=find_kind,
            description="why",
        )


def test_a_grant_is_stored_under_its_scope(store: ResourceStore) -> None:
    granted = put(store, GROUP)
    assert granted.properties.scope == str(GROUP)
    assert granted.properties.principal_kind is PrincipalKind.USER
    assert store.snapshot.assignments[PERSON] == (store.get(RoleAssignment, granted.id),)


def test_the_same_grant_under_another_name_is_a_conflict_and_under_its_own_is_not(
    store: ResourceStore,
) -> None:
    granted = put(store, GROUP)
    assert not put(store, GROUP, name=granted.id.name).is_new
    with pytest.raises(ResourceConflict) as refusal:
        put(store, GROUP)
    assert refusal.value.code == "RoleAssignmentExists"


def test_a_grant_can_not_become_another(store: ResourceStore) -> None:
    granted = put(store, GROUP)
    with pytest.raises(ResourceConflict) as refusal:
        put(store, GROUP, OWNER, name=granted.id.name)
    assert refusal.value.code == "RoleAssignmentUpdateNotPermitted"


def test_role_principal_and_name_must_be_real(store: ResourceStore) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        put(store, GROUP, UUID(int=1), UUID(int=1), "no-guid")
    assert [problem.code for problem in refusal.value.problems] == [
        "InvalidRoleAssignmentId",
        "RoleDefinitionDoesNotExist",
        "PrincipalNotFound",
    ]


def test_the_scope_must_exist(store: ResourceStore) -> None:
    with pytest.raises(ResourceNotFound):
        put(store, SUBSCRIPTION.child("resourceGroups", "none"))
    with pytest.raises(ResourceNotFound):
        put(store, GROUP.child("Microsoft.OperationalInsights/workspaces", "none"))
    built_in = WORKSPACE.child("tables", "Syslog")
    assert put(store, built_in).properties.scope == str(built_in)
    machine = GROUP.child("Microsoft.Compute/virtualMachines", "vm")
    assert put(store, machine).properties.scope == str(machine)


def test_a_grant_ends_with_its_scope(store: ResourceStore) -> None:
    put(store, GROUP)
    with store.write(AUTHOR) as transaction:
        transaction.delete(GROUP)
    assert store.snapshot.assignments == {}
