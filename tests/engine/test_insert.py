"""Inserts: exact values, one part for each partition, deduplication, late rows, rejects, loading beside queries."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from kelp.base.errors import Category
from kelp.clickhouse.ddl import drop_partition, optimize_partition
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import Engine, InputFormat, SourceColumn
from kelp.engine.errors import (
    EngineError,
    EngineTableNotFound,
    QueryCancelled,
    ResourceLimitExceeded,
    RowsRejected,
)

from .conftest import WORKSPACE, EngineHolder, Restart
from .doubles import SELECT, insert_of, read, records, until_running


async def count(engine: Engine, table: EngineTable) -> int:
    return int(json.loads(await read(engine, f"SELECT count() FROM {table.sql}", table))[0])


async def count_parts(engine: Engine, table: EngineTable) -> list[list[object]]:
    """The number of parts and rows written by inserts, for each partition."""
    content = await read(
        engine,
        "SELECT partition, count(), sum(rows) FROM system.parts "
        f"WHERE database = '{table.database}' AND table = '{table.name}' AND level = 0 GROUP BY partition ORDER BY partition",
        table,
    )
    return [json.loads(line) for line in content.splitlines()]


async def test_values_arrive_through_the_select(engine: Engine, logs: EngineTable) -> None:
    body = (
        b'{"TimeGenerated":"2026-01-02T03:04:05.1234567Z","Computer":"a","Message":"l1\\nl2 \\u00fc","Count":7,'
        b'"Details":{ "b": 1.50, "a":[null] },"Unknown":1}'
        b'{"TimeGenerated":"2026-01-02T03:04:06Z","Message":null,"Count":"x"}'
    )
    outcome = await engine.insert(insert_of(logs, body))
    assert outcome.rows == 2
    content = await read(engine, f"SELECT * EXCEPT _LoadToken FROM {logs.sql} ORDER BY TimeGenerated", logs)
    received = "2026-01-02T03:04:05.0000000Z"
    assert [json.loads(line) for line in content.splitlines()] == [
        ["2026-01-02T03:04:05.1234567Z", received, "a", "l1\nl2 ü", 7, '{ "b": 1.50, "a":[null] }'],
        ["2026-01-02T03:04:06.0000000Z", received, "", "", None, ""],
    ]


async def test_a_body_may_be_cut_anywhere(engine: Engine, logs: EngineTable) -> None:
    body = records(100)
    await engine.insert(replace(insert_of(logs), body=tuple(body[i : i + 7] for i in range(0, len(body), 7))))
    assert await count(engine, logs) == 100


@pytest.mark.parametrize("body", [b"", b"[]", b"\n\n"], ids=["nothing", "empty array", "empty lines"])
async def test_a_body_without_rows_adds_none(engine: Engine, logs: EngineTable, body: bytes) -> None:
    assert (await engine.insert(insert_of(logs, body, "token"))).rows == 0
    assert await count(engine, logs) == 0


async def test_an_array_is_read_like_lines(engine: Engine, logs: EngineTable) -> None:
    body = b"[" + b",".join(records(10).splitlines()) + b"]"
    await engine.insert(insert_of(logs, body))
    assert await count(engine, logs) == 10


async def test_other_formats(engine: Engine, logs: EngineTable) -> None:
    one = (SourceColumn("text", "String"),)
    select = (
        "SELECT toDateTime64(0, 7, 'UTC'), toDateTime64(0, 7, 'UTC'), '', text, length(text), '' FROM source"
    )
    statement = replace(insert_of(logs), structure=one, select=select)
    lines = b'{"a":1\nplain "text"\n'
    await engine.insert(replace(statement, format=InputFormat.LINES, body=(lines,)))
    objects = b'{"a" : 1, "a":2}\n{"b":{}}'
    await engine.insert(replace(statement, format=InputFormat.JSON_AS_STRING, body=(objects,)))

    sink = io.BytesIO()
    table = pa.table({"text": ["ä", "\x00"]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    await engine.insert(replace(statement, format=InputFormat.ARROW, body=(sink.getvalue(),)))

    content = await read(engine, f"SELECT Message FROM {logs.sql} ORDER BY Message", logs)
    assert [json.loads(line)[0] for line in content.splitlines()] == sorted(
        ['{"a":1', 'plain "text"', '{"a" : 1, "a":2}', '{"b":{}}', "ä", "\x00"]
    )


async def test_an_insert_is_one_part_for_each_partition(engine: Engine, logs: EngineTable) -> None:
    body = records(150_000, day=1) + records(150_000, day=2)
    await engine.insert(insert_of(logs, body, "token"))
    assert await count_parts(engine, logs) == [["20260101", 1, 150_000], ["20260102", 1, 150_000]]


async def test_rows_of_many_days_are_taken_in_one_insert(engine: Engine, logs: EngineTable) -> None:
    body = b"".join(
        f'{{"TimeGenerated":"{year}-{month:02}-15T00:00:00Z"}}'.encode()
        for year in range(2010, 2020)
        for month in range(1, 13)
    )
    await engine.insert(insert_of(logs, body, "token"))
    await engine.insert(insert_of(logs, body, "token"))
    assert await count(engine, logs) == 120


async def test_a_token_is_stored_once(engine: Engine, logs: EngineTable, restart: Restart) -> None:
    body = records(1000, day=1) + records(1000, day=2)
    for _ in range(2):
        await engine.insert(insert_of(logs, body, "first"))
    assert await count(engine, logs) == 2000
    await engine.insert(insert_of(logs, body, "second"))
    assert await count(engine, logs) == 4000
    for partition in ("20260101", "20260102"):
        await engine.execute(optimize_partition(logs, partition))
    engine = await restart()
    await engine.insert(insert_of(logs, body, "first"))
    assert await count(engine, logs) == 4000


async def test_without_a_token_equal_rows_add_up(engine: Engine, logs: EngineTable) -> None:
    for _ in range(2):
        await engine.insert(insert_of(logs, records(10)))
    assert await count(engine, logs) == 20


async def test_a_repeated_insert_brings_only_the_partitions_that_are_missing(
    engine: Engine, logs: EngineTable
) -> None:
    statement = insert_of(logs, records(10, day=1) + records(20, day=2) + records(30, day=3), "token")
    await engine.insert(statement)
    await engine.execute(drop_partition(logs, "20260102"))
    assert await count(engine, logs) == 40
    assert (await engine.insert(statement)).rows == 20
    assert (await engine.insert(statement)).rows == 0
    assert await count(engine, logs) == 60


async def test_attempts_at_the_same_time_are_one(engine: Engine, logs: EngineTable) -> None:
    statement = insert_of(logs, records(1000), "token")
    outcomes = await asyncio.gather(*(engine.insert(statement) for _ in range(4)))
    assert sorted(outcome.rows for outcome in outcomes) == [0, 0, 0, 1000]
    assert await count(engine, logs) == 1000


async def test_a_first_attempt_is_not_looked_for(engine: Engine, logs: EngineTable) -> None:
    statement = replace(insert_of(logs, records(10), "token"), first_attempt=True)
    await engine.insert(statement)
    await engine.insert(replace(statement, first_attempt=False))
    assert await count(engine, logs) == 10


async def test_tokens_survive_a_killed_process(
    holder: EngineHolder, logs: EngineTable, restart: Restart
) -> None:
    await holder.engine.close()
    await asyncio.to_thread(load_and_die, holder.settings.data_directory)
    engine = await restart()
    assert await count(engine, logs) == 40
    for token in ("first", "second"):
        await engine.insert(insert_of(logs, records(10, day=1) + records(10, day=2), token))
    assert await count(engine, logs) == 40


def load_and_die(data_directory: Path) -> None:
    """Run a process that loads two batches and is killed as soon as the second is acknowledged."""
    program = f"""
        import asyncio, os, signal
        from pathlib import Path
        from kelp.engine.embedded import EmbeddedEngine
        from kelp.engine.settings import EmbeddedSettings
        from tests.engine.conftest import LOGS
        from tests.engine.doubles import KeyRing, insert_of, records

        async def load():
            settings = EmbeddedSettings(data_directory=Path({str(data_directory)!r}))
            engine = await EmbeddedEngine.open(settings, KeyRing())
            for token in ("first", "second"):
                await engine.insert(insert_of(LOGS, records(10, day=1) + records(10, day=2), token))
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(load())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    "body", [b'{"TimeGenerated":"2026-01-01T00:00:00Z"}\n{"a":', b"no json", b'{"a" 1}', b'["a"]']
)
async def test_a_body_that_is_not_its_format_is_rejected_whole(
    engine: Engine, logs: EngineTable, body: bytes
) -> None:
    with pytest.raises(RowsRejected) as caught:
        await engine.insert(insert_of(logs, body, "token"))
    assert caught.value.category is Category.INVALID
    assert await count(engine, logs) == 0
    await engine.insert(insert_of(logs, records(10), "token"))
    assert await count(engine, logs) == 10


async def test_a_failing_select_adds_nothing(engine: Engine, logs: EngineTable) -> None:
    failing = SELECT.replace("Message,", "toString(throwIf(Message = 'hello 90000')),")
    with pytest.raises(EngineError):
        await engine.insert(insert_of(logs, records(100_000), select=failing))
    assert await count(engine, logs) == 0


async def test_the_memory_of_an_insert_is_limited(engine: Engine, logs: EngineTable) -> None:
    with pytest.raises(ResourceLimitExceeded):
        await engine.insert(insert_of(logs, records(50_000), max_memory_bytes=1 << 20))
    assert await count(engine, logs) == 0


async def test_a_missing_table_is_told(engine: Engine, logs: EngineTable) -> None:
    with pytest.raises(EngineTableNotFound):
        await engine.insert(insert_of(EngineTable(WORKSPACE.name, "Nothing"), records(1)))


async def test_an_insert_can_be_killed_and_repeated(engine: Engine, logs: EngineTable) -> None:
    slow = insert_of(logs, records(10), "token", select=f"{SELECT} WHERE sleepEachRow(3) = 0")
    task = asyncio.create_task(engine.insert(slow, tag="load"))
    await until_running(engine, 1)
    assert await engine.kill("load") == 1
    with pytest.raises(QueryCancelled):
        await task
    await engine.insert(insert_of(logs, records(10), "token"))
    assert await count(engine, logs) == 10


async def test_loading_goes_on_while_all_readers_are_busy(engine: Engine, logs: EngineTable) -> None:
    endless = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
    busy = [asyncio.create_task(read(engine, endless)) for _ in range(5)]
    await asyncio.sleep(0)
    await engine.insert(insert_of(logs, records(10)))
    await engine.kill("test")
    await asyncio.gather(*busy, return_exceptions=True)
    assert await count(engine, logs) == 10


async def test_readers_see_whole_inserts_while_writers_write(engine: Engine, logs: EngineTable) -> None:
    rows, inserts = 3000, 12
    seen: list[int] = []

    async def watch(done: Callable[[], bool]) -> None:
        while not done():
            seen.append(await count(engine, logs))

    async with asyncio.TaskGroup() as group:
        writers = [
            group.create_task(engine.insert(insert_of(logs, records(rows), f"token {number}")))
            for number in range(inserts)
        ]
        group.create_task(watch(lambda: all(writer.done() for writer in writers)))
    assert {number % rows for number in seen} == {0}
    assert await count(engine, logs) == rows * inserts
