"""Which roles somebody holds at a scope: own assignments, those of groups, and those that a customer delegated.

Inherited from the tenant down: a role at a scope holds for everything below it. Looked up by principal and scope, so
that a decision takes as long among thousands of assignments as among a few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from kelp.resources.condition_text import ConditionError, parse_condition
from kelp.resources.custom_role import find_role
from kelp.resources.delegation import iter_delegations, match_delegated
from kelp.resources.role_condition import ALWAYS, NEVER, Condition

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.resources.author import Stamp
    from kelp.resources.resource import Resource
    from kelp.resources.role_assignment import RoleAssignment
    from kelp.resources.role_definition import Match, RoleDefinition
    from kelp.resources.snapshot import Snapshot


class Caller(Protocol):
    """What a decision needs to know about an authenticated caller."""

    @property
    def tenant_id(self) -> UUID:
        """The directory that authenticated the caller."""
        ...

    @property
    def object_id(self) -> UUID:
        """The caller in that directory."""
        ...

    @property
    def group_ids(self) -> frozenset[UUID]:
        """The groups of that directory that the caller belongs to."""
        ...

    @property
    def name(self) -> str:
        """What to call the caller in messages."""
        ...


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role at `scope`, given to `principal_id` by the assignment of that id; `managed_by` is a provider's tenant."""

    role: RoleDefinition
    scope: str
    principal_id: UUID
    assignment_id: str
    given: Stamp
    condition: Condition = ALWAYS
    managed_by: UUID | None = None

    def match(self, action: str, *, is_data: bool) -> Match:
        """Return by which patterns the role grants the action, its condition left aside."""
        if self.managed_by is not None:
            return match_delegated(self.role, action, is_data=is_data)
        return self.role.match(action, is_data=is_data)

    def describe(self, caller: Caller) -> str:
        """Return the role, to whom and where, as reasons say it."""
        to = "the caller" if self.principal_id == caller.object_id else f"group {self.principal_id}"
        how = "assigned" if self.managed_by is None else f"delegated to tenant {self.managed_by},"
        limited = "" if self.condition == ALWAYS else " under a condition"
        return f"role '{self.role.name}' {how} to {to} at '{self.scope}'{limited}"


class RoleIndex:
    """Assignments by principal and scope. Safe for concurrent use; keeps up with the snapshots it is given."""

    def __init__(self) -> None:
        self._known: dict[
            UUID,
            tuple[tuple[Resource[RoleAssignment], ...], Mapping[str, tuple[Resource[RoleAssignment], ...]]],
        ] = {}

    def iter_held(self, snapshot: Snapshot, caller: Caller, scope: ResourceId) -> Iterator[HeldRole]:
        """Yield the roles that the caller holds at the scope, the nearest first."""
        owner = caller.tenant_id if scope.subscription_id is None else snapshot.find_tenant_id(scope)
        principals = (caller.object_id, *sorted(caller.group_ids))
        if owner != caller.tenant_id:
            yield from _iter_delegated(snapshot, caller, scope)
            return
        for place in (scope, *scope.iter_ancestors()):
            for principal_id in principals:
                for assignment in self._assignments_of(snapshot, principal_id).get(place.key, ()):
                    if assignment.tenant_id == owner and (held := _hold(snapshot, assignment)) is not None:
                        yield held

    def iter_scopes(self, snapshot: Snapshot, caller: Caller) -> Iterator[tuple[str, tuple[HeldRole, ...]]]:
        """Yield the keys of all scopes of the caller's own tenant at which it holds roles, with those."""
        for principal_id in (caller.object_id, *sorted(caller.group_ids)):
            for key, assignments in self._assignments_of(snapshot, principal_id).items():
                held = tuple(
                    role
                    for assignment in assignments
                    if assignment.tenant_id == caller.tenant_id
                    and (role := _hold(snapshot, assignment)) is not None
                )
                if held:
                    yield key, held

    def _assignments_of(
        self, snapshot: Snapshot, principal_id: UUID
    ) -> Mapping[str, tuple[Resource[RoleAssignment], ...]]:
        granted = snapshot.assignments.get(principal_id, ())
        known = self._known.get(principal_id)
        # A snapshot hands on the very same tuple as long as nothing of the principal's changes.
        if known is not None and known[0] is granted:
            return known[1]
        by_scope: dict[str, tuple[Resource[RoleAssignment], ...]] = {}
        for assignment in granted:
            key = assignment.properties.scope.lower()
            by_scope[key] = (*by_scope.get(key, ()), assignment)
        if granted:
            self._known[principal_id] = (granted, by_scope)
        else:
            self._known.pop(principal_id, None)
        return by_scope


def iter_delegated_roles(snapshot: Snapshot, caller: Caller) -> Iterator[tuple[str, frozenset[UUID]]]:
    """Yield the keys of other tenants' scopes at which the caller holds delegated roles, with the ids of those."""
    principals = {caller.object_id, *caller.group_ids}
    for key, assignments in snapshot.delegations.items():
        held: set[UUID] = set()
        for assignment in assignments:
            definition = snapshot.delegation_definitions.get(assignment.properties.definition_id.lower())
            if definition is not None and definition.properties.managed_by_tenant_id == caller.tenant_id:
                held |= {
                    one.role_definition_id
                    for one in definition.properties.authorizations
                    if one.principal_id in principals
                }
        if held:
            yield key, frozenset(held)


def _iter_delegated(snapshot: Snapshot, caller: Caller, scope: ResourceId) -> Iterator[HeldRole]:
    principals = {caller.object_id, *caller.group_ids}
    for place in (scope, *scope.iter_ancestors()):
        for assignment, definition in iter_delegations(snapshot, place):
            if definition.managed_by_tenant_id != caller.tenant_id:
                continue
            for authorization in definition.authorizations:
                role = find_role(snapshot, caller.tenant_id, authorization.role_definition_id)
                if authorization.principal_id in principals and role is not None:
                    yield HeldRole(
                        role,
                        assignment.properties.scope,
                        authorization.principal_id,
                        str(assignment.id),
                        assignment.created,
                        managed_by=caller.tenant_id,
                    )


def _hold(snapshot: Snapshot, assignment: Resource[RoleAssignment]) -> HeldRole | None:
    granted = assignment.properties
    role = find_role(snapshot, assignment.tenant_id, granted.role_definition_id)
    if role is None:
        return None
    return HeldRole(
        role,
        granted.scope,
        granted.principal_id,
        str(assignment.id),
        assignment.created,
        _read_condition(granted.condition),
    )


def _read_condition(text: str | None) -> Condition:
    """Return a stored condition; one that can't be read grants nothing."""
    if text is None:
        return ALWAYS
    try:
        return parse_condition(text)
    except ConditionError:
        return NEVER
