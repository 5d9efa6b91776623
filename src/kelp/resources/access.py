"""Who may do what: the one decision that every surface asks for, with the reason it gives.

Azure's model: an action is permitted when a role assigned to the caller, or to a group of the caller, at the scope or
above it grants the action and does not exclude it. There are no deny assignments. The caller must be a principal of the
tenant that owns the scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from kelp.base.ids import ResourceId
from kelp.resources.errors import AccessDenied
from kelp.resources.role_assignment import RoleAssignment
from kelp.resources.role_definition import BUILT_IN_ROLES

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.store import ResourceStore

QUERY_READ = "Microsoft.OperationalInsights/workspaces/query/read"
QUERY_TABLE_READ = "Microsoft.OperationalInsights/workspaces/query/{table}/read"
SHARED_KEYS_ACTION = "Microsoft.OperationalInsights/workspaces/sharedKeys/action"
TELEMETRY_WRITE = "Microsoft.Insights/Telemetry/Write"
"""A data action: sending records through a data collection rule."""

_MAXIMUM_REMEMBERED_DECISIONS = 20_000


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
class Decision:
    """Whether the action is allowed, and the sentence that explains it to an administrator."""

    allowed: bool
    reason: str


class Access:
    """Decides from the store's snapshot, in memory. Safe for concurrent use, also from an event loop."""

    def __init__(self, store: ResourceStore) -> None:
        self._store = store
        self._remembered: tuple[int, dict[tuple[object, ...], Decision]] = (0, {})

    def decide(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> Decision:
        """Decide whether the caller may perform the action at the scope; `is_data` for actions on data."""
        snapshot = self._store.snapshot
        version, decisions = self._remembered
        if version != snapshot.version or len(decisions) > _MAXIMUM_REMEMBERED_DECISIONS:
            decisions = {}
            self._remembered = (snapshot.version, decisions)
        key = (caller.tenant_id, caller.object_id, caller.group_ids, action, scope.key, is_data)
        decision = decisions.get(key)
        if decision is None:
            decision = decisions[key] = _decide(snapshot, caller, action, scope, is_data=is_data)
        return decision

    def require(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> None:
        """Raise `AccessDenied` unless the action is allowed."""
        decision = self.decide(caller, action, scope, is_data=is_data)
        if not decision.allowed:
            message = (
                f"The client '{caller.name}' with object id '{caller.object_id}' does not have authorization to "
                f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
                "granted, please refresh your credentials."
            )
            raise AccessDenied(message, decision.reason, target=str(scope))

    def reaches(self, caller: Caller, scope: ResourceId) -> bool:
        """Tell whether the caller has any role at, above or below the scope: whether to show that it exists."""
        snapshot = self._store.snapshot
        if snapshot.find_tenant_id(scope) != caller.tenant_id:
            return False
        for assignment in _iter_assignments(snapshot, caller):
            granted = ResourceId.parse(assignment.properties.scope)
            if granted.contains(scope) or scope.contains(granted):
                return True
        return False


def _decide(snapshot: Snapshot, caller: Caller, action: str, scope: ResourceId, *, is_data: bool) -> Decision:
    owner = caller.tenant_id if scope.subscription_id is None else snapshot.find_tenant_id(scope)
    if owner is None:
        return Decision(False, f"The subscription of '{scope}' is not known.")
    if owner != caller.tenant_id:
        return Decision(
            False, f"'{scope}' belongs to tenant {owner}, the caller to tenant {caller.tenant_id}."
        )
    kind = "data action" if is_data else "action"
    considered = []
    for assignment in _iter_assignments(snapshot, caller):
        if not ResourceId.parse(assignment.properties.scope).contains(scope):
            continue
        role = BUILT_IN_ROLES.get(assignment.properties.role_definition_id)
        if role is None:
            continue
        if role.permits(action, is_data=is_data):
            return Decision(True, f"{_describe(assignment, role.name, caller)} grants the {kind} '{action}'.")
        considered.append(_describe(assignment, role.name, caller))
    if not considered:
        return Decision(False, f"The caller has no role at '{scope}' or above it.")
    return Decision(False, f"None of these grants the {kind} '{action}': {'; '.join(considered)}.")


def _iter_assignments(snapshot: Snapshot, caller: Caller) -> Iterator[Resource[RoleAssignment]]:
    for principal_id in (caller.object_id, *sorted(caller.group_ids)):
        for assignment in snapshot.assignments.get(principal_id, ()):
            if assignment.tenant_id == caller.tenant_id:
                yield assignment


def _describe(assignment: Resource[RoleAssignment], role_name: str, caller: Caller) -> str:
    granted = assignment.properties
    to = "the caller" if granted.principal_id == caller.object_id else f"group {granted.principal_id}"
    return f"role '{role_name}' assigned to {to} at '{granted.scope}'"
