"""The tables that one query of one caller may name, and behind each name the stored tables that it may read.

Both answers come from one place, so a name that the caller may not know has no table behind it. What a query does not
mention is never put together: a scope over a hundred workspaces costs as little as over one.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError
from kelp.catalog.customer_retention import find_kept, group_by_retention
from kelp.catalog.seals import WorkspaceSealedOff
from kelp.catalog.workspace_directory import is_name
from kelp.clickhouse.ddl import CUSTOMER_COLUMN, TIME_COLUMN
from kelp.kql.bound import Call, ColumnReference, Literal
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.scope import QueryScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.seals import FindSeal
    from kelp.catalog.table_access import Grant, TableAccess
    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.catalog.workspace_schema import StoredPart, WorkspaceSchema, WorkspaceTable
    from kelp.kql.bound import Expression
    from kelp.kql.schema import StoredFunction
    from kelp.plan.scope import ScopedTable
    from kelp.resources.customer import Customer
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

TICKS_PER_HOUR = 36_000_000_000
_TICKS_PER_DAY = 24 * TICKS_PER_HOUR


class ScopedSchema:
    """Fulfils `kql.schema.SchemaProvider` for one query; used by one task."""

    def __init__(
        self,
        directory: WorkspaceDirectory,
        workspaces: Sequence[str],
        access: TableAccess,
        now_ticks: int,
        *,
        find_function: Callable[[Resource[Workspace], str], StoredFunction | None],
        maximum_workspaces: int,
        find_seal: FindSeal,
        holders: Sequence[Resource[Workspace]] | None = None,
    ) -> None:
        """`workspaces` are those of the query's own scope, the first of them the one it is about.

        A query about a resource has `holders` instead: of all these only those count that hold a table, and none has
        saved functions for it.
        """
        self._directory = directory
        self._access = access
        self._now_ticks = now_ticks
        self._find_function = find_function
        self._maximum_workspaces = maximum_workspaces
        self._find_seal = find_seal
        self._symbols: dict[TableReference, TableSymbol | None] = {}
        self._scoped: dict[TableReference, tuple[ScopedTable, ...]] = {}
        self._schemas: dict[str, WorkspaceSchema | None] = {}
        self._reached: set[WorkspaceId] = set()
        self._own: tuple[WorkspaceSchema, ...] = ()
        self.limits_rows = False
        """Whether some table was found of which the caller may not see every row."""
        self._is_of_resource = holders is not None
        if holders is None:
            self._own = tuple(dict.fromkeys(self._require_schema(name) for name in workspaces))
        else:
            self._own = tuple(directory.get_schema(workspace) for workspace in holders)

    @property
    def own(self) -> tuple[WorkspaceSchema, ...]:
        """The workspaces of the query's own scope."""
        return self._own

    @property
    def scope(self) -> QueryScope:
        """The stored tables behind the names that were found, and no others."""
        return QueryScope(MappingProxyType(self._scoped))

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        if reference in self._symbols:
            return self._symbols[reference]
        granted = [*self._iter_granted(reference)]
        if self._is_of_resource and reference.workspace is None:
            granted = self._choose_holders(granted)
        symbol = None
        if granted:
            tables = [(schema, table) for schema, table, _ in granted]
            plans = (table.limited_plan for _, table in tables)
            symbol = TableSymbol(reference, _merge(reference.name, tables), next(filter(None, plans), ""))
            self._scoped[reference] = tuple(part for _, _, parts in granted for part in parts)
        self._symbols[reference] = symbol
        return symbol

    def _choose_holders(
        self, granted: list[tuple[WorkspaceSchema, WorkspaceTable, list[ScopedTable]]]
    ) -> list[tuple[WorkspaceSchema, WorkspaceTable, list[ScopedTable]]]:
        """Return those that hold anything, or one that does not where none does. Raises `ServiceError` for too many."""
        holding = [one for one in granted if any(part.exists for part in one[2])]
        if len(holding) > self._maximum_workspaces:
            raise _too_many(self._maximum_workspaces)
        return holding or granted[:1]

    def has_workspace(self, workspace: str) -> bool:
        return self._find_schema(workspace) is not None

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        names = {name for schema in self._schemas_of(workspace) for name in schema.names_with_rows()}
        for name in sorted(names):
            symbol = self.find_table(TableReference(workspace, name))
            if symbol is not None and not symbol.plan:
                yield symbol

    def table_names(self) -> Iterable[str]:
        for schema in self._own:
            for name in schema.names():
                table = schema.find_table(name)
                if table is not None and self._find_grants(schema, table) is not None:
                    yield name

    def find_function(self, name: str) -> StoredFunction | None:
        if self._is_of_resource or not self._own:
            return None
        return self._find_function(self._own[0].workspace, name)

    def find_foreign_function(self, workspace: str, name: str) -> StoredFunction | None:
        schema = self._find_schema(workspace)
        return None if schema is None else self._find_function(schema.workspace, name)

    def _iter_granted(
        self, reference: TableReference
    ) -> Iterable[tuple[WorkspaceSchema, WorkspaceTable, list[ScopedTable]]]:
        for schema in self._schemas_of(reference.workspace):
            table = schema.find_table(reference.name)
            if table is None:
                continue
            granted = self._find_grants(schema, table)
            if granted is not None:
                self.limits_rows |= any(grant.predicate is not None for grant in granted)
                parts = zip(table.parts, granted, strict=True)
                customers = self._directory.customers_of(schema.workspace)
                yield (
                    schema,
                    table,
                    [self._restrict(table, part, grant, customers) for part, grant in parts],
                )

    def _find_grants(self, schema: WorkspaceSchema, table: WorkspaceTable) -> list[Grant] | None:
        """Return what the caller may read of the table, for each store that has it; None for nothing."""
        granted = [
            self._access.find_grant(schema.workspace, table.schema, part.table) for part in table.parts
        ]
        found = [grant for grant in granted if grant is not None]
        return found if len(found) == len(granted) else None

    def _restrict(
        self,
        table: WorkspaceTable,
        part: StoredPart,
        grant: Grant,
        customers: Sequence[Resource[Customer]],
    ) -> ScopedTable:
        kept = _find_retention_predicate(table.retention_days, part.first_ticks, self._now_ticks)
        of_customers = None
        if customers and CUSTOMER_COLUMN in part.table.stored_columns:
            groups = group_by_retention(customers, table.retention_days)
            cutoffs = {days: _find_cutoff(days, self._now_ticks) for days in groups}
            of_customers = find_kept(groups, part.first_ticks, cutoffs)
        return replace(part.table, predicate=_conjunction(kept, of_customers, grant.predicate))

    def _schemas_of(self, workspace: str | None) -> Sequence[WorkspaceSchema]:
        if workspace is None:
            return self._own
        found = self._find_schema(workspace)
        return () if found is None else (found,)

    def _find_schema(self, reference: str) -> WorkspaceSchema | None:
        """Return the one workspace of that name that the caller may query.

        Raises `ServiceError` for several, and `WorkspaceSealedOff`.
        """
        if reference in self._schemas:
            return self._schemas[reference]
        found = [
            workspace
            for workspace in self._directory.find_workspaces(reference)
            if self._access.may_query(workspace)
        ]
        chosen = _choose(reference, found, self._own[0].workspace if self._own else None)
        if chosen is not None:
            self._refuse_sealed(chosen)
        schema = None if chosen is None else self._directory.get_schema(chosen)
        self._schemas[reference] = schema
        if chosen is not None:
            self._reached.add(chosen.properties.workspace_id)
        if len(self._reached) > self._maximum_workspaces:
            raise _too_many(self._maximum_workspaces)
        return schema

    def _refuse_sealed(self, workspace: Resource[Workspace]) -> None:
        for store_id in self._directory.list_stores(workspace):
            if (reason := self._find_seal(store_id)) is not None:
                raise WorkspaceSealedOff(workspace, reason)

    def _require_schema(self, reference: str) -> WorkspaceSchema:
        schema = self._find_schema(reference)
        if schema is not None:
            return schema
        # A GUID or resource id can't be guessed, so that the answer tells nothing; a name can.
        if not is_name(reference) and self._directory.find_workspaces(reference):
            raise ServiceError(
                Category.FORBIDDEN,
                "InsufficientAccess",
                f"You have no right to query the workspace '{reference}'.",
                target=reference,
            )
        raise ServiceError(
            Category.NOT_FOUND,
            "WorkspaceNotFound",
            f"There is no workspace '{reference}' that you may query.",
            target=reference,
        )


def _too_many(maximum: int) -> ServiceError:
    message = f"A query may name {maximum} workspaces, not more."
    return ServiceError(Category.INVALID, "TooManyWorkspaces", message)


def _choose(
    reference: str, found: Sequence[Resource[Workspace]], beside: Resource[Workspace] | None
) -> Resource[Workspace] | None:
    """Of several of a name the one in the same resource group, else in the same subscription, as the query's own."""
    if len(found) < 2:
        return found[0] if found else None
    if beside is not None:
        for place in (beside.id.parent, beside.id.parent.parent if beside.id.parent else None):
            near = [workspace for workspace in found if place is not None and place.contains(workspace.id)]
            if len(near) == 1:
                return near[0]
    ids = ", ".join(sorted(str(workspace.id) for workspace in found))
    raise ServiceError(
        Category.INVALID,
        "AmbiguousWorkspace",
        f"'{reference}' is the name of several workspaces; write the resource id of one: {ids}.",
        target=reference,
    )


def _find_retention_predicate(
    retention_days: int, first_ticks: int | None, now_ticks: int
) -> Expression | None:
    """The rows that retention leaves; None where those are all that the table holds.

    The cut-off moves by whole hours, so that statements can be kept as long. Left out, the predicate spares the engine
    the reading of every row's time.
    """
    cutoff = _find_cutoff(retention_days, now_ticks)
    if first_ticks is not None and first_ticks >= cutoff:
        return None
    time = ColumnReference(TIME_COLUMN, ScalarType.DATETIME)
    return Call(">=", (time, Literal(ScalarType.DATETIME, cutoff)), ScalarType.BOOL)


def _find_cutoff(retention_days: int, now_ticks: int) -> int:
    return (now_ticks - retention_days * _TICKS_PER_DAY) // TICKS_PER_HOUR * TICKS_PER_HOUR


def _conjunction(*predicates: Expression | None) -> Expression | None:
    needed = tuple(predicate for predicate in predicates if predicate is not None)
    return Call("and", needed, ScalarType.BOOL) if len(needed) > 1 else next(iter(needed), None)


def _merge(name: str, tables: Sequence[tuple[WorkspaceSchema, WorkspaceTable]]) -> RowSchema:
    """Return the columns of a table in all workspaces. Raises `QueryRefusedError` where types disagree."""
    first = tables[0][1].schema
    if all(table.schema is first for _, table in tables):
        return first
    merged: dict[str, tuple[Column, WorkspaceSchema]] = {}
    for schema, table in tables:
        for column in table.schema.columns:
            known, where = merged.setdefault(column.name, (column, schema))
            if known.type is not column.type:
                one, other = where.workspace.id.name, schema.workspace.id.name
                raise refusal(
                    WRONG_TYPE,
                    f"column '{column.name}' of '{name}' is {known.type} in workspace '{one}' "
                    f"and {column.type} in workspace '{other}'",
                    NOWHERE,
                    f'read them apart: union workspace("{one}").{name}, workspace("{other}").{name}',
                )
    return RowSchema(tuple(column for column, _ in merged.values()))
