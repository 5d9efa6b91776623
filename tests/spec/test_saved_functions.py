"""Functions that a workspace has saved, named as if the text had defined them first (rules LANG-6 and TAB-3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chdb.state.sqlitelike import Connection

from kelp.clickhouse.compiler import compile_query
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.schema import StoredFunction
from tests.spec.events import OPTIONS, Tables

SAVED = {
    "Twice": ("(x: long = 4)", "x * 2"),
    "Frequent": ("(T: (Name: string, Count: long), least: long = 2)", "T | where Count >= least | project Name, Count"),
    "Names": ("()", "let cut = Twice(1); Events | where Count >= cut | distinct Name"),
    "Any": ("(T: (*), name: string = '')", "T | extend Tag = iff(isempty(name), 'none', name)"),
    "Round": ("(n: long)", "Round(n - 1)"),
    "There": ("()", "There() | take 1"),
    "Bare": ("()", "Bare | take 1"),
    "Broken": ("()", "Events | where"),
    "Events": ("()", "print hidden = 1"),
}  # fmt: skip


class Workspace(Tables):
    def find_function(self, name: str) -> StoredFunction | None:
        found = SAVED.get(name)
        return None if found is None else StoredFunction(name, *found)


def rows_of(connection: Connection, query: str) -> list[Any]:
    tables = Workspace()
    (result,) = compile_query(query, tables, tables.scope, OPTIONS).results
    answer = connection.query(result.sql, "JSONCompactEachRow").bytes().decode()
    return sorted(json.loads(line) for line in answer.splitlines())


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("print Twice(), Twice(5), Twice(x=6)", [[8, 10, 12]]),
        ("Names", [["beta"]]),
        ("Names() | count", [[1]]),
        ("database().Names | count", [[1]]),
        ("database().Names() | count", [[1]]),
        ("Frequent(Events)", [["beta", 2], ["beta", 4]]),
        ("Frequent(Events, 3)", [["beta", 4]]),
        ("Events | invoke Frequent(least = 4)", [["beta", 4]]),
        ("Events | invoke Any() | summarize count() by Tag", [["none", 4]]),
        ("Any((print a = 1), 'x')", [[1, "x"]]),
        ("union withsource=From Names, (Events | where Count == 1 | project Name) | sort by From asc", [["Events", "alpha"], ["Names", "beta"]]),
        ("Events | where Name in (Names) | count", [[2]]),
        ("Events | extend d = Twice(Count) | where Count == 4 | project d", [[8]]),
        # A let statement hides a saved function, and a table one of its name.
        ("let Twice = (x: long) { x * 3 }; print Twice(2)", [[6]]),
        ("Events | count", [[4]]),
        ("restrict access to (database().Names); Names", [["beta"]]),
    ],
)  # fmt: skip
def test_saved_functions_are_called(connection: Connection, query: str, rows: list[Any]) -> None:
    assert rows_of(connection, query) == rows


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("print Round(1)", "calls itself"),
        ("There", "in the function 'There': 'There' calls itself"),
        ("Bare", "in the function 'Bare': 'Bare' calls itself"),
        ("Broken", "in the function 'Broken': expected an expression"),
        ("Frequent((print a = 1))", "has no column 'Name'"),
        ("print Twice(1, 2)", "takes 1 arguments"),
        ("restrict access to (Events); Names", "there is no table named 'Names'"),
        ("restrict access to (Events); print Twice(1)", "there is no function named 'Twice'"),
    ],
)
def test_what_they_can_not_is_refused(connection: Connection, query: str, reason: str) -> None:
    with pytest.raises(QueryRefusedError, match=reason):
        rows_of(connection, query)
