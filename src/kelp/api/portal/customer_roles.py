"""Which roles somebody holds in the workspaces of customers, and by whom they were granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kelp.base.ids import ResourceId
from kelp.resources.delegation import ASSIGNMENT_TYPE

if TYPE_CHECKING:
    from kelp.api.portal.home import Facts
    from kelp.identity.principal import Principal
    from kelp.resources.held_roles import HeldRole
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace


class CustomerRoles:
    """The roles of one caller, looked up once for each workspace. For one answer, on one thread."""

    def __init__(self, facts: Facts, principal: Principal) -> None:
        self._facts = facts
        self._principal = principal
        self._known: dict[ResourceId, list[dict[str, Any]]] = {}

    def gather(self, workspaces: tuple[Resource[Workspace], ...]) -> list[dict[str, Any]]:
        """Return the roles held in the workspaces, each of an assignment once, by name and scope."""
        found = {
            (role["assignmentId"], role["name"]): role for one in workspaces for role in self._list_at(one.id)
        }
        return sorted(found.values(), key=lambda role: (role["name"], role["scope"]))

    def _list_at(self, scope: ResourceId) -> list[dict[str, Any]]:
        if scope not in self._known:
            held = self._facts.access.list_held(self._principal, scope)
            self._known[scope] = [self._describe(one) for one in held]
        return self._known[scope]

    def _describe(self, held: HeldRole) -> dict[str, Any]:
        stored = next(
            (one for one in self._iter_assignments(held) if str(one.id) == held.assignment_id), None
        )
        is_own = held.principal_id == self._principal.object_id
        group = None if is_own else self._facts.directory.groups.find(held.principal_id)
        return {
            "name": held.role.name,
            "scope": held.scope,
            "isDelegated": held.managed_by is not None,
            "group": None if is_own else group.name if group is not None else str(held.principal_id),
            "assignmentId": held.assignment_id,
            "grantedBy": stored.created.by if stored is not None else None,
            "grantedAt": stored.created.at if stored is not None else None,
            "mayEnd": held.managed_by is not None and self._may_end(held),
        }

    def _iter_assignments(self, held: HeldRole) -> Iterator[Resource[Any]]:
        snapshot = self._facts.store.snapshot
        if held.managed_by is not None:
            yield from snapshot.delegations.get(held.scope.lower(), ())
        else:
            yield from snapshot.assignments.get(held.principal_id, ())

    def _may_end(self, held: HeldRole) -> bool:
        action = f"{ASSIGNMENT_TYPE}/delete"
        scope = ResourceId.parse(held.assignment_id)
        return self._facts.access.decide(self._principal, action, scope).allowed
