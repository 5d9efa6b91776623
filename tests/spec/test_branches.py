"""Operators that end a query in several tables: their names, columns and rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chdb.state.sqlitelike import Connection

from tests.spec.events import compile_with, open_engine


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder: Path = tmp_path_factory.mktemp("engine")
    opened = open_engine(folder)
    yield opened
    opened.close()


def tables_of(connection: Connection, query: str) -> list[tuple[str, list[str], list[object]]]:
    """The name, the columns and the rows of each table."""
    tables = []
    for result in compile_with(connection, query).results:
        answer = connection.query(result.sql, "JSONCompactEachRow").bytes().decode()
        rows = sorted(map(json.loads, answer.splitlines()), key=json.dumps)
        tables.append((result.name, [column.name for column in result.columns], rows))
    return tables


def test_fork_gives_a_table_for_each_branch(connection: Connection) -> None:
    query = "Events | where Count > 0 | fork (count) Names = (distinct Name) (where Count > 3 | project Count | as High)"
    assert tables_of(connection, query) == [
        ("PrimaryResult", ["Count"], [[3]]),
        ("Names", ["Name"], [["alpha"], ["beta"]]),
        ("High", ["Count"], [[4]]),
    ]


def test_facet_counts_the_values_of_each_column_behind_the_rows_asked_for(connection: Connection) -> None:
    query = "Events | facet by Name, Level with (where Count == 4 | project Count)"
    assert tables_of(connection, query) == [
        ("PrimaryResult", ["Count"], [[4]]),
        ("PrimaryResult_1", ["Name", "count_Name"], [["", 1], ["alpha", 1], ["beta", 2]]),
        ("PrimaryResult_2", ["Level", "count_Level"], [[10, 1], [30, 1], [40, 1], [None, 1]]),
    ]


def test_preview_gives_rows_and_how_many_there_are(connection: Connection) -> None:
    assert tables_of(connection, "range x from 1 to 5 step 1 | evaluate preview(2)") == [
        ("PrimaryResult", ["x"], [[1], [2]]),
        ("PrimaryResult_1", ["Count"], [[5]]),
    ]


def test_results_after_several_are_counted_on(connection: Connection) -> None:
    query = "print a = 1; print b = 2 | fork (count) (take 1); print c = 3"
    assert [name for name, *_ in tables_of(connection, query)] == [
        "PrimaryResult",
        "PrimaryResult_1",
        "PrimaryResult_2",
        "PrimaryResult_3",
    ]


def test_funnel_sequence_tells_what_came_before_and_after(connection: Connection) -> None:
    query = """
        datatable(u: long, t: datetime, s: string) [1, datetime(2026-01-01), "x", 1, datetime(2026-01-01 01:00), "a",
            1, datetime(2026-01-01 01:01), "a", 1, datetime(2026-01-01 02:00), "b", 2, datetime(2026-01-01), "a",
            2, datetime(2026-01-01 03:00), "b", 3, datetime(2026-01-01), "a", 3, datetime(2026-01-01 01:00), "b",
            3, datetime(2026-01-01 01:30), "c"]
        | evaluate funnel_sequence(u, t, datetime(2026-01-01), datetime(2026-01-02), 1h, 1d, s, dynamic(["a", "b"]))"""
    day = "2026-01-01T00:00:00.0000000Z"
    assert tables_of(connection, query) == [
        (
            "PrimaryResult",
            ["t", "prev", "next", "dcount", "samples"],
            [[day, "", "c", 1, "[3]"], [day, "x", "", 1, "[1]"]],
        ),
        ("PrimaryResult_1", ["t", "prev", "dcount", "samples"], [[day, "", 1, "[3]"], [day, "x", 1, "[1]"]]),
        ("PrimaryResult_2", ["t", "next", "dcount", "samples"], [[day, "", 1, "[1]"], [day, "c", 1, "[3]"]]),
    ]
