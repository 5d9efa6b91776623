"""A role assignment: a role granted to a principal at a scope and everything below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.role_definition import BUILT_IN_ROLES

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

FindPrincipalKind: TypeAlias = Callable[[UUID, UUID], "PrincipalKind | None"]
"""Tells of which kind a principal of a tenant (tenant id, object id) is; None when there is none."""


class PrincipalKind(StrEnum):
    """What a role can be granted to."""

    USER = "User"
    GROUP = "Group"
    SERVICE_PRINCIPAL = "ServicePrincipal"


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """`scope` is where the grant begins; the tenant of a grant at the root is the resource's own `tenant_id`."""

    scope: str
    role_definition_id: UUID
    principal_id: UUID
    principal_kind: PrincipalKind
    description: str = ""


def put_role_assignment(
    transaction: Transaction,
    assignment_id: ResourceId,
    role_definition_id: UUID,
    principal_id: UUID,
    *,
    find_principal_kind: FindPrincipalKind,
    description: str = "",
) -> Resource[RoleAssignment]:
    """Grant a role. Granting the same again under the same name changes the description only.

    Raises `InvalidDocument` (no such role or principal, no GUID as name), `ResourceConflict` (granted already under
    another name, or the name stands for another grant), `ResourceNotFound` (the scope).
    """
    scope = assignment_id.parent or ResourceId()
    tenant_id = transaction.require_scope(scope)
    principal_kind = find_principal_kind(tenant_id, principal_id)
    problems = _check_grant(assignment_id.name, role_definition_id, principal_id, tenant_id, principal_kind)
    refuse_if_any(problems)
    assert principal_kind is not None
    draft = RoleAssignment(str(scope), role_definition_id, principal_id, principal_kind, description)
    existing = transaction.find(RoleAssignment, assignment_id)
    if existing is not None and not _is_same_grant(existing.properties, draft):
        raise ResourceConflict(
            "RoleAssignmentUpdateNotPermitted",
            "Role, principal and scope of a role assignment can't be changed.",
            target=str(assignment_id),
        )
    if existing is None and _is_granted(transaction, draft, tenant_id):
        raise ResourceConflict(
            "RoleAssignmentExists", "The role assignment already exists.", target=str(assignment_id)
        )
    return transaction.put(assignment_id, draft)


def _check_grant(
    name: str,
    role_definition_id: UUID,
    principal_id: UUID,
    tenant_id: UUID,
    principal_kind: PrincipalKind | None,
) -> list[Problem]:
    problems = []
    try:
        UUID(name)
    except ValueError:
        problems.append(
            Problem(
                "name",
                f"The role assignment ID '{name}' is not valid: it is a GUID.",
                "InvalidRoleAssignmentId",
            )
        )
    if role_definition_id not in BUILT_IN_ROLES:
        problems.append(
            Problem(
                "properties.roleDefinitionId",
                f"The role definition '{role_definition_id}' does not exist.",
                "RoleDefinitionDoesNotExist",
            )
        )
    if principal_kind is None:
        problems.append(
            Problem(
                "properties.principalId",
                f"Principal {principal_id} does not exist in the directory {tenant_id}.",
                "PrincipalNotFound",
            )
        )
    return problems


def _is_granted(transaction: Transaction, draft: RoleAssignment, tenant_id: UUID) -> bool:
    granted = transaction.snapshot.assignments.get(draft.principal_id, ())
    return any(
        _is_same_grant(assignment.properties, draft) and assignment.tenant_id == tenant_id
        for assignment in granted
    )


def _is_same_grant(one: RoleAssignment, other: RoleAssignment) -> bool:
    return (
        one.scope.lower() == other.scope.lower()
        and one.role_definition_id == other.role_definition_id
        and one.principal_id == other.principal_id
    )
