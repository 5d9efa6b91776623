"""Groups of a tenant: accounts and other groups, in memory so that each request can be told its caller's groups."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category, ServiceError
from kelp.identity.accounts import Account, Connections, account_conflict, account_missing
from kelp.identity.schema import GROUP, GROUP_MEMBER

FindAccount: TypeAlias = Callable[[UUID], Account | None]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a tenant. Roles granted to it hold for all that are in it, directly or through groups in it."""

    object_id: UUID
    tenant_id: UUID
    name: str
    description: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Index:
    """All groups, with members and containing groups, one step each. Never changed, only replaced."""

    groups: Mapping[UUID, Group]
    members: Mapping[UUID, frozenset[UUID]]
    parents: Mapping[UUID, frozenset[UUID]]

    @classmethod
    def of(cls, groups: Iterable[Group], memberships: Iterable[tuple[UUID, UUID]]) -> _Index:
        members: dict[UUID, set[UUID]] = {}
        parents: dict[UUID, set[UUID]] = {}
        for group_id, member_id in memberships:
            members.setdefault(group_id, set()).add(member_id)
            parents.setdefault(member_id, set()).add(group_id)
        return cls(
            {group.object_id: group for group in groups},
            {key: frozenset(found) for key, found in members.items()},
            {key: frozenset(found) for key, found in parents.items()},
        )


class Groups:
    """Finds, makes and changes groups.

    Safe for concurrent use. What is named `find_..` or `iter_..` answers from memory; the rest belongs on a worker
    thread. A change holds for the next request, whatever token it brings.
    """

    def __init__(self, connections: Connections, clock: Clock, find_account: FindAccount) -> None:
        self._connections = connections
        self._clock = clock
        self._find_account = find_account
        self._lock = threading.Lock()
        self._index = self._load()
        self._remembered: tuple[_Index, dict[UUID, frozenset[UUID]]] = (self._index, {})

    def find(self, object_id: UUID) -> Group | None:
        """Return a group."""
        return self._index.groups.get(object_id)

    def iter_groups(self, tenant_id: UUID) -> Iterator[Group]:
        """Yield the groups of a tenant."""
        return (group for group in self._index.groups.values() if group.tenant_id == tenant_id)

    def find_all_of(self, object_id: UUID) -> frozenset[UUID]:
        """Return the ids of all groups that an account or group is in, directly or through other groups."""
        index = self._index
        known, found = self._remembered
        if known is not index:
            found = {}
            self._remembered = (index, found)
        groups = found.get(object_id)
        if groups is None:
            groups = found[object_id] = _reach(index.parents, object_id)
        return groups

    def find_direct_of(self, object_id: UUID) -> frozenset[UUID]:
        """Return the ids of the groups that an account or group is in directly."""
        return self._index.parents.get(object_id, frozenset())

    def find_members(self, group_id: UUID) -> frozenset[UUID]:
        """Return the ids of a group's direct members."""
        return self._index.members.get(group_id, frozenset())

    def find_all_members(self, group_id: UUID) -> frozenset[UUID]:
        """Return the ids of a group's members, also those through groups in it."""
        return _reach(self._index.members, group_id)

    def create(self, tenant_id: UUID, name: str, description: str = "") -> Group:
        """Make an empty group. The tenant must exist."""
        group = Group(uuid4(), tenant_id, name, description, self._clock.now())
        with self._lock:
            with self._connections.write() as connection:
                connection.execute(
                    insert(GROUP).values(
                        object_id=group.object_id,
                        tenant_id=tenant_id,
                        name=name,
                        description=description,
                        created_at=group.created_at,
                    )
                )
            groups = {**self._index.groups, group.object_id: group}
            self._index = replace(self._index, groups=groups)
        return group

    def update(self, group_id: UUID, **changed: Any) -> Group:
        """Change `name` or `description`. Raises `ServiceError` (not_found)."""
        with self._lock:
            group = replace(self._get(group_id), **changed)
            if changed:
                with self._connections.write() as connection:
                    connection.execute(update(GROUP).where(GROUP.c.object_id == group_id).values(**changed))
                self._index = replace(self._index, groups={**self._index.groups, group_id: group})
        return group

    def delete(self, group_id: UUID) -> None:
        """Remove a group; its members stay. Raises `ServiceError` (not_found)."""
        with self._lock:
            self._get(group_id)
            with self._connections.write() as connection:
                connection.execute(delete(GROUP_MEMBER).where(GROUP_MEMBER.c.member_id == group_id))
                connection.execute(delete(GROUP).where(GROUP.c.object_id == group_id))
            self._index = self._load()

    def add_member(self, group_id: UUID, member_id: UUID) -> None:
        """Put an account or a group of the same tenant into a group.

        Raises `ServiceError`: not_found, conflict when it is a member already, invalid when the group is in it.
        """
        with self._lock:
            group = self._get(group_id)
            member = self._index.groups.get(member_id) or self._find_account(member_id)
            if member is None or member.tenant_id != group.tenant_id:
                raise account_missing("account or group in this tenant", member_id)
            if member_id in self.find_members(group_id):
                raise account_conflict(
                    "One or more added object references already exist for the following modified properties: "
                    f"'members': '{member.name}' is in '{group.name}'."
                )
            if member_id == group_id or member_id in _reach(self._index.parents, group_id):
                raise ServiceError(
                    Category.INVALID,
                    "Request_BadRequest",
                    f"'{member.name}' can't be in '{group.name}': '{group.name}' is in it, and a group may not be in "
                    "itself.",
                    target="members",
                )
            with self._connections.write() as connection:
                connection.execute(insert(GROUP_MEMBER).values(group_id=group_id, member_id=member_id))
            self._index = self._load()

    def remove_member(self, group_id: UUID, member_id: UUID) -> None:
        """Take a direct member out of a group. Raises `ServiceError` (not_found)."""
        with self._lock:
            self._get(group_id)
            if member_id not in self.find_members(group_id):
                raise account_missing(f"member of the group '{group_id}'", member_id)
            chosen = (GROUP_MEMBER.c.group_id == group_id) & (GROUP_MEMBER.c.member_id == member_id)
            with self._connections.write() as connection:
                connection.execute(delete(GROUP_MEMBER).where(chosen))
            self._index = self._load()

    def refresh(self) -> None:
        """Take over what others wrote."""
        with self._lock:
            self._index = self._load()

    def _get(self, group_id: UUID) -> Group:
        group = self._index.groups.get(group_id)
        if group is None:
            raise account_missing("group", group_id)
        return group

    def _load(self) -> _Index:
        with self._connections.read() as connection:
            groups = [
                Group(row.object_id, row.tenant_id, row.name, row.description, as_utc(row.created_at))
                for row in connection.execute(select(GROUP).order_by(GROUP.c.created_at))
            ]
            memberships = [(row.group_id, row.member_id) for row in connection.execute(select(GROUP_MEMBER))]
        return _Index.of(groups, memberships)


def _reach(steps: Mapping[UUID, frozenset[UUID]], start: UUID) -> frozenset[UUID]:
    """Return everything that steps lead to, however many there are and whether or not they go round."""
    reached: set[UUID] = set()
    waiting = [start]
    while waiting:
        for found in steps.get(waiting.pop(), ()):
            if found not in reached:
                reached.add(found)
                waiting.append(found)
    return frozenset(reached)
