"""The statements of `clickhouse.ddl` do in the engine what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kelp.clickhouse.ddl import (
    MaterializedColumn,
    Partitioning,
    SchemaStatement,
    TableDefinition,
    add_column,
    add_materialized_column,
    add_term_index,
    create_table,
    drop_column,
    drop_term_index,
    normalized_terms,
)
from kelp.clickhouse.quoting import quote_identifier, quote_string, quote_strings
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import Engine
from kelp.kql.types import Column, ScalarType
from kelp.plan.scope import PropertyPath

from .conftest import DEFINITION, WORKSPACE, Restart
from .doubles import insert_of, read, records, start

ALL_TYPES = tuple(Column(f"c {kind.value}", kind) for kind in ScalarType)
ODD_NAMES = ("it's", "a`b", 'say "x"', "back\\slash", "new\nline", "ünï😀", "a.b", "end--")


async def run_twice(engine: Engine, statement: SchemaStatement) -> None:
    for _ in range(2):
        await engine.execute(statement)


async def list_columns(engine: Engine, table: EngineTable) -> dict[str, str]:
    sql = f"SELECT name, type FROM system.columns WHERE table = {quote_string(table.name)} AND default_kind = ''"
    return dict(json.loads(line) for line in (await read(engine, sql)).splitlines())


async def read_counted(engine: Engine, table: EngineTable, condition: str) -> tuple[bytes, int]:
    """The messages for which the condition holds, and how many rows were read for it."""
    async with await start(engine, f"SELECT Message FROM {table.sql} WHERE {condition}", table) as stream:
        content = b"".join([chunk async for chunk in stream])
    return content, stream.statistics.rows_read


async def test_every_type_can_be_stored(engine: Engine, restart: Restart) -> None:
    await engine.open_database(WORKSPACE)
    table = EngineTable(WORKSPACE.name, "All Types'")
    definition = TableDefinition(
        (Column("TimeGenerated", ScalarType.DATETIME), *ALL_TYPES), Partitioning.MONTH
    )
    await run_twice(engine, create_table(table, definition, engine.table_storage(WORKSPACE.name)))
    engine = await restart()
    assert await list_columns(engine, table) == {
        "TimeGenerated": "DateTime64(7, 'UTC')",
        "c bool": "Nullable(Bool)",
        "c int": "Nullable(Int32)",
        "c long": "Nullable(Int64)",
        "c real": "Nullable(Float64)",
        "c decimal": "Nullable(Decimal(38, 18))",
        "c string": "String",
        "c datetime": "Nullable(DateTime64(7, 'UTC'))",
        "c timespan": "Nullable(Int64)",
        "c guid": "Nullable(UUID)",
        "c dynamic": "String",
    }


async def test_names_may_hold_anything(engine: Engine, restart: Restart) -> None:
    await engine.open_database(WORKSPACE)
    storage = engine.table_storage(WORKSPACE.name)
    columns = tuple(Column(name, ScalarType.STRING) for name in ODD_NAMES)
    definition = TableDefinition(
        (Column("TimeGenerated", ScalarType.DATETIME), *columns), Partitioning.DAY, frozenset(ODD_NAMES)
    )
    tables = [EngineTable(WORKSPACE.name, name) for name in ODD_NAMES]
    for table in tables:
        await engine.execute(create_table(table, definition, storage))
        statement = replace(
            insert_of(table, records(10)),
            columns=("TimeGenerated", *ODD_NAMES),
            select=f"SELECT now64(7, 'UTC'), {', '.join(['Message'] * len(ODD_NAMES))} FROM source",
        )
        await engine.insert(statement)
    engine = await restart()
    for table in tables:
        terms = " AND ".join(
            f"hasAllTokens({normalized_terms(quote_identifier(name))}, ['hello', '7'])" for name in ODD_NAMES
        )
        assert await read(engine, f"SELECT count() FROM {table.sql} WHERE {terms}", table) == b"[1]\n"


async def test_columns_come_and_go(engine: Engine, logs: EngineTable, restart: Restart) -> None:
    await engine.insert(insert_of(logs, records(10)))
    column = Column("More", ScalarType.STRING)
    wider = replace(
        DEFINITION, columns=(*DEFINITION.columns, column), term_indexed=frozenset({"Message", "More"})
    )
    await run_twice(engine, add_column(logs, column, wider))
    assert await read(engine, f"SELECT DISTINCT More FROM {logs.sql}", logs) == b'[""]\n'
    engine = await restart()
    await run_twice(engine, add_term_index(logs, "More"))
    await run_twice(engine, drop_term_index(logs, "More"))
    await run_twice(engine, drop_column(logs, "More"))
    assert "More" not in await list_columns(engine, logs)
    await run_twice(engine, drop_column(logs, "Message"))


async def test_a_computed_column_is_there_for_old_and_new_rows(engine: Engine, logs: EngineTable) -> None:
    await engine.insert(insert_of(logs, records(10, day=1)))
    column = MaterializedColumn(
        "details_n",
        "Nullable(Int64)",
        "JSONExtract(Details, 'n', 'Nullable(Int64)')",
        PropertyPath("Details", ("n",), "Nullable(Int64)"),
    )
    await run_twice(engine, add_materialized_column(logs, column))
    await engine.insert(insert_of(logs, records(10, day=2)))
    assert await read(engine, f"SELECT sum(details_n) FROM {logs.sql}", logs) == b"[90]\n"


@pytest.mark.parametrize(
    "condition", ["hasAllTokens({}, ['needle'])", "hasAnyTokens({}, ['needle', 'x'])", "{} LIKE '%needl%'"]
)
async def test_terms_are_found_by_the_index(engine: Engine, logs: EngineTable, condition: str) -> None:
    await engine.insert(insert_of(logs, records(50_000)))
    await engine.insert(insert_of(logs, records(1, message="a Needle, here")))
    condition = condition.format(normalized_terms("Message"))
    found, rows_read = await read_counted(engine, logs, condition)
    assert found == b'["a Needle, here 0"]\n'
    assert rows_read < 10_000


@pytest.mark.parametrize(
    "text, term, found",
    [
        ("one_two", "two", True),
        ("ÜNÏCODE straße", "ünïcode", True),
        ("a—dash…", "a", True),
        ("a—dash…", "dash", True),
        ("«quoted»", "quoted", True),
        ("٣٤ x", "٣٤", True),
        ("日本語 x", "日本語", True),
        ("日本語 x", "日本", False),
        ("timeout2", "timeout", False),
        ("nul\0byte", "nul", True),
    ],
)
@pytest.mark.parametrize("indexed", [True, False])
async def test_terms_are_runs_of_letters_and_digits(
    engine: Engine, logs: EngineTable, text: str, term: str, found: bool, indexed: bool
) -> None:
    if not indexed:
        await engine.execute(drop_term_index(logs, "Message"))
    body = json.dumps({"TimeGenerated": "2026-01-01T00:00:00Z", "Message": text}).encode()
    await engine.insert(insert_of(logs, body))
    condition = f"hasAllTokens({normalized_terms('Message')}, {quote_strings([term])})"
    content = await read(engine, f"SELECT count() FROM {logs.sql} WHERE {condition}", logs)
    assert content == (b"[1]\n" if found else b"[0]\n")


async def test_old_receipts_are_skipped_by_the_index(engine: Engine, logs: EngineTable) -> None:
    await engine.insert(insert_of(logs, records(10)))
    assert await read_counted(engine, logs, "_TimeReceived > '2027-01-01 00:00:00'") == (b"", 0)


async def test_files_are_flushed_with_each_insert(engine: Engine, logs: EngineTable, tmp_path: Path) -> None:
    async def count_flushes() -> dict[str, int]:
        # An event that has not happened in this process yet has no row.
        sql = "SELECT event, value FROM system.events WHERE event IN ('FileSync', 'DirectorySync')"
        return dict(json.loads(line) for line in (await read(engine, sql)).splitlines())

    before = await count_flushes()
    await engine.insert(insert_of(logs, records(10)))
    after = await count_flushes()
    assert after["FileSync"] > before.get("FileSync", 0)
    assert after["DirectorySync"] > before.get("DirectorySync", 0)
