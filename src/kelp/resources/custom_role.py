"""A role that a tenant defines for itself, beside the built-in ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.role_definition import BUILT_IN_ROLES, Permission, RoleDefinition, RoleKind

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.transaction import Transaction

ROLE_TYPE = "Microsoft.Authorization/roleDefinitions"
MAXIMUM_ROLES = 5_000
"""Roles that a tenant may define."""
MAXIMUM_SCOPES = 2_000
_ACTION = re.compile(r"[A-Za-z0-9_.*-]+(?:/[A-Za-z0-9_.*$-]+)*")


@dataclass(frozen=True, slots=True)
class CustomRole:
    """A role of the resource's tenant; the role's id is the resource's name. It can be granted within its scopes."""

    name: str
    description: str
    permissions: tuple[Permission, ...]
    assignable_scopes: tuple[str, ...]


def role_resource_id(role_id: UUID) -> ResourceId:
    """Return where a tenant's own role is kept, whatever scope it is named at."""
    return ResourceId().child(ROLE_TYPE, str(role_id))


def find_role(snapshot: Snapshot, tenant_id: UUID, role_id: UUID) -> RoleDefinition | None:
    """Return a role that a tenant has: a built-in one or one of its own."""
    built_in = BUILT_IN_ROLES.get(role_id)
    if built_in is not None:
        return built_in
    stored = snapshot.roles.get(role_id)
    return None if stored is None or stored.tenant_id != tenant_id else define_role(stored)


def iter_roles(snapshot: Snapshot, tenant_id: UUID) -> Iterator[RoleDefinition]:
    """Yield the roles that a tenant has: the built-in ones, then its own by name."""
    yield from BUILT_IN_ROLES.values()
    own = (define_role(role) for role in snapshot.roles.values() if role.tenant_id == tenant_id)
    yield from sorted(own, key=lambda role: role.name.lower())


def define_role(stored: Resource[CustomRole]) -> RoleDefinition:
    """Return a stored role in the form that all roles have."""
    role = stored.properties
    return RoleDefinition(
        UUID(stored.id.name),
        role.name,
        role.description,
        role.permissions,
        RoleKind.CUSTOM,
        role.assignable_scopes,
    )


def put_custom_role(transaction: Transaction, name: str, role: CustomRole) -> Resource[CustomRole]:
    """Define a role, or change one that the author's tenant defined under this name, which is a GUID.

    Raises `InvalidDocument` with everything that is wrong, `ResourceConflict` (another role has its name, or it is
    assigned where it could no longer be), `ResourceNotFound` (a scope).
    """
    role_id, problems = _read_name(name)
    problems += [*_check_role(role), *_iter_scope_problems(transaction, role.assignable_scopes)]
    refuse_if_any(problems)
    existing = transaction.find(CustomRole, role_resource_id(role_id))
    if existing is not None and existing.tenant_id != transaction.author.tenant_id:
        raise ResourceConflict(
            "RoleDefinitionExists", f"The id '{role_id}' is in use; choose another.", target="name"
        )
    tenants_own = [
        one
        for one in transaction.snapshot.roles.values()
        if one.tenant_id == transaction.author.tenant_id and one.id.name != str(role_id)
    ]
    if any(one.properties.name.lower() == role.name.lower() for one in tenants_own) or any(
        one.name.lower() == role.name.lower() for one in BUILT_IN_ROLES.values()
    ):
        raise ResourceConflict(
            "RoleDefinitionWithSameNameExists",
            f"There is a role named '{role.name}' already; names of roles are unique in a tenant.",
            target="properties.roleName",
        )
    if len(tenants_own) >= MAXIMUM_ROLES:
        raise ResourceConflict(
            "RoleDefinitionLimitExceeded", f"A tenant defines at most {MAXIMUM_ROLES} roles."
        )
    _require_assigned_within(transaction, role_id, role.assignable_scopes)
    return transaction.put(role_resource_id(role_id), role)


def delete_custom_role(transaction: Transaction, role_id: UUID) -> Resource[CustomRole] | None:
    """Remove a role; return what was removed. Raises `ResourceConflict` while it is assigned."""
    stored = transaction.find(CustomRole, role_resource_id(role_id))
    if stored is None or stored.tenant_id != transaction.author.tenant_id:
        return None
    assigned = list(_iter_assigned_scopes(transaction, role_id))
    if assigned:
        raise ResourceConflict(
            "RoleDefinitionHasAssignments",
            f"There are {len(assigned)} assignments of the role '{stored.properties.name}', such as one at "
            f"'{assigned[0]}'; remove them first.",
            target=str(stored.id),
        )
    transaction.delete(stored.id)
    return stored


def _read_name(name: str) -> tuple[UUID, list[Problem]]:
    try:
        role_id = UUID(name)
    except ValueError:
        message = f"The role definition id '{name}' is not valid: it is a GUID."
        return UUID(int=0), [Problem("name", message, "InvalidRoleDefinitionId")]
    if role_id in BUILT_IN_ROLES:
        message = f"'{BUILT_IN_ROLES[role_id].name}' is a built-in role, which can't be changed."
        return role_id, [Problem("name", message, "RoleDefinitionIsBuiltIn")]
    return role_id, []


def _check_role(role: CustomRole) -> list[Problem]:
    problems = []
    if not 1 <= len(role.name) <= 128:
        problems.append(Problem("properties.roleName", "The name of a role has 1 to 128 characters."))
    if len(role.description) > 1024:
        problems.append(Problem("properties.description", "A description has at most 1,024 characters."))
    if not role.permissions:
        problems.append(Problem("properties.permissions", "A role needs at least one permission."))
    for index, permission in enumerate(role.permissions):
        problems += _check_permission(permission, f"properties.permissions[{index}]")
    if not 1 <= len(role.assignable_scopes) <= MAXIMUM_SCOPES:
        problems.append(
            Problem(
                "properties.assignableScopes",
                f"A role needs 1 to {MAXIMUM_SCOPES} scopes in which it can be assigned.",
                "MissingAssignableScopes",
            )
        )
    return problems


def _check_permission(permission: Permission, path: str) -> list[Problem]:
    members = {
        "actions": permission.actions,
        "notActions": permission.not_actions,
        "dataActions": permission.data_actions,
        "notDataActions": permission.not_data_actions,
    }
    problems = [
        Problem(
            f"{path}.{member}[{index}]",
            f"'{action}' is no action such as Microsoft.OperationalInsights/workspaces/read or one with wildcards.",
            "InvalidActionOrNotAction",
        )
        for member, actions in members.items()
        for index, action in enumerate(actions)
        if not _ACTION.fullmatch(action)
    ]
    if not permission.actions and not permission.data_actions:
        problems.append(Problem(path, "A permission grants at least one action or data action."))
    return problems


def _iter_scope_problems(transaction: Transaction, scopes: tuple[str, ...]) -> Iterator[Problem]:
    for index, text in enumerate(scopes):
        target = f"properties.assignableScopes[{index}]"
        try:
            scope = ResourceId.parse(text)
        except InvalidResourceId as invalid:
            yield Problem(target, invalid.message, "InvalidScope")
            continue
        owner = transaction.snapshot.find_tenant_id(scope)
        if scope.subscription_id is not None and owner != transaction.author.tenant_id:
            yield Problem(target, f"There is no subscription '{scope.subscription_id}'.", "InvalidScope")


def _require_assigned_within(transaction: Transaction, role_id: UUID, scopes: tuple[str, ...]) -> None:
    allowed = [ResourceId.parse(scope) for scope in scopes]
    for assigned in _iter_assigned_scopes(transaction, role_id):
        if not any(scope.contains(assigned) for scope in allowed):
            raise ResourceConflict(
                "RoleDefinitionHasAssignments",
                f"The role is assigned at '{assigned}', which the new assignable scopes leave out.",
                target="properties.assignableScopes",
            )


def _iter_assigned_scopes(transaction: Transaction, role_id: UUID) -> Iterator[ResourceId]:
    for granted in transaction.snapshot.assignments.values():
        for assignment in granted:
            if assignment.properties.role_definition_id == role_id:
                yield ResourceId.parse(assignment.properties.scope)
