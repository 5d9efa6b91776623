from __future__ import annotations

from collections.abc import Hashable
from uuid import uuid4

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.catalog.ledger import Load, StoredTable, TableLedger
from kelp.catalog.scope import BuiltScope, ScopeBuilder
from kelp.catalog.storage_rules import define_table
from kelp.catalog.table_access import FullAccess, Grant, TableAccess
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.kql.bound import Call, ColumnReference, Expression, Literal
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.schema import StoredFunction, TableReference
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.scope import ScopedTable
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace

from .conftest import Resources

HOUR = 36_000_000_000
NOW = 17_950_000_000_000_000 + 123
TIME = Column("TimeGenerated", ScalarType.DATETIME)
MINE = Call(
    "==",
    (ColumnReference("Computer", ScalarType.STRING), Literal(ScalarType.STRING, "mine")),
    ScalarType.BOOL,
)


class SomeAccess:
    """Leave to query some workspaces (by name), but for some tables."""

    def __init__(
        self, *workspaces: str, without: tuple[str, ...] = (), predicate: Call | None = None
    ) -> None:
        self.workspaces = workspaces
        self.without = without
        self.predicate = predicate

    @property
    def key(self) -> Hashable:
        return (self.workspaces, self.without, self.predicate)

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        return workspace.id.name in self.workspaces

    def find_grant(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable
    ) -> Grant | None:
        return None if stored.table in self.without else Grant(self.predicate)


@pytest.fixture
def builder(directory: WorkspaceDirectory) -> ScopeBuilder:
    return ScopeBuilder(directory)


def _build(
    builder: ScopeBuilder, *workspaces: str, access: TableAccess | None = None, now: int = NOW
) -> BuiltScope:
    return builder.build(workspaces, access or FullAccess(), now)


def _store(
    ledger: TableLedger,
    workspace: Resource[Workspace],
    name: str,
    *columns: Column,
    rows: int = 1,
    first_ticks: int | None = 1,
) -> None:
    workspace_id = workspace.properties.workspace_id
    ledger.put(workspace_id, StoredTable(name, define_table(name, columns)))
    ledger.record_loads([Load(uuid4(), workspace_id, name, rows, 10, first_ticks, NOW)])


def test_a_name_and_the_table_behind_it_come_together(resources: Resources, builder: ScopeBuilder) -> None:
    workspace = resources.put_workspace("space")
    built = _build(builder, str(workspace.properties.workspace_id))
    reference = TableReference(None, "Syslog")
    assert reference not in built.scope.tables
    symbol = built.provider.find_table(reference)
    assert symbol is not None
    assert symbol.reference == reference
    (scoped,) = built.scope.tables[reference]
    assert scoped.table == "Syslog"
    assert built.workspace_ids == (workspace.properties.workspace_id,)
    assert built.provider.find_table(TableReference(None, "Nothing")) is None
    assert TableReference(None, "Nothing") not in built.scope.tables


def test_retention_cuts_at_a_whole_hour(resources: Resources, builder: ScopeBuilder) -> None:
    resources.put_workspace("space", retention=30)
    built = _build(builder, "space")
    built.provider.find_table(TableReference(None, "Syslog"))
    (scoped,) = built.scope.tables[TableReference(None, "Syslog")]
    cutoff = (NOW - 30 * 24 * HOUR) // HOUR * HOUR
    time = ColumnReference("TimeGenerated", ScalarType.DATETIME)
    assert scoped.predicate == Call(">=", (time, Literal(ScalarType.DATETIME, cutoff)), ScalarType.BOOL)


@pytest.mark.parametrize(("age_hours", "is_cut"), [(24 * 30 - 1, False), (24 * 30 + 2, True), (None, True)])
def test_a_table_without_expired_rows_is_read_without_a_predicate(
    resources: Resources, ledger: TableLedger, builder: ScopeBuilder, age_hours: int | None, is_cut: bool
) -> None:
    workspace = resources.put_workspace("space", retention=30)
    first = None if age_hours is None else NOW - age_hours * HOUR
    _store(ledger, workspace, "Syslog", first_ticks=first)
    predicates = [_syslog_predicate(_build(builder, "space"))]
    # What is older than all before it shows at once, in the scopes that are built from then on.
    ledger.record_loads([Load(uuid4(), workspace.properties.workspace_id, "Syslog", 1, 10, 1, NOW)])
    predicates.append(_syslog_predicate(_build(builder, "space")))
    assert [predicate is not None for predicate in predicates] == [is_cut, True]


def test_a_row_filter_stands_alone_where_nothing_expired(
    resources: Resources, ledger: TableLedger, builder: ScopeBuilder
) -> None:
    workspace = resources.put_workspace("space")
    _store(ledger, workspace, "Syslog", first_ticks=NOW)
    assert _syslog_predicate(_build(builder, "space", access=SomeAccess("space", predicate=MINE))) == MINE


def _syslog_predicate(built: BuiltScope) -> Expression | None:
    reference = TableReference(None, "Syslog")
    built.provider.find_table(reference)
    (scoped,) = built.scope.tables[reference]
    return scoped.predicate


def test_a_row_filter_is_added_to_retention(resources: Resources, builder: ScopeBuilder) -> None:
    resources.put_workspace("space")
    built = _build(builder, "space", access=SomeAccess("space", predicate=MINE))
    built.provider.find_table(TableReference(None, "Syslog"))
    (scoped,) = built.scope.tables[TableReference(None, "Syslog")]
    assert isinstance(scoped.predicate, Call)
    assert scoped.predicate.function == "and"
    assert scoped.predicate.arguments[1] == MINE


def test_a_table_that_is_not_granted_does_not_exist(
    resources: Resources, ledger: TableLedger, builder: ScopeBuilder
) -> None:
    workspace = resources.put_workspace("space")
    _store(ledger, workspace, "SecurityEvent")
    _store(ledger, workspace, "Syslog")
    built = _build(builder, "space", access=SomeAccess("space", without=("SecurityEvent",)))
    assert built.provider.find_table(TableReference(None, "SecurityEvent")) is None
    assert [symbol.reference.name for symbol in built.provider.iter_tables(None)] == ["Syslog"]
    assert "SecurityEvent" not in set(built.provider.table_names())
    assert set(built.scope.tables) == {TableReference(None, "Syslog")}


def test_wildcards_match_tables_with_rows_only(
    resources: Resources, ledger: TableLedger, builder: ScopeBuilder
) -> None:
    workspace = resources.put_workspace("space")
    _store(ledger, workspace, "Syslog")
    _store(ledger, workspace, "Perf")
    _store(ledger, workspace, "Event", rows=0)
    built = _build(builder, "space")
    assert [symbol.reference.name for symbol in built.provider.iter_tables(None)] == ["Perf", "Syslog"]


def test_several_workspaces_are_one_scope(
    resources: Resources, ledger: TableLedger, builder: ScopeBuilder
) -> None:
    here, there = resources.put_workspace("here"), resources.put_workspace("there")
    _store(ledger, here, "Syslog", Column("A", ScalarType.STRING))
    _store(ledger, there, "Syslog", Column("B", ScalarType.LONG))
    resources.put_table(there, "Orders_CL", TIME)
    built = _build(builder, "here", "there", "here")
    symbol = built.provider.find_table(TableReference(None, "Syslog"))
    assert symbol is not None
    assert {Column("A", ScalarType.STRING), Column("B", ScalarType.LONG)} <= set(symbol.schema.columns)
    databases = [scoped.database for scoped in built.scope.tables[TableReference(None, "Syslog")]]
    assert databases == [f"ws_{workspace.properties.workspace_id.hex}" for workspace in (here, there)]
    built.provider.find_table(TableReference(None, "Orders_CL"))
    assert len(built.scope.tables[TableReference(None, "Orders_CL")]) == 1


def test_a_column_of_two_types_is_refused_by_name(
    resources: Resources, ledger: TableLedger, builder: ScopeBuilder
) -> None:
    _store(ledger, resources.put_workspace("here"), "Syslog", Column("A", ScalarType.STRING))
    _store(ledger, resources.put_workspace("there"), "Syslog", Column("A", ScalarType.LONG))
    built = _build(builder, "here", "there")
    with pytest.raises(
        QueryRefusedError, match="column 'A' of 'Syslog' is string in workspace 'here' and long"
    ) as caught:
        built.provider.find_table(TableReference(None, "Syslog"))
    assert 'workspace("there").Syslog' in str(caught.value.diagnostics[0].hint)


@pytest.mark.parametrize("how", ["name", "guid", "resource id", "upper"])
def test_another_workspace_is_named_in_any_way(resources: Resources, builder: ScopeBuilder, how: str) -> None:
    resources.put_workspace("here")
    there = resources.put_workspace("there")
    text = {
        "name": "there",
        "guid": str(there.properties.workspace_id),
        "resource id": str(there.id),
        "upper": str(there.id).upper(),
    }[how]
    built = _build(builder, "here")
    assert built.provider.has_workspace(text)
    reference = TableReference(text, "Syslog")
    assert built.provider.find_table(reference) is not None
    (scoped,) = built.scope.tables[reference]
    assert scoped.database == f"ws_{there.properties.workspace_id.hex}"


def test_a_workspace_that_the_caller_may_not_query_does_not_exist(
    resources: Resources, builder: ScopeBuilder
) -> None:
    resources.put_workspace("here")
    there = resources.put_workspace("there")
    access = SomeAccess("here")
    built = _build(builder, "here", access=access)
    assert not built.provider.has_workspace("there")
    assert not built.provider.has_workspace(str(there.properties.workspace_id))
    assert built.provider.find_table(TableReference("there", "Syslog")) is None
    assert list(built.provider.iter_tables("there")) == []
    for name, category in (
        ("there", Category.NOT_FOUND),
        ("nowhere", Category.NOT_FOUND),
        (str(there.properties.workspace_id), Category.FORBIDDEN),
        (str(there.id), Category.FORBIDDEN),
        (str(uuid4()), Category.NOT_FOUND),
    ):
        with pytest.raises(ServiceError) as caught:
            _build(builder, name, access=access)
        assert caught.value.category is category


def test_a_closed_workspace_is_gone_at_once(resources: Resources, builder: ScopeBuilder) -> None:
    workspace = resources.put_workspace("space")
    resources.delete_workspace(workspace)
    with pytest.raises(ServiceError, match="no workspace 'space'"):
        _build(builder, "space")


def test_a_name_borne_twice_means_the_nearer_one(resources: Resources, builder: ScopeBuilder) -> None:
    resources.put_workspace("here", group="one")
    near = resources.put_workspace("twin", group="one")
    resources.put_workspace("twin", group="two")
    built = _build(builder, "here")
    built.provider.find_table(TableReference("twin", "Syslog"))
    (scoped,) = built.scope.tables[TableReference("twin", "Syslog")]
    assert scoped.database == f"ws_{near.properties.workspace_id.hex}"


def test_a_name_that_can_mean_several_is_refused(resources: Resources, builder: ScopeBuilder) -> None:
    resources.put_workspace("here", group="three")
    resources.put_workspace("twin", group="one")
    resources.put_workspace("twin", group="two")
    built = _build(builder, "here")
    with pytest.raises(ServiceError, match="resourceGroups/one") as caught:
        built.provider.has_workspace("twin")
    assert caught.value.category is Category.INVALID
    other = SomeAccess("here")
    assert not _build(builder, "here", access=other).provider.has_workspace("twin")


def test_a_query_names_so_many_workspaces_and_no_more(
    resources: Resources, directory: WorkspaceDirectory
) -> None:
    for name in ("one1", "two2", "three"):
        resources.put_workspace(name)
    builder = ScopeBuilder(directory, maximum_workspaces=2)
    built = _build(builder, "one1", "two2")
    with pytest.raises(ServiceError, match="A query may name 2 workspaces"):
        built.provider.has_workspace("three")


def test_functions_are_those_of_the_first_workspace(
    resources: Resources, directory: WorkspaceDirectory
) -> None:
    resources.put_workspace("here")
    resources.put_workspace("there")
    functions = {("here", "f"): StoredFunction("f", "()", "Syslog")}
    builder = ScopeBuilder(
        directory, find_function=lambda workspace, name: functions.get((workspace.id.name, name))
    )
    assert _build(builder, "here", "there").provider.find_function("f") == functions["here", "f"]
    assert _build(builder, "there", "here").provider.find_function("f") is None


def test_the_key_changes_with_whatever_changes_the_meaning(
    resources: Resources, ledger: TableLedger, builder: ScopeBuilder
) -> None:
    here = resources.put_workspace("here")
    first = _build(builder, "here").key
    assert _build(builder, "here").key == first
    assert _build(builder, "here", now=NOW + HOUR).key != first
    assert _build(builder, "here", access=SomeAccess("here")).key != first
    _store(ledger, here, "Syslog")
    second = _build(builder, "here").key
    assert second != first
    _store(ledger, here, "Syslog")
    assert _build(builder, "here").key == second
    resources.put_workspace("there")
    assert _build(builder, "here").key != second
