"""Text operators mean the same with and without a term index, and with one they use it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import chdb
import pytest
from chdb.state.sqlitelike import Connection

from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.clickhouse.ddl import Partitioning, TableDefinition, TableStorage, create_table, normalized_terms
from kelp.clickhouse.functions.text_search import terms_of
from kelp.clickhouse.printer import print_expression
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.clickhouse.sql import SqlColumn
from kelp.clickhouse.types import EngineTable
from kelp.engine.settings import SESSION_SETTINGS, print_settings
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.scope import QueryScope, ScopedTable

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = RowSchema((Column("TimeGenerated", ScalarType.DATETIME), Column("Message", ScalarType.STRING)))
TEXTS = (
    "",
    "Timeout",
    "timeouts happen",
    "no time out, no timeout.",
    "user_name=root;uid=0",
    "GET /index.html HTTP/1.1",
    "from 172.16.9.99 port 22",
    "from 172.16.9.995 port 22",
    "ÜBER größe straße",
    "über—alles «größe»",
    "naïve café",
    "cafe\u0301 noir",
    "Привет, мир",
    "ПРИВЕТ мир",
    "日本語 テキスト",
    "emoji😀timeout😀",
    "a-b a_b a.b a b",
    "liveness probe failed",
    "liveness  probe failed",
    "xliveness probe failedx",
    "line1\nTimeout\tline2",
    "100% of C:\\Windows\\System32",
    "٣٤ digits",
    "273 \u212aelvin",
    "\u0130stanbul",
)
NEEDLES = (
    *("kelvin", "Istanbul"),
    *("timeout", "TIMEOUT", "time", "out", "imeou", "user_name", "user", "name=root", "172.16.9.99", "16.9"),
    *(
        "über",
        "ÜBER",
        "größe",
        "GRÖSSE",
        "café",
        "caf",
        "привет",
        "мир",
        "日本語",
        "😀",
        "timeout😀",
        "—",
        "a b",
        "a-b",
    ),
    *(
        "liveness probe failed",
        "probe failed",
        " probe",
        "failed",
        ".",
        "1.1",
        "c:\\windows",
        "%",
        "٣٤",
        "line1\ntimeout",
        "",
    ),
)
OPERATORS = (
    *("has", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "contains", "contains_cs"),
    *("startswith", "startswith_cs", "endswith", "endswith_cs", "=~", "=="),
)


class Tables:
    """The same rows with a term index (`Indexed`) and without (`Plain`)."""

    def __init__(self) -> None:
        self.symbols = {
            name: TableSymbol(TableReference(None, name), SCHEMA) for name in ("Indexed", "Plain")
        }
        stored = {column.name: column.type for column in SCHEMA.columns}
        self.scope = QueryScope(
            {
                symbol.reference: (
                    ScopedTable(
                        "terms",
                        name,
                        exists=True,
                        stored_columns=stored,
                        predicate=None,
                        term_indexed=frozenset({"Message"} if name == "Indexed" else ()),
                        non_null=frozenset({"TimeGenerated"}),
                    ),
                )
                for name, symbol in self.symbols.items()
            }
        )

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        return self.symbols.get(reference.name)

    def has_workspace(self, workspace: str) -> bool:
        return not workspace

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        return self.symbols.values() if workspace is None else ()

    def table_names(self) -> Iterable[str]:
        return self.symbols

    def find_function(self, name: str) -> StoredFunction | None:
        del name
        return None


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder: Path = tmp_path_factory.mktemp("engine")
    opened = chdb.connect(str(folder))
    opened.query(f"SET {print_settings(SESSION_SETTINGS)}")
    texts = "[" + ", ".join(f"({index}, {quote_string(text)})" for index, text in enumerate(TEXTS)) + "]"
    opened.query("CREATE DATABASE terms ENGINE = Atomic")
    for name in ("Indexed", "Plain"):
        indexed = frozenset({"Message"} if name == "Indexed" else ())
        definition = TableDefinition(SCHEMA.columns, Partitioning.MONTH, indexed)
        storage = TableStorage(settings={"index_granularity": 2})
        opened.query(create_table(EngineTable("terms", name), definition, storage).sql)
        rows = f"SELECT addSeconds(toDateTime64('2026-01-01', 7, 'UTC'), n), m FROM (SELECT arrayJoin({texts}) AS p, p.1 AS n, p.2 AS m)"
        opened.query(f"INSERT INTO terms.{name} (TimeGenerated, Message) {rows}")
    yield opened
    opened.close()


def _sql_of(query: str) -> str:
    tables = Tables()
    return compile_query(query, tables, tables.scope, CompileOptions(0)).results[0].sql


def _found(connection: Connection, query: str) -> list[str]:
    answer = connection.query(_sql_of(query), "JSONCompactEachRow").bytes().decode()
    return sorted(json.loads(line)[0] for line in answer.split("\n") if line)


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- the meaning, written down a second time ------------------------------------------------------------------------


def _is_of_a_term(character: str) -> bool:
    if character.isascii():
        return character.isalnum()
    return unicodedata.category(character)[0] == "L" or unicodedata.category(character) == "Nd"


def _holds(text: str, operator: str, needle: str) -> bool:
    base = operator.removesuffix("_cs")
    if operator == base and operator != "==":
        text, needle = text.lower(), needle.lower()
    match base:
        case "==" | "=~":
            return text == needle
        case "contains":
            return needle in text
        case "startswith":
            return text.startswith(needle)
        case "endswith":
            return text.endswith(needle)
        case _:
            return not needle or any(
                _has_edges(text, found.start(), len(needle), base)
                for found in re.finditer(f"(?={re.escape(needle)})", text)
            )


def _has_edges(text: str, start: int, size: int, operator: str) -> bool:
    end = start + size
    before = start == 0 or not (_is_of_a_term(text[start - 1]) and _is_of_a_term(text[start]))
    after = end == len(text) or not (_is_of_a_term(text[end]) and _is_of_a_term(text[end - 1]))
    return (before or operator == "hassuffix") and (after or operator == "hasprefix")


# --- tests -----------------------------------------------------------------------------------------------------------


def test_queries_search_the_expression_that_is_indexed() -> None:
    assert print_expression(terms_of(SqlColumn("", "Message"))).replace("`Message`", "m") == normalized_terms(
        "m"
    )


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_means_the_same_with_and_without_an_index(operator: str, connection: Connection) -> None:
    for needle in NEEDLES:
        expected = sorted(text for text in TEXTS if _holds(text, operator, needle))
        for table in ("Indexed", "Plain"):
            query = f"{table} | where Message {operator} {_literal(needle)} | project Message"
            assert _found(connection, query) == expected, (operator, needle, table)


@pytest.mark.parametrize(
    "operator", ["has", "has_cs", "hasprefix", "hassuffix_cs", "contains", "startswith", "endswith_cs", "=~"]
)
def test_a_computed_needle_means_the_same_as_a_constant(operator: str, connection: Connection) -> None:
    for needle in NEEDLES:
        expected = sorted(text for text in TEXTS if _holds(text, operator, needle))
        query = f"Plain | extend n = strcat({_literal(needle)}, '') | where Message {operator} n | project Message"
        assert _found(connection, query) == expected, (operator, needle)


def test_negations_keep_the_other_rows(connection: Connection) -> None:
    for operator in ("has", "contains_cs", "startswith", "hasprefix"):
        expected = sorted(text for text in TEXTS if not _holds(text, operator, "timeout"))
        for table in ("Indexed", "Plain"):
            assert (
                _found(connection, f"{table} | where Message !{operator} 'timeout' | project Message")
                == expected
            )


@pytest.mark.parametrize(
    ("condition", "operator", "needles", "combine"),
    [
        ('has_any ("timeout", "мир", "probe failed")', "has", ("timeout", "мир", "probe failed"), any),
        ('has_any (dynamic(["timeout", "café"]))', "has", ("timeout", "café"), any),
        ('has_any ("nothing")', "has", ("nothing",), any),
        ('has_all ("probe", "failed")', "has", ("probe", "failed"), all),
        ('has_all ("liveness probe", "failed")', "has", ("liveness probe", "failed"), all),
        ('in~ ("TIMEOUT", "naïve café", "")', "=~", ("TIMEOUT", "naïve café", ""), any),
    ],
)
def test_lists_of_needles(
    condition: str, operator: str, needles: tuple[str, ...], combine: object, connection: Connection
) -> None:
    decide = any if combine is any else all
    expected = sorted(text for text in TEXTS if decide(_holds(text, operator, needle) for needle in needles))
    for table in ("Indexed", "Plain"):
        assert _found(connection, f"{table} | where Message {condition} | project Message") == expected


@pytest.mark.parametrize(
    "condition",
    [
        "has 'liveness'",
        "has_cs 'liveness'",
        "has 'liveness probe failed'",
        "hasprefix 'liven'",
        "hassuffix 'eness'",
        "contains 'ivenes'",
        "contains_cs 'ivenes'",
        "startswith 'liveness probe'",
        "endswith 'probe failed'",
        "== 'liveness probe failed'",
        "=~ 'LIVENESS probe failed'",
        "has_any ('liveness', 'мир')",
        "has_all ('liveness', 'probe')",
        "in~ ('liveness probe failed', 'naïve café')",
    ],
)
def test_the_index_leaves_parts_of_the_table_unread(condition: str, connection: Connection) -> None:
    sql = _sql_of(f"Indexed | where Message {condition} | project TimeGenerated")
    plan = connection.query(f"EXPLAIN indexes = 1 {sql}", "TSV").bytes().decode()
    name = quote_identifier("terms_Message").strip("`")
    assert f"Name: {name}" in plan
    granules = re.search(rf"Name: {name}[\s\S]*?Granules: (\d+)/(\d+)", plan)
    assert granules is not None
    assert int(granules.group(1)) < int(granules.group(2))
