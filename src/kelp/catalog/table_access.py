"""Which tables of which workspaces a caller may query, and which of their rows: the question that a scope asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kelp.resources.access import QUERY_READ, QUERY_TABLE_READ, Access, Caller

if TYPE_CHECKING:
    from collections.abc import Hashable

    from kelp.kql.bound import Expression
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to read a table; with a predicate only the rows for which it holds, told by stored columns of the table."""

    predicate: Expression | None = None


class TableAccess(Protocol):
    """The rights of one caller. Answers from memory."""

    @property
    def key(self) -> Hashable:
        """Stands for the answers: two with the same key answer alike at the same version of the resource store."""
        ...

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        """Tell whether the caller may query the workspace at all, and so learn that it exists."""
        ...

    def find_grant(self, workspace: Resource[Workspace], table: str) -> Grant | None:
        """Return what the caller may read of a table; None for nothing."""
        ...


class RoleAccess:
    """Rights that follow from the roles of the caller at the workspace, its tables, or above."""

    def __init__(self, access: Access, caller: Caller) -> None:
        self._access = access
        self._caller = caller
        self._key = (caller.tenant_id, caller.object_id, caller.group_ids)

    @property
    def key(self) -> Hashable:
        return self._key

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        return self._access.decide(self._caller, QUERY_READ, workspace.id).allowed

    def find_grant(self, workspace: Resource[Workspace], table: str) -> Grant | None:
        action = QUERY_TABLE_READ.format(table=table)
        scope = workspace.id.child("tables", table)
        return Grant() if self._access.decide(self._caller, action, scope).allowed else None


class FullAccess:
    """Every row of every table: for Kelp's own queries and for files on the user's own machine."""

    @property
    def key(self) -> Hashable:
        return "full"

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        return True

    def find_grant(self, workspace: Resource[Workspace], table: str) -> Grant | None:
        return Grant()
