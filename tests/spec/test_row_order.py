"""Functions of neighbouring rows see the rows in order, also where the engine works with several threads on small blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import chdb
import pytest
from chdb.state.sqlitelike import Connection

from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.engine.settings import SESSION_SETTINGS, print_settings
from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.scope import QueryScope, ScopedTable
from tests.spec.events import NOW, Tables

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 60_000
PARTS = 6
SCHEMA = RowSchema((Column("Place", ScalarType.LONG), Column("Group", ScalarType.LONG)))
SETTINGS = "max_threads=4, max_block_size=1000, preferred_block_size_bytes=0"


class Numbers(Tables):
    """A table whose rows are spread over parts: `Place` is the row's place in order."""

    def __init__(self) -> None:
        super().__init__()
        self.reference = TableReference(None, "Numbers")
        self.symbol = TableSymbol(self.reference, SCHEMA)
        stored = {column.name: column.type for column in SCHEMA.columns}
        table = ScopedTable("spec", "Numbers", exists=True, stored_columns=stored, predicate=None)
        self.scope = QueryScope({self.reference: (table,)})


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder: Path = tmp_path_factory.mktemp("engine")
    opened = chdb.connect(str(folder))
    opened.query(f"SET {print_settings(SESSION_SETTINGS)}, {SETTINGS}")
    opened.query("CREATE DATABASE spec ENGINE = Atomic")
    opened.query(
        "CREATE TABLE spec.Numbers (Place Nullable(Int64), `Group` Nullable(Int64)) ENGINE = MergeTree ORDER BY tuple() "
        "SETTINGS index_granularity = 512"
    )
    for part in range(PARTS):
        opened.query(
            f"INSERT INTO spec.Numbers SELECT number * {PARTS} + {part} AS place, intDiv(place, 100) "
            f"FROM numbers({ROWS // PARTS}) ORDER BY cityHash64(number)"
        )
    yield opened
    opened.close()


def rows_of(connection: Connection, query: str) -> list[list[object]]:
    tables = Numbers()
    (result,) = compile_query(query, tables, tables.scope, CompileOptions(NOW)).results
    answer = connection.query(result.sql, "JSONCompactEachRow").bytes().decode()
    return [json.loads(line) for line in answer.splitlines()]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Nothing above reads the order, so an engine that forgets it would not show it in the result.
        ("| extend p = prev(Place) | summarize countif(Place - p == 1)", [[ROWS - 1]]),
        ("| extend n = next(Place) | summarize countif(n - Place == 1)", [[ROWS - 1]]),
        ("| extend r = row_number(0) | summarize countif(r == Place)", [[ROWS]]),
        ("| where prev(Group) != Group | summarize count()", [[ROWS // 100]]),
        ("| extend s = row_cumsum(1) | summarize countif(s == Place + 1)", [[ROWS]]),
        # Several steps: one builds on another, and one needs rows before and after.
        ("| extend r = row_number(0, Group != prev(Group)) | summarize countif(r == Place % 100)", [[ROWS]]),
        ("| extend d = row_rank_dense(Group), n = next(Group) | summarize countif(d == Group + 1)", [[ROWS]]),
        ("| extend m = row_rank_min(Group) | summarize countif(m == Group * 100 + 1)", [[ROWS]]),
        ("| extend p = prev(Place) | where isnotnull(p) | extend q = prev(p, 2) | summarize countif(p - q == 2)", [[ROWS - 3]]),
        ("| extend p = prev(Place) | take 3 | project Place", [[0], [1], [2]]),
        ("| extend p = prev(Place) | where Place % 20000 == 0 | project Place, p", [[0, None], [20_000, 19_999], [40_000, 39_999]]),
        ("| extend p = prev(Place) | summarize l = make_list(Place) | project l[0], l[1], l[59999]", [["0", "1", "59999"]]),
        ("| extend t = Place * 1s + now() | extend w = row_window_session(t, 100s, 10s) | summarize count_distinct(w)", [[600]]),
    ],
)  # fmt: skip
def test_neighbours_are_those_in_order(
    connection: Connection, query: str, expected: list[list[object]]
) -> None:
    assert rows_of(connection, f"Numbers | sort by Place asc {query}") == expected


def test_serialized_rows_have_one_order(connection: Connection) -> None:
    """The order is any, and the same for all functions."""
    query = "Numbers | serialize r = row_number() | extend p = prev(r), n = next(r) | summarize "
    counts = "countif(r - p == 1), countif(n - r == 1), count_distinct(r)"
    assert rows_of(connection, query + counts) == [[ROWS - 1, ROWS - 1, ROWS]]


def test_an_order_is_materialized(connection: Connection) -> None:
    query = (
        "let t = materialize(Numbers | sort by Place asc); t | extend p = prev(Place) "
        "| join kind=inner (t | extend r = row_number(0)) on Place "
        "| summarize countif(Place - p == 1), countif(r == Place)"
    )
    assert rows_of(connection, query) == [[ROWS - 1, ROWS]]
