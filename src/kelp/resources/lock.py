"""Management locks: what keeps a resource, and all below it, from being deleted or changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem, ResourceConflict
from kelp.resources.plain import Plain

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot


class LockLevel(StrEnum):
    """What a lock forbids."""

    CAN_NOT_DELETE = "CanNotDelete"
    READ_ONLY = "ReadOnly"
    NOT_SPECIFIED = "NotSpecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(Plain):
    """Holds for what it lies at and for all below that."""

    TYPE: ClassVar[str] = "Microsoft.Authorization/locks"

    level: LockLevel
    notes: str = ""
    owners: tuple[str, ...] = ()

    def check(self, name: str) -> list[Problem]:
        """Check the level and the length of name and notes."""
        problems = []
        if self.level is LockLevel.NOT_SPECIFIED:
            problems.append(Problem("properties.level", "A lock is CanNotDelete or ReadOnly."))
        if len(self.notes) > 512:
            problems.append(Problem("properties.notes", "Notes have at most 512 characters."))
        if len(name) > 90:
            problems.append(
                Problem("name", "The name of a lock has at most 90 characters.", "InvalidResourceName")
            )
        return problems


def require_unlocked(snapshot: Snapshot, resource_id: ResourceId, *, deletes: bool = False) -> None:
    """Refuse a change that a lock forbids: of a deletion also one anywhere below. Raises `ResourceConflict`.

    Locks themselves are made and removed in spite of locks, or there were no way back.
    """
    if resource_id.type == Lock.TYPE or not snapshot.locks:
        return
    found = next(_iter_forbidding(snapshot, resource_id, deletes=deletes), None)
    if found is not None:
        verb = "delete" if deletes else "write"
        raise ResourceConflict(
            "ScopeLocked",
            f"The scope '{resource_id}' cannot perform {verb} operation because following scope(s) are locked: "
            f"'{found.id.parent}'. Please remove the lock '{found.id.name}' and try again.",
            target=str(resource_id),
        )


def _iter_forbidding(
    snapshot: Snapshot, resource_id: ResourceId, *, deletes: bool
) -> Iterator[Resource[Lock]]:
    for lock in snapshot.locks.values():
        scope = lock.id.parent or ResourceId()
        if not deletes and lock.properties.level is not LockLevel.READ_ONLY:
            continue
        if scope.contains(resource_id) or (deletes and resource_id.contains(scope)):
            yield lock
