"""Delegated management: a customer lets accounts of a provider's tenant act on a subscription or group of its own.

Azure's shape (Microsoft.ManagedServices): a registration definition names the provider's tenant and who of it gets
which roles; a registration assignment puts a definition in force at a subscription or resource group. Both lie in the
customer's subscription and are the customer's. What is not in force grants nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.role_definition import (
    BUILT_IN_ROLES,
    OWNER,
    REGISTRATION_ASSIGNMENT_DELETE,
    USER_ACCESS_ADMINISTRATOR,
    Match,
    RoleDefinition,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.transaction import Transaction

NAMESPACE = "Microsoft.ManagedServices"
DEFINITION_TYPE = f"{NAMESPACE}/registrationDefinitions"
ASSIGNMENT_TYPE = f"{NAMESPACE}/registrationAssignments"
_NEVER_DELEGATED = {
    OWNER: "Owner can't be delegated.",
    USER_ACCESS_ADMINISTRATOR: "User Access Administrator can't be delegated: roles are the customer's to give.",
}
_KEPT_BY_OWNER = ("Microsoft.Authorization", NAMESPACE)


@dataclass(frozen=True, slots=True)
class Authorization:
    """A role for a user, group or application of the managing tenant."""

    principal_id: UUID
    role_definition_id: UUID
    principal_name: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationDefinition:
    """An offer: who of `managed_by_tenant_id` is to get which roles."""

    name: str
    description: str
    managed_by_tenant_id: UUID
    authorizations: tuple[Authorization, ...]


@dataclass(frozen=True, slots=True)
class RegistrationAssignment:
    """The definition of that id is in force at `scope`, a subscription or resource group, and below it."""

    scope: str
    definition_id: str


def put_registration_definition(
    transaction: Transaction,
    definition_id: ResourceId,
    definition: RegistrationDefinition,
    *,
    has_tenant: Callable[[UUID], bool],
    has_principal: Callable[[UUID, UUID], bool],
) -> Resource[RegistrationDefinition]:
    """Make or change an offer; a change holds at once wherever it is in force.

    `has_principal` is asked with the id of the tenant and of an account or group. Raises `InvalidDocument` with
    everything that is wrong, `ResourceConflict` (the managing tenant of one in force), `ResourceNotFound`.
    """
    scope = definition_id.parent or ResourceId()
    owner = transaction.require_scope(scope)
    problems = [*_check_name(definition_id), *_iter_scope_problems(scope, allows_group=False)]
    managing = definition.managed_by_tenant_id
    if managing == owner or not has_tenant(managing):
        what = "the subscription's own tenant" if managing == owner else "not known"
        problems.append(
            Problem(
                "properties.managedByTenantId",
                f"The tenant '{managing}' is {what}.",
                "InvalidManagedByTenant",
            )
        )
    problems += iter_authorization_problems(definition, lambda principal: has_principal(managing, principal))
    refuse_if_any(problems)
    existing = transaction.find(RegistrationDefinition, definition_id)
    if existing is not None and existing.properties.managed_by_tenant_id != managing:
        raise ResourceConflict(
            "RegistrationDefinitionUpdateNotPermitted",
            "The managing tenant of a registration definition can't be changed.",
            target="properties.managedByTenantId",
        )
    return transaction.put(definition_id, definition)


def delete_registration_definition(transaction: Transaction, definition_id: ResourceId) -> bool:
    """Remove an offer; return whether there was one. Raises `ResourceConflict` while it is in force."""
    in_force = [
        assignment
        for assignments in transaction.snapshot.delegations.values()
        for assignment in assignments
        if ResourceId.parse(assignment.properties.definition_id) == definition_id
    ]
    if in_force:
        raise ResourceConflict(
            "RegistrationDefinitionHasAssignments",
            f"The definition is in force at '{in_force[0].properties.scope}'; remove that assignment first.",
            target=str(definition_id),
        )
    return transaction.delete(definition_id)


def put_registration_assignment(
    transaction: Transaction, assignment_id: ResourceId, definition_id: str
) -> Resource[RegistrationAssignment]:
    """Put an offer in force at the scope that the id names. Raises `InvalidDocument`, `ResourceConflict`."""
    scope = assignment_id.parent or ResourceId()
    transaction.require_scope(scope)
    problems = [*_check_name(assignment_id), *_iter_scope_problems(scope, allows_group=True)]
    definition = _find_definition(transaction, definition_id, scope)
    if definition is None:
        message = f"There is no registration definition '{definition_id}' in the subscription."
        problems.append(
            Problem("properties.registrationDefinitionId", message, "RegistrationDefinitionNotFound")
        )
    refuse_if_any(problems)
    assert definition is not None
    draft = RegistrationAssignment(str(scope), str(definition.id))
    for other in transaction.snapshot.delegations.get(scope.key, ()):
        if other.id != assignment_id and other.properties.definition_id.lower() == definition.id.key:
            raise ResourceConflict(
                "RegistrationAssignmentExists",
                f"The definition is in force at '{scope}' already, by '{other.id.name}'.",
                target=str(assignment_id),
            )
    existing = transaction.find(RegistrationAssignment, assignment_id)
    if existing is not None and existing.properties != draft:
        raise ResourceConflict(
            "RegistrationAssignmentUpdateNotPermitted",
            "A registration assignment can't be given another definition.",
            target="properties.registrationDefinitionId",
        )
    return transaction.put(assignment_id, draft)


def iter_delegations(
    snapshot: Snapshot, scope: ResourceId
) -> Iterator[tuple[Resource[RegistrationAssignment], RegistrationDefinition]]:
    """Yield what is in force at a subscription or group, with its definition."""
    for assignment in snapshot.delegations.get(scope.key, ()):
        definition = _definition_of(snapshot, assignment)
        if definition is not None:
            yield assignment, definition


def list_managing_tenants(snapshot: Snapshot, subscription: ResourceId) -> tuple[UUID, ...]:
    """Return the tenants to which something of a subscription is delegated."""
    found = {
        definition.managed_by_tenant_id
        for assignments in snapshot.delegations.values()
        for assignment in assignments
        if subscription.contains(assignment.id)
        for definition in (_definition_of(snapshot, assignment),)
        if definition is not None
    }
    return tuple(sorted(found))


def match_delegated(role: RoleDefinition, action: str, *, is_data: bool) -> Match:
    """Return by which patterns a delegated role grants an action: never to give or take rights, save to end its own."""
    match = role.match(action, is_data=is_data)
    if not match.permits or role.id == REGISTRATION_ASSIGNMENT_DELETE or action.lower().endswith("/read"):
        return match
    kept = next((one for one in _KEPT_BY_OWNER if action.lower().startswith(f"{one}/".lower())), None)
    return match if kept is None else Match(match.granting, f"{kept}/*")


def _definition_of(
    snapshot: Snapshot, assignment: Resource[RegistrationAssignment]
) -> RegistrationDefinition | None:
    stored = snapshot.delegation_definitions.get(assignment.properties.definition_id.lower())
    return None if stored is None else stored.properties


def _find_definition(
    transaction: Transaction, definition_id: str, scope: ResourceId
) -> Resource[RegistrationDefinition] | None:
    if not definition_id.startswith("/"):
        return None
    resource_id = ResourceId.parse(definition_id)
    if (
        resource_id.type.lower() != DEFINITION_TYPE.lower()
        or resource_id.subscription_id != scope.subscription_id
    ):
        return None
    return transaction.find(RegistrationDefinition, resource_id)


def _check_name(resource_id: ResourceId) -> list[Problem]:
    try:
        UUID(resource_id.name)
    except ValueError:
        return [Problem("name", f"The name '{resource_id.name}' is not valid: it is a GUID.", "InvalidName")]
    return []


def _iter_scope_problems(scope: ResourceId, *, allows_group: bool) -> Iterator[Problem]:
    kinds = [kind for kind, _ in scope.pairs]
    if kinds == ["subscriptions"] or (allows_group and kinds == ["subscriptions", "resourceGroups"]):
        return
    where = "a subscription or resource group" if allows_group else "a subscription"
    yield Problem("scope", f"It belongs at {where}, not at '{scope}'.", "InvalidScope")


def iter_authorization_problems(
    definition: RegistrationDefinition, has_principal: Callable[[UUID], bool]
) -> Iterator[Problem]:
    """Yield what is wrong with who is to get which role."""
    if not definition.authorizations:
        yield Problem(
            "properties.authorizations", "At least one authorization is needed.", "MissingAuthorizations"
        )
    for index, authorization in enumerate(definition.authorizations):
        path = f"properties.authorizations[{index}]"
        role_id = authorization.role_definition_id
        refusal = _NEVER_DELEGATED.get(role_id)
        if refusal is None and role_id not in BUILT_IN_ROLES:
            refusal = f"'{role_id}' is no built-in role; only those can be delegated."
        if refusal is not None:
            yield Problem(f"{path}.roleDefinitionId", refusal, "InvalidRoleDefinition")
        if not has_principal(authorization.principal_id):
            managing = definition.managed_by_tenant_id
            message = f"Principal {authorization.principal_id} does not exist in the tenant {managing}."
            yield Problem(f"{path}.principalId", message, "PrincipalNotFound")
