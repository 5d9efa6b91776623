from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from kelp.base.ids import ResourceId
from kelp.catalog.table_access import FullAccess, Grant, RoleAccess
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.kql.types import RowSchema
from kelp.plan.scope import ScopedTable
from kelp.resources.access import Access
from kelp.resources.resource import Resource
from kelp.resources.role_assignment import PrincipalKind, put_role_assignment
from kelp.resources.role_definition import LOG_ANALYTICS_READER, MONITORING_METRICS_PUBLISHER, READER
from kelp.resources.workspace import Workspace

from .conftest import AUTHOR, TENANT, Resources


@dataclass(frozen=True)
class Person:
    object_id: UUID
    tenant_id: UUID = TENANT
    group_ids: frozenset[UUID] = frozenset()
    name: str = "ada"


def _grant(resources: Resources, role_id: UUID, scope: ResourceId) -> Person:
    person = Person(uuid4())
    assignment_id = scope.child("Microsoft.Authorization/roleAssignments", str(uuid4()))
    with resources.store.write(AUTHOR) as transaction:
        put_role_assignment(
            transaction,
            assignment_id,
            role_id,
            person.object_id,
            find_principal_kind=lambda *_: PrincipalKind.USER,
        )
    return person


def _syslog(directory: WorkspaceDirectory, workspace: Resource[Workspace]) -> tuple[RowSchema, ScopedTable]:
    table = directory.get_schema(workspace).find_table("Syslog")
    assert table is not None
    return table.schema, table.parts[0].table


@pytest.mark.parametrize("role_id", [READER, LOG_ANALYTICS_READER])
def test_a_reader_of_the_workspace_reads_all_tables_of_it(
    resources: Resources, directory: WorkspaceDirectory, role_id: UUID
) -> None:
    here, there = resources.put_workspace("here"), resources.put_workspace("there")
    access = RoleAccess(Access(resources.store), _grant(resources, role_id, here.id))
    assert access.may_query(here)
    assert access.find_grant(here, *_syslog(directory, here)) == Grant()
    assert not access.may_query(there)
    assert access.find_grant(there, *_syslog(directory, there)) is None


def test_a_role_that_does_not_read_grants_nothing(
    resources: Resources, directory: WorkspaceDirectory
) -> None:
    here = resources.put_workspace("here")
    access = RoleAccess(Access(resources.store), _grant(resources, MONITORING_METRICS_PUBLISHER, here.id))
    assert not access.may_query(here)
    assert access.find_grant(here, *_syslog(directory, here)) is None


def test_the_key_tells_callers_apart(resources: Resources) -> None:
    access = Access(resources.store)
    first, second = Person(uuid4()), Person(uuid4())
    assert RoleAccess(access, first).key == RoleAccess(access, first).key
    assert RoleAccess(access, first).key != RoleAccess(access, second).key
    assert FullAccess().key == FullAccess().key
