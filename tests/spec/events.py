"""A table to ask, in an engine of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import chdb

from kelp.clickhouse.compiler import (
    CompiledQuery,
    CompiledResult,
    CompileOptions,
    DataNeeded,
    compile_query,
    read_answer,
)
from kelp.clickhouse.quoting import quote_identifier
from kelp.clickhouse.types import expression_type, required_type
from kelp.engine.contract import InputFormat, SourceBody, SourceColumn
from kelp.engine.settings import SESSION_SETTINGS, print_settings
from kelp.engine.sources import over_sources
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.scope import QueryScope, ScopedTable
from kelp.segments.computation import run_operation

if TYPE_CHECKING:
    from pathlib import Path

    from chdb.state.sqlitelike import Connection

NOW = 17_672_256_000_000_000
"""2026-01-01T00:00:00Z, what `now()` gives."""

OPTIONS = CompileOptions(NOW, row_cap=500_001)
"""As a server compiles: whatever the text says, so many rows at the most."""

EVENTS = RowSchema(
    (
        Column("TimeGenerated", ScalarType.DATETIME),
        Column("Name", ScalarType.STRING),
        Column("Count", ScalarType.LONG),
        Column("Level", ScalarType.INT),
        Column("Value", ScalarType.REAL),
        Column("Amount", ScalarType.DECIMAL),
        Column("Flag", ScalarType.BOOL),
        Column("Id", ScalarType.GUID),
        Column("Span", ScalarType.TIMESPAN),
        Column("Body", ScalarType.DYNAMIC),
    )
)
"""A stored table; its `TimeGenerated` is never null, the other columns may be."""

EVENT_ROWS = (
    r"""('2026-07-01 10:20:30.1234567', 'alpha', 1, 10, 1.5, 2.25, true, '11111111-1111-4111-8111-111111111111', 36000000000,
         '{"n": 1, "s": "x", "r": 2.0, "a": [1, "two", {"k": "v"}], "o": {"p": {"q": "deep"}}, "t": "2026-01-02T03:04:05Z"}')""",
    r"""('2026-07-01 10:50:00', 'beta', 2, NULL, 2.5, NULL, false, NULL, NULL, '{"n": "7", "s": "a/b", "a": [], "b": true}')""",
    r"""('2026-07-01 11:00:00', '', NULL, 30, NULL, 0.5, NULL, NULL, -10000000, '')""",
    r"""('2026-07-02 00:00:00', 'beta', 4, 40, nan, 1.25, true, NULL, 0, '[10, 20]')""",
)


class Tables:
    """The names a case may use."""

    def __init__(self) -> None:
        self.reference = TableReference(None, "Events")
        self.symbol = TableSymbol(self.reference, EVENTS)
        stored = {column.name: column.type for column in EVENTS.columns}
        table = ScopedTable(
            "spec",
            "Events",
            exists=True,
            stored_columns=stored,
            predicate=None,
            non_null=frozenset({"TimeGenerated"}),
        )
        self.scope = QueryScope({self.reference: (table,)})

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        return self.symbol if reference == self.reference else None

    def has_workspace(self, workspace: str) -> bool:
        return workspace == "spec"

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        return [self.symbol] if workspace is None else []

    def table_names(self) -> Iterable[str]:
        return ["Events"]

    def find_function(self, name: str) -> StoredFunction | None:
        del name
        return None


def open_engine(folder: Path) -> Connection:
    """Return an engine that holds the table and prints as the server asks it to."""
    opened = chdb.connect(str(folder))
    opened.query(f"SET {print_settings(SESSION_SETTINGS)}")
    opened.query("SET date_time_output_format='iso', output_format_json_quote_64bit_integers=0")
    columns = ", ".join(
        f"{quote_identifier(column.name)} {_stored_type(column)}" for column in EVENTS.columns
    )
    opened.query("CREATE DATABASE spec ENGINE = Atomic")
    opened.query(f"CREATE TABLE spec.Events ({columns}) ENGINE = MergeTree ORDER BY TimeGenerated")
    opened.query(f"INSERT INTO spec.Events VALUES {', '.join(EVENT_ROWS)}")
    return opened


def _stored_type(column: Column) -> str:
    kind = required_type if column.name == "TimeGenerated" else expression_type
    return kind(column.type)


def compile_with(connection: Connection, query: str) -> CompiledQuery:
    """Return the compiled query, of which the engine was asked what it depends on. Raises `QueryRefusedError`."""
    tables, options = Tables(), OPTIONS
    while True:
        try:
            return compile_query(query, tables, tables.scope, options)
        except DataNeeded as needed:
            question = needed.question
        assert isinstance(question, CompiledResult)
        rows = run(connection, question)
        options = replace(options, answers=(*options.answers, read_answer(rows)))


def ask(connection: Connection, query: str) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Return the columns as `name:type`, and the rows. Raises `QueryRefusedError`."""
    result = compile_with(connection, query).results[0]
    answer = run(connection, result).decode()
    columns = tuple(f"{column.name}:{column.type}" for column in result.columns)
    return columns, [json.loads(line) for line in answer.splitlines()]


def run(connection: Connection, result: CompiledResult) -> bytes:
    """Return the rows of a result, whose segments are computed in this process."""
    sources: dict[str, SourceBody] = {}
    for segment in result.segments:
        inputs = [read(connection, part.sql, "ArrowStream", sources) for part in segment.inputs]
        body = run_operation(segment.operation, segment.columns, inputs)
        structure = tuple(SourceColumn(name, kind) for name, kind in segment.structure)
        sources[segment.name] = SourceBody(structure, InputFormat.ARROW, (body,))
    return read(connection, result.sql, "JSONCompactEachRow", sources)


def read(connection: Connection, sql: str, result_format: str, sources: Mapping[str, SourceBody]) -> bytes:
    """Return what a statement over the sources gives."""
    with over_sources(sql, sources) as text:
        settings = (
            "\nSETTINGS use_cache_for_count_from_files = 0, parallelize_output_from_storages = 0"
            if sources
            else ""
        )
        content: bytes = connection.query(text + settings, result_format).bytes()
    return content
