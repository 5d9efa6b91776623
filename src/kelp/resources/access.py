"""Who may do what: the one decision that every surface asks for, with the reason it gives.

Azure's model: an action is permitted when a role that the caller, or a group of the caller, holds at the scope or
above it grants the action and does not exclude it, and its condition holds. There are no deny assignments. A caller of
another tenant holds what the owner of the scope delegated (`resources.delegation`), and nothing else. The rules are
numbered in docs/reference/access.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kelp.base.ids import ResourceId
from kelp.resources.decision import Decision, Question, Trace, Weighed, conclude
from kelp.resources.errors import AccessDenied, MissingRight
from kelp.resources.held_roles import (
    Caller,
    HeldRole,
    RoleIndex,
    iter_delegated_roles,
)
from kelp.resources.network_limits import NetworkLimits, Plane
from kelp.resources.role_condition import ALWAYS, NEVER, TABLE_DATA_READ, limit

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from uuid import UUID

    from kelp.base.errors import ServiceError
    from kelp.resources.lockbox import TemporaryGrants
    from kelp.resources.snapshot import Snapshot

__all__ = ["TABLE_DATA_READ", "Access", "Caller", "Decision"]

QUERY_READ = "Microsoft.OperationalInsights/workspaces/query/read"
QUERY_TABLE_READ = "Microsoft.OperationalInsights/workspaces/query/{table}/read"
RESOURCE_LOGS_READ = "Microsoft.Insights/logs/{table}/read"
"""Reading what a resource logged to a table, asked for at the resource."""
GIVE_ACCESS = "Microsoft.Authorization/roleAssignments/write"
SHARED_KEYS_ACTION = "Microsoft.OperationalInsights/workspaces/sharedKeys/action"
TELEMETRY_WRITE = "Microsoft.Insights/Telemetry/Write"
"""A data action: sending records through a data collection rule."""

_MAXIMUM_REMEMBERED_DECISIONS = 20_000
_NAMES_TABLE = re.compile(r"microsoft\.operationalinsights/workspaces/query/.+/read", re.IGNORECASE)
_NAMES_LOG = re.compile(r"microsoft\.insights/logs/.+/read", re.IGNORECASE)
_ANY_TABLE = "Any"
"""Stands for a table that no role names."""
_READS_TABLE = re.compile(
    r"microsoft\.(?:operationalinsights/workspaces/query|insights/logs)/(?P<table>[^/]+)/read", re.IGNORECASE
)


@dataclass(slots=True)
class _Remembered:
    """What was found out at one version of the store."""

    version: int
    decisions: dict[tuple[object, ...], Decision] = field(default_factory=dict)
    reached: dict[tuple[object, ...], _Reached] = field(default_factory=dict)
    readers: dict[tuple[object, ...], bool] = field(default_factory=dict)
    extents: dict[tuple[object, ...], _Extent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reached:
    """The keys of the scopes at which a caller holds a role, and of those above them."""

    held: frozenset[str]
    above: frozenset[str]


class SnapshotHolder(Protocol):
    """Has the present state: the resource store."""

    @property
    def snapshot(self) -> Snapshot:
        """The present state."""
        ...


@dataclass(frozen=True, slots=True)
class _Supposed:
    """Has a state that is not there."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class _Extent:
    """One place for each role that a caller holds, and the tenants that delegated any to it."""

    samples: tuple[ResourceId, ...]
    delegating: frozenset[UUID]


class Access:
    """Decides from the store's snapshot, in memory. Safe for concurrent use, also from an event loop."""

    def __init__(
        self,
        store: SnapshotHolder,
        network: NetworkLimits | None = None,
        temporary: TemporaryGrants | None = None,
    ) -> None:
        """`network` knows the private networks of the installation, `temporary` what is given for a time."""
        self.network = network or NetworkLimits()
        self._store = store
        self._temporary = temporary
        self._index = RoleIndex()
        self._remembered = _Remembered(0)

    def decide(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> Decision:
        """Decide whether the caller may perform the action at the scope; `is_data` for actions on data."""
        snapshot = self._store.snapshot
        decisions = self._recall(snapshot).decisions
        key = (caller.tenant_id, caller.object_id, caller.group_ids, action, scope.key, is_data)
        decision = decisions.get(key)
        if decision is None:
            asked = self._ask(snapshot, caller, action, scope, is_data=is_data)
            decision = decisions[key] = conclude(*asked)
        if not decision.allowed:
            reason = self._find_temporary(caller, action, scope, is_data=is_data)
            return decision if reason is None else _allow_for_a_time(reason)
        return decision

    def trace(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> Trace:
        """Decide as `decide` does, and tell all that there was to look at."""
        question, roles = self._ask(self._store.snapshot, caller, action, scope, is_data=is_data)
        weighed = tuple(roles)
        decision = conclude(question, weighed)
        reason = None
        if not decision.allowed:
            reason = self._find_temporary(caller, action, scope, is_data=is_data)
        return Trace(decision if reason is None else _allow_for_a_time(reason), weighed, reason)

    def suppose(self, snapshot: Snapshot) -> Access:
        """Return the access that there would be if the store had this snapshot."""
        return Access(_Supposed(snapshot), self.network, self._temporary)

    def temporary_key(self, caller: Caller) -> Hashable:
        """Stand for what the caller is given for a time: two with the same key are given the same."""
        return self._temporary.key_of(caller) if self._temporary is not None else None

    def require(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> None:
        """Raise `AccessDenied` unless the action is allowed."""
        decision = self.decide(caller, action, scope, is_data=is_data)
        if not decision.allowed:
            message = (
                f"The client '{caller.name}' with object id '{caller.object_id}' does not have authorization to "
                f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
                "granted, please refresh your credentials."
            )
            missing = MissingRight(caller.object_id, action, scope, is_data)
            raise AccessDenied(message, decision.reason, target=str(scope), missing=missing)

    def reaches(self, caller: Caller, scope: ResourceId) -> bool:
        """Tell whether the caller has any role at, above or below the scope: whether to show that it exists."""
        snapshot = self._store.snapshot
        owner = snapshot.find_tenant_id(scope)
        if owner is None:
            return False
        reached = self._reach(snapshot, caller, is_own=owner == caller.tenant_id)
        return scope.key in reached.above or any(
            place.key in reached.held for place in (scope, *scope.iter_ancestors())
        )

    def allows_somewhere(self, caller: Caller, action: str) -> bool:
        """Tell whether the caller may perform the action at any place at all: whether to offer it."""
        return any(self.decide(caller, action, place).allowed for place in self._extend(caller).samples)

    def list_delegating_tenants(self, caller: Caller) -> frozenset[UUID]:
        """Return the tenants, other than its own, of which something is delegated to the caller."""
        return self._extend(caller).delegating

    def find_network_refusal(self, scope: ResourceId, address: str) -> ServiceError | None:
        """Return why a management request from an address is refused at a scope in a workspace; None if it is not."""
        known = self._store.snapshot.workspaces_by_key
        for place in (scope, *scope.iter_ancestors()):
            workspace = known.get(place.key)
            if workspace is not None and not self.network.admits(workspace, Plane.MANAGEMENT, address):
                return self.network.refuse(workspace, Plane.MANAGEMENT, address)
        return None

    def find_owner(self, scope: ResourceId) -> UUID | None:
        """Return the tenant that the scope belongs to; None for the root and for what is not known."""
        return self._store.snapshot.find_tenant_id(scope)

    def list_held(self, caller: Caller, scope: ResourceId) -> tuple[HeldRole, ...]:
        """Return the roles that the caller holds at the scope, the nearest first."""
        return tuple(self._index.iter_held(self._store.snapshot, caller, scope))

    def reads_some_table(self, caller: Caller, workspace: ResourceId) -> bool:
        """Tell whether some role lets the caller read a table of the workspace, by its name or by a role at it."""
        snapshot = self._store.snapshot
        known = self._recall(snapshot).readers
        # What is given for a time allows some of it: the key ends with that.
        temporary = self.temporary_key(caller)
        key = (caller.tenant_id, caller.object_id, caller.group_ids, workspace.key, temporary)
        if key not in known:
            known[key] = any(_names(role, _NAMES_TABLE) for role in self.list_held(caller, workspace)) or any(
                self.decide(caller, QUERY_TABLE_READ.format(table=place.name), place).allowed
                or self.decide(caller, TABLE_DATA_READ, place, is_data=True).allowed
                for place, _ in self.list_held_below(caller, workspace)
                if place.type.lower().endswith("/workspaces/tables")
            )
        return known[key]

    def reads_logs_of(self, caller: Caller, resource: ResourceId) -> bool:
        """Tell whether some role lets the caller read anything that a resource logged."""
        if self.decide(caller, RESOURCE_LOGS_READ.format(table=_ANY_TABLE), resource).allowed:
            return True
        return any(
            _names(role, _NAMES_LOG) or role.condition != ALWAYS for role in self.list_held(caller, resource)
        )

    def list_log_sources(self, caller: Caller, table: str, beside: ResourceId) -> tuple[ResourceId, ...]:
        """Return the places of the caller's tenant whose logs of a table it may read without a condition.

        Those that contain `beside`, or lie in it, are left out: roles there count for themselves.
        """
        action = RESOURCE_LOGS_READ.format(table=table)
        return tuple(
            place
            for place, role in self.list_held_below(caller, ResourceId())
            if role.condition == ALWAYS
            and role.match(action, is_data=False).permits
            and not place.contains(beside)
            and not beside.contains(place)
        )

    def list_held_below(self, caller: Caller, scope: ResourceId) -> tuple[tuple[ResourceId, HeldRole], ...]:
        """Return the roles that the caller holds at places below the scope, in its own tenant."""
        prefix = scope.key.rstrip("/") + "/"
        return tuple(
            (ResourceId.parse(role.scope), role)
            for key, roles in self._index.iter_scopes(self._store.snapshot, caller)
            if key.startswith(prefix)
            for role in roles
        )

    def _ask(
        self, snapshot: Snapshot, caller: Caller, action: str, scope: ResourceId, *, is_data: bool
    ) -> tuple[Question, Iterator[Weighed]]:
        """Return the question and, one by one, what each role that the caller holds says to it."""
        owner = caller.tenant_id if scope.subscription_id is None else snapshot.find_tenant_id(scope)
        table = _find_table(action, scope, is_data=is_data)

        def weigh(held: HeldRole) -> Weighed:
            match = held.match(action, is_data=is_data)
            return Weighed(held, match, limit(held.condition, action, table) if match.permits else NEVER)

        held = () if owner is None else self._index.iter_held(snapshot, caller, scope)
        return Question(caller, action, scope, is_data, owner), map(weigh, held)

    def _find_temporary(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool) -> str | None:
        """Return why the action is allowed for a time. Never remembered: it ends by the clock."""
        return (
            None if self._temporary is None or is_data else self._temporary.find_grant(caller, action, scope)
        )

    def _reach(self, snapshot: Snapshot, caller: Caller, *, is_own: bool) -> _Reached:
        known = self._recall(snapshot).reached
        key = (caller.tenant_id, caller.object_id, caller.group_ids, is_own)
        reached = known.get(key)
        if reached is None:
            if is_own:
                held = frozenset(scope for scope, _ in self._index.iter_scopes(snapshot, caller))
            else:
                held = frozenset(place for place, _ in iter_delegated_roles(snapshot, caller))
            above = (place.key for scope in held for place in ResourceId.parse(scope).iter_ancestors())
            reached = known[key] = _Reached(held, frozenset(above))
        return reached

    def _extend(self, caller: Caller) -> _Extent:
        snapshot = self._store.snapshot
        known = self._recall(snapshot).extents
        key = (caller.tenant_id, caller.object_id, caller.group_ids)
        if key not in known:
            places: dict[object, str] = {}
            for place, roles in self._index.iter_scopes(snapshot, caller):
                places |= {role.role.id: place for role in roles if role.role.id not in places}
            delegated = dict(iter_delegated_roles(snapshot, caller))
            for place, role_ids in delegated.items():
                places |= {(role_id, True): place for role_id in role_ids if (role_id, True) not in places}
            owners = (snapshot.find_tenant_id(ResourceId.parse(place)) for place in delegated)
            samples = tuple(ResourceId.parse(place) for place in dict.fromkeys(places.values()))
            known[key] = _Extent(samples, frozenset(owner for owner in owners if owner is not None))
        return known[key]

    def _recall(self, snapshot: Snapshot) -> _Remembered:
        remembered = self._remembered
        if (
            remembered.version != snapshot.version
            or len(remembered.decisions) > _MAXIMUM_REMEMBERED_DECISIONS
        ):
            remembered = self._remembered = _Remembered(snapshot.version)
        return remembered


def _allow_for_a_time(reason: str) -> Decision:
    return Decision(True, f"Temporary access: {reason}")


def _names(role: HeldRole, pattern: re.Pattern[str]) -> bool:
    return any(
        pattern.fullmatch(action) for permission in role.role.permissions for action in permission.actions
    )


def _find_table(action: str, scope: ResourceId, *, is_data: bool) -> str | None:
    """Return the table whose records an action reads; None for any other action."""
    if is_data:
        is_reading = action.lower() == TABLE_DATA_READ.lower()
        return scope.name if is_reading and scope.type.lower().endswith("/workspaces/tables") else None
    found = _READS_TABLE.fullmatch(action)
    return found["table"] if found else None
