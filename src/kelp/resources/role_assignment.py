"""A role assignment: a role granted to a principal at a scope and everything below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from kelp.base.ids import ResourceId
from kelp.resources.condition_text import VERSION, ConditionError, parse_condition
from kelp.resources.custom_role import find_role
from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.role_definition import RoleDefinition

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
    """`scope` is where the grant begins; the tenant of a grant at the root is the resource's own `tenant_id`.

    With a condition (`resources.condition_text`) the role grants only that for which the condition holds.
    """

    scope: str
    role_definition_id: UUID
    principal_id: UUID
    principal_kind: PrincipalKind
    description: str = ""
    condition: str | None = None
    condition_version: str | None = None


def put_role_assignment(
    transaction: Transaction,
    assignment_id: ResourceId,
    role_definition_id: UUID,
    principal_id: UUID,
    *,
    find_principal_kind: FindPrincipalKind,
    description: str = "",
    condition: str | None = None,
    condition_version: str | None = None,
) -> Resource[RoleAssignment]:
    """Grant a role. Granting the same again under the same name changes description and condition only.

    Raises `InvalidDocument` (no such role or principal, no GUID as name, a condition that is none), `ResourceConflict`
    (granted already under another name, or the name stands for another grant), `ResourceNotFound` (the scope).
    """
    scope = assignment_id.parent or ResourceId()
    tenant_id = transaction.require_scope(scope)
    principal_kind = find_principal_kind(tenant_id, principal_id)
    role = find_role(transaction.snapshot, tenant_id, role_definition_id)
    problems = [
        *_check_name(assignment_id.name),
        *_check_role(role, role_definition_id, scope),
        *_check_condition(condition, condition_version),
    ]
    if principal_kind is None:
        message = f"Principal {principal_id} does not exist in the directory {tenant_id}."
        problems.append(Problem("properties.principalId", message, "PrincipalNotFound"))
    refuse_if_any(problems)
    assert principal_kind is not None
    draft = RoleAssignment(
        str(scope),
        role_definition_id,
        principal_id,
        principal_kind,
        description,
        condition or None,
        VERSION if condition else None,
    )
    existing = transaction.find(RoleAssignment, assignment_id)
    is_anothers = existing is not None and existing.tenant_id != tenant_id
    if is_anothers or (existing is not None and not _is_same_grant(existing.properties, draft)):
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


def _check_name(name: str) -> list[Problem]:
    try:
        UUID(name)
    except ValueError:
        message = f"The role assignment ID '{name}' is not valid: it is a GUID."
        return [Problem("name", message, "InvalidRoleAssignmentId")]
    return []


def _check_role(role: RoleDefinition | None, role_id: UUID, scope: ResourceId) -> list[Problem]:
    target = "properties.roleDefinitionId"
    if role is None:
        message = f"The role definition '{role_id}' does not exist."
        return [Problem(target, message, "RoleDefinitionDoesNotExist")]
    if not any(ResourceId.parse(one).contains(scope) for one in role.assignable_scopes):
        scopes = ", ".join(role.assignable_scopes)
        message = f"The role '{role.name}' can be assigned within {scopes}, not at '{scope}'."
        return [Problem(target, message, "RoleDefinitionScopeNotAssignable")]
    return []


def _check_condition(condition: str | None, version: str | None) -> list[Problem]:
    problems = []
    if version is not None and version != VERSION:
        message = f"The version of a condition is {VERSION}, not '{version}'."
        problems.append(Problem("properties.conditionVersion", message, "InvalidConditionVersion"))
    if condition:
        try:
            parse_condition(condition)
        except ConditionError as error:
            problems.append(Problem("properties.condition", str(error), "InvalidCondition"))
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
