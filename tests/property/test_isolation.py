"""Whatever a query says, its SQL reads the tables of its scope, each with its predicate, and nothing else.

Queries are put together at random over two workspaces that hold tables of the same names. What no caller may see is
marked in the data: the other workspace's rows, and the rows that the scope's predicate leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

import chdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.clickhouse import sql
from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.clickhouse.lowering import lower_query
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.types import EngineTable
from kelp.clickhouse.verify import OutOfScopeError, verify
from kelp.engine.connection import Connection
from kelp.engine.settings import SESSION_SETTINGS, print_settings
from kelp.kql import bound
from kelp.kql.binder import bind
from kelp.kql.bound import Call, ColumnReference, Literal
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.parser import parse
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.builder import build_plan
from kelp.plan.nodes import Plan
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.scope import QueryScope, ScopedTable

SECRET = "not for you"
OWN, OTHER = "ws_own", "ws_other"
NOW_TICKS = 17_672_256_000_000_000
COLUMNS = {
    "TimeGenerated": ScalarType.DATETIME,
    "Name": ScalarType.STRING,
    "Value": ScalarType.LONG,
    "Items": ScalarType.DYNAMIC,
}
SCHEMA = RowSchema(tuple(Column(name, kind) for name, kind in COLUMNS.items()))
PREDICATE = Call(
    ">", (ColumnReference("Value", ScalarType.LONG), Literal(ScalarType.LONG, 0)), ScalarType.BOOL
)


def scoped(database: str, table: str) -> ScopedTable:
    return ScopedTable(
        database,
        table,
        exists=True,
        stored_columns=COLUMNS,
        predicate=PREDICATE,
        non_null=frozenset({"TimeGenerated"}),
    )


SCOPE = QueryScope({TableReference(None, name): (scoped(OWN, name),) for name in ("A", "B")})


class Tables:
    """The caller's own workspace: tables A and B."""

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        return TableSymbol(reference, SCHEMA) if reference in SCOPE.tables else None

    def has_workspace(self, workspace: str) -> bool:
        return workspace == OTHER

    def iter_tables(self, workspace: str | None) -> Iterator[TableSymbol]:
        if workspace is None:
            yield from (TableSymbol(reference, SCHEMA) for reference in SCOPE.tables)

    def table_names(self) -> Iterator[str]:
        yield from ("A", "B")

    def find_function(self, name: str) -> StoredFunction | None:
        return StoredFunction("Saved", "(T: (*))", "T | where Value != 3") if name == "Saved" else None


# --- queries ---------------------------------------------------------------------------------------------------------

STEPS = (
    "where Value {n} 2", "where Name has 'row'", "where TimeGenerated < now()", "extend Value = Value + 1", "take 5",
    "extend Extra = strcat(Name, Value), Value", "top 3 by Value", "sort by Name asc, Value desc", "as Named | where true",
    "summarize arg_max(Value, *) by Name", "mv-expand One = Items to typeof(long)", "invoke Saved()", "distinct *",
    "mv-apply One = Items on (where One > 0 | summarize Sum = sum(tolong(One)))", "project-reorder Value", "serialize",
    "where Value in (({table}) | project Value)", "where Value <= toscalar(({table}) | summarize max(Value))",
    "join kind=inner ({table}) on Name | project TimeGenerated, Name, Value, Items",
    "join kind=leftsemi ({table}) on Value", "join kind=rightanti ({table}) on $left.Value == $right.Value",
    "join kind=fullouter (({table}) | project Name, Right = Value) on Name | extend Value = coalesce(Value, Right)",
    "lookup (({table}) | summarize Count = count() by Name) on Name", "union ({table})", "union withsource=From B, ({table})",
)  # fmt: skip
SOURCES = ("A", "B", "union A, B", "union *", "find in (A) where Value > 1 | project Name, Value, TimeGenerated = now(), Items = dynamic([1])",
           "search in (A, B) 'row' | project Name, Value, TimeGenerated, Items", "Local", "Once", "F(2)", "table('A')")  # fmt: skip
PRELUDE = """let Local = A | where Value > 1;
let Once = materialize(B | union A);
let F = (n: long) { A | join kind=inner (B | where Value < n) on Name | project TimeGenerated, Name, Value, Items };
"""


def tables(depth: int) -> st.SearchStrategy[str]:
    source = st.sampled_from(SOURCES)
    if depth == 0:
        return source
    inner = tables(depth - 1)
    step = st.tuples(st.sampled_from(STEPS), inner, st.sampled_from(["<", ">", "==", "!="])).map(
        lambda drawn: drawn[0].replace("{table}", drawn[1]).replace("{n}", drawn[2])
    )
    return st.tuples(source, st.lists(step, max_size=4)).map(lambda drawn: " | ".join((drawn[0], *drawn[1])))


QUERIES = tables(2).map(lambda text: PRELUDE + text)


def plan(operator: bound.Operator) -> Plan:
    return run_passes(build_plan(operator), PlanContext(SCOPE))


def lowered(text: str) -> sql.SqlSelect | None:
    """Return the SQL tree of a query; None where the query has no meaning, which many random ones don't have."""
    try:
        result = bind(parse(text), Tables(), NOW_TICKS).results[0]
        columns = result.operator.schema.columns
        found = lower_query(
            plan(result.operator), columns, encoding=Encoding.WIRE, row_cap=10, plan_inner=plan
        )
    except QueryRefusedError:
        return None
    return found.statement.select


# --- what is read ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    opened = cast("Connection", chdb.connect(str(tmp_path_factory.mktemp("engine"))))
    opened.query(f"SET {print_settings(SESSION_SETTINGS)}")
    types = "TimeGenerated DateTime64(7, 'UTC'), Name String, Value Nullable(Int64), Items String"
    for database in (OWN, OTHER):
        opened.query(f"CREATE DATABASE {database} ENGINE = Atomic")
        for table in ("A", "B"):
            stored = f"{database}.{table}"
            opened.query(f"CREATE TABLE {stored} ({types}) ENGINE = MergeTree ORDER BY TimeGenerated")
            name = f"'{SECRET}'" if database == OTHER else "'row ' || number % 4"
            rows = f"SELECT now64(7), {name}, number + 1, '[1, 2]' FROM numbers(6)"
            left_out = f"SELECT now64(7), '{SECRET}', -number, '[\"{SECRET}\"]' FROM numbers(3)"
            opened.query(f"INSERT INTO {stored} {rows}")
            opened.query(f"INSERT INTO {stored} {left_out}")
    yield opened
    opened.close()


@given(text=QUERIES)
@settings(max_examples=150)
def test_a_query_shows_no_row_outside_of_its_scope(connection: Connection, text: str) -> None:
    try:
        compiled = compile_query(text, Tables(), SCOPE, CompileOptions(NOW_TICKS, row_cap=100))
    except QueryRefusedError:
        return
    assert {table.database for table in compiled.results[0].tables} <= {OWN}
    shown = connection.query(compiled.results[0].sql, "JSONCompactEachRow").bytes().decode()
    assert SECRET not in shown


# --- what is caught --------------------------------------------------------------------------------------------------

Change = Callable[[sql.SqlSelect], object]


def other_database(select: sql.SqlSelect) -> object:
    assert isinstance(select.source, sql.SqlTable)
    return replace(select, source=sql.SqlTable(EngineTable(OTHER, select.source.table.name)))


def without_predicate(select: sql.SqlSelect) -> object:
    return replace(select, where=select.where[1:])


def weakened(select: sql.SqlSelect) -> object:
    first, *rest = select.where
    return replace(select, where=(sql.SqlCall("or", (first, sql.SqlLiteral(value=True))), *rest))


def other_alias(select: sql.SqlSelect) -> object:
    return replace(select, alias="elsewhere")


def bare(select: sql.SqlSelect) -> object:
    return select.source


def changed(node: object, change: Change) -> tuple[object, bool]:
    """Return the tree with its first read of a stored table changed, and whether it has one."""
    if isinstance(node, sql.SqlSelect) and isinstance(node.source, sql.SqlTable):
        return change(node), True
    if isinstance(node, tuple):
        for index, part in enumerate(node):
            replaced, found = changed(part, change)
            if found:
                return (*node[:index], replaced, *node[index + 1 :]), True
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            replaced, found = changed(getattr(node, name), change)
            if found:
                return replace(node, **{name: replaced}), True  # type: ignore[type-var]
    return node, False


@given(text=QUERIES, change=st.sampled_from([other_database, without_predicate, weakened, other_alias, bare]))
@settings(max_examples=150)
def test_a_tree_that_was_tampered_with_is_refused(text: str, change: Change) -> None:
    select = lowered(text)
    if select is None:
        return
    verify(select, SCOPE)
    tampered, found = changed(select, change)
    if found:
        with pytest.raises(OutOfScopeError):
            verify(tampered, SCOPE)  # type: ignore[arg-type]


def test_most_random_queries_have_a_meaning() -> None:
    """Else the properties above would hold for want of queries."""
    steps = [step.replace("{table}", "B").replace("{n}", ">") for step in STEPS]
    refused = [step for step in steps if lowered(f"{PRELUDE}A | {step}") is None]
    sources = [source for source in SOURCES if lowered(PRELUDE + source) is None]
    assert refused == []
    assert sources == []
