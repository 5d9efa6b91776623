"""Which tables of which workspaces a caller may query, and which of their rows: the question that a scope asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kelp.catalog.record_filter import NO_ROWS, both, either, filter_records
from kelp.kql.bound import Call, ColumnReference, Literal
from kelp.kql.types import ScalarType
from kelp.resources.access import (
    QUERY_READ,
    QUERY_TABLE_READ,
    RESOURCE_LOGS_READ,
    TABLE_DATA_READ,
    Access,
    Caller,
)
from kelp.resources.network_limits import Plane

if TYPE_CHECKING:
    from collections.abc import Hashable
    from uuid import UUID

    from kelp.base.ids import ResourceId
    from kelp.kql.bound import Expression
    from kelp.kql.types import RowSchema
    from kelp.plan.scope import ScopedTable
    from kelp.resources.access import Decision
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

RESOURCE_COLUMN = "_ResourceId"
"""The column that tells of which resource a record is."""


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

    def find_grant(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable
    ) -> Grant | None:
        """Return what the caller may read of a table as one store has it; None for nothing.

        Whether there is a grant is the same for all stores, as the columns that queries see are.
        """
        ...


class RoleAccess:
    """Rights that follow from the roles of the caller at the workspace, its tables, or above."""

    def __init__(self, access: Access, caller: Caller, address: str = "") -> None:
        """`address` is from where the caller asks for records; without one only rights count, as for lists of names."""
        self._access = access
        self._caller = caller
        self._address = "" if access.network.is_private(address) else address
        temporary = access.temporary_key(caller)
        self._key = (caller.tenant_id, caller.object_id, caller.group_ids, self._address, temporary)

    @property
    def key(self) -> Hashable:
        return self._key

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        """Besides who may query the workspace, whoever may read one of its tables.

        Raises `ServiceError` (forbidden) where it takes no queries from the caller's address.
        """
        may = self._access.decide(
            self._caller, QUERY_READ, workspace.id
        ).allowed or self._access.reads_some_table(self._caller, workspace.id)
        if may and self._address:
            self._access.network.check(workspace, Plane.QUERY, self._address)
        return may

    def decide_reading(self, workspace: Resource[Workspace], table: str) -> tuple[Decision, Decision]:
        """Return the decisions on both ways to read a table of the workspace."""
        scope = workspace.id.child("tables", table)
        return (
            self._access.decide(self._caller, QUERY_TABLE_READ.format(table=table), scope),
            self._access.decide(self._caller, TABLE_DATA_READ, scope, is_data=True),
        )

    def find_grant(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable
    ) -> Grant | None:
        """The union of all ways to read: what one role lets through, no other takes away."""
        ways = self.decide_reading(workspace, stored.table)
        grant = _grant_by(ways, schema, stored)
        if grant == Grant() or _needs_workspace_rights(workspace) or not self.may_query(workspace):
            return grant
        return self._with_resources(workspace, schema, stored, grant)

    def _with_resources(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable, grant: Grant | None
    ) -> Grant | None:
        """Add the records of resources whose logs the caller may read, which this workspace's settings allow."""
        is_own = workspace.tenant_id == self._caller.tenant_id
        if not is_own or schema.find_column(RESOURCE_COLUMN) is None:
            return grant
        places = self._access.list_log_sources(self._caller, stored.table, workspace.id)
        ways = [] if grant is None or grant.predicate is None else [grant.predicate]
        ways += [_rows_of(place, stored) for place in places]
        return Grant(either(*ways)) if ways else None


class ResourceAccess:
    """Rights in the context of a resource: the rows that it and what lies in it logged, wherever they are kept.

    Cf. "Access control mode": a workspace that gives access by permissions on resources asks for the right to read the
    resource's logs, and for none on itself; any other asks for its own.
    """

    def __init__(
        self, access: Access, caller: Caller, resource: ResourceId, tenant_id: UUID, address: str = ""
    ) -> None:
        """`tenant_id` is the resource's: what others claim to be of it in workspaces of their own is not looked at."""
        self._address = "" if access.network.is_private(address) else address
        self._access = access
        self._tenant_id = tenant_id
        self._caller = caller
        self._resource = resource
        self._of_workspace = RoleAccess(access, caller)
        self._key = (self._of_workspace.key, tenant_id, resource.key, self._address)

    @property
    def key(self) -> Hashable:
        return self._key

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        """A workspace that takes no queries from the caller's address is left out."""
        if workspace.tenant_id != self._tenant_id:
            return False
        if not self._access.network.admits(workspace, Plane.QUERY, self._address):
            return False
        return not _needs_workspace_rights(workspace) or self._of_workspace.may_query(workspace)

    def find_grant(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable
    ) -> Grant | None:
        if workspace.tenant_id != self._tenant_id or schema.find_column(RESOURCE_COLUMN) is None:
            return None
        if _needs_workspace_rights(workspace):
            grant = self._of_workspace.find_grant(workspace, schema, stored)
        else:
            action = RESOURCE_LOGS_READ.format(table=stored.table)
            decision = self._access.decide(self._caller, action, self._resource)
            grant = _grant_by((decision,), schema, stored)
        if grant is None:
            return None
        rows = _rows_of(self._resource, stored)
        return Grant(rows if grant.predicate is None else both(rows, grant.predicate))


class FullAccess:
    """Every row of every table: for Kelp's own queries and for files on the user's own machine."""

    @property
    def key(self) -> Hashable:
        return "full"

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        return True

    def find_grant(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable
    ) -> Grant | None:
        return Grant()


def _grant_by(ways: tuple[Decision, ...], schema: RowSchema, stored: ScopedTable) -> Grant | None:
    allowed = [decision for decision in ways if decision.allowed]
    if any(not decision.limits for decision in allowed):
        return Grant()
    limits = tuple(limit for decision in allowed for limit in decision.limits)
    predicate = filter_records(limits, schema, stored)
    return None if predicate is None else Grant(predicate)


def _needs_workspace_rights(workspace: Resource[Workspace]) -> bool:
    features = workspace.properties.settings.features
    return features.enable_log_access_using_only_resource_permissions is False


def _rows_of(resource: ResourceId, stored: ScopedTable) -> Expression:
    if RESOURCE_COLUMN not in stored.stored_columns:
        return NO_ROWS
    column = ColumnReference(RESOURCE_COLUMN, ScalarType.STRING)
    itself, below = Literal(ScalarType.STRING, resource.key), Literal(ScalarType.STRING, f"{resource.key}/")
    return either(
        Call("=~", (column, itself), ScalarType.BOOL), Call("startswith", (column, below), ScalarType.BOOL)
    )
