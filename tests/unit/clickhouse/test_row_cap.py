"""How many rows a statement gives at the most, and in which order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import chdb
import pytest
from chdb.state.sqlitelike import Connection

from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.engine.settings import SESSION_SETTINGS, print_settings
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol
from kelp.plan.scope import QueryScope

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW_CAP = 10
NUMBERS = "range n from 1 to 100 step 1 | extend d = dynamic([1]), t = n * 1s"


class NoTables:
    def find_table(self, reference: TableReference) -> TableSymbol | None:
        del reference
        return None

    def has_workspace(self, workspace: str) -> bool:
        del workspace
        return False

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        del workspace
        return []

    def table_names(self) -> Iterable[str]:
        return []

    def find_function(self, name: str) -> StoredFunction | None:
        del name
        return None


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    opened = chdb.connect(str(tmp_path_factory.mktemp("engine")))
    opened.query(f"SET {print_settings(SESSION_SETTINGS)}, output_format_json_quote_64bit_integers = 0")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", 10),
        ("take 3", 3),
        ("take 10", 10),
        ("take 11", 10),
        ("take 0", 0),
        ("take toint(40)", 10),
        ("top 4 by n desc", 4),
        ("top 4 by t desc", 4),
        ("sort by n desc", 10),
        ("sort by n desc | take 2", 2),
        ("top 50 by n desc | summarize sum(n)", 1),
        ("summarize n = max(n) by k = n % 20, t | top 50 by n desc", 10),
    ],
)
def test_a_statement_gives_no_more_rows_than_the_cap(
    connection: Connection, rest: str, expected: int
) -> None:
    text = f"{NUMBERS} | {rest}" if rest else NUMBERS
    compiled = compile_query(text, NoTables(), QueryScope(), CompileOptions(0, row_cap=ROW_CAP))
    (result,) = compiled.results
    answer = connection.query(result.sql, "JSONCompactEachRow").bytes()
    rows = [json.loads(line) for line in answer.splitlines()]
    assert len(rows) == expected
    names = [column.name for column in result.columns]
    if " by n desc" in rest and "n" in names:
        numbers = [row[names.index("n")] for row in rows]
        assert numbers == list(range(100, 100 - expected, -1))
