"""Queries: formats, limits, deadlines, cancellation, streaming."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Awaitable, Callable

import psutil
import pyarrow as pa
import pytest

from kelp.base.errors import Category
from kelp.engine.contract import Engine, InputFormat, QueryLimits, ResultFormat, SourceBody, SourceColumn
from kelp.engine.errors import (
    EngineError,
    EngineTableNotFound,
    EngineUnavailable,
    QueryCancelled,
    QueryTimedOut,
    ResourceLimitExceeded,
)

from .conftest import EngineHolder
from .doubles import LIMITS, read, start, until_running

ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
ENDLESS_ROWS = "SELECT number, repeat('x', 100) FROM numbers(1000000000000)"


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        psutil.Process().cpu_percent(0.01)


def read_lines(content: bytes) -> list[object]:
    return [json.loads(line) for line in content.splitlines()]


async def test_json_rows_spell_every_type_as_declared(engine: Engine) -> None:
    content = await read(
        engine,
        "SELECT true, toInt32(-1), 9223372036854775807, 1.5, nan, inf, toDecimal128('1.5', 18), 'a/\"\\n😀', "
        "toDateTime64('2026-01-02 03:04:05.1234567', 7, 'UTC'), toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0'), NULL",
    )
    assert content.count(b"\n") == 1
    row = [True, -1, 9223372036854775807, 1.5, "nan", "inf", "1.5", 'a/"\n😀']
    assert read_lines(content) == [
        [*row, "2026-01-02T03:04:05.1234567Z", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", None]
    ]


@pytest.mark.parametrize("result_format", list(ResultFormat))
async def test_nothing_of_a_killed_query_is_in_the_next_answers(
    engine: Engine, result_format: ResultFormat
) -> None:
    killed = [
        asyncio.create_task(start(engine, ENDLESS, tag="killed", result_format=result_format))
        for _ in range(2)
    ]
    await until_running(engine, 2)
    assert await engine.kill("killed") == 2
    await asyncio.gather(*killed, return_exceptions=True)
    answers = await asyncio.gather(*(read(engine, "SELECT sleep(0.05), 1") for _ in range(3)))
    assert set(answers) == {b"[0, 1]\n"}


async def test_what_runs_is_measured(engine: Engine) -> None:
    assert await engine.measure("measured") is None
    task = asyncio.create_task(start(engine, ENDLESS, tag="measured"))
    await until_running(engine, 1)
    while (usage := await engine.measure("measured")) is None or not usage.cpu_seconds:
        pass
    while not (usage := await engine.measure("measured")) or not usage.rows_read:
        pass
    assert 0 < usage.rows_read < usage.rows_to_read
    await engine.kill("measured")
    await asyncio.gather(task, return_exceptions=True)
    assert await engine.measure("measured") is None


async def test_json_is_valid_utf8_whatever_a_column_holds(engine: Engine) -> None:
    assert read_lines(await read(engine, "SELECT 'a\\xffb'")) == [["a\ufffdb"]]


@pytest.mark.parametrize("rows", [0, 1, 200_000])
async def test_every_format_is_one_document(engine: Engine, rows: int) -> None:
    sql = f"SELECT toInt64(number) AS n, toString(number) AS s FROM numbers({rows})"
    expected = [(number, str(number)) for number in range(rows)]

    lines = read_lines(await read(engine, sql))
    assert [tuple(line) for line in lines if isinstance(line, list)] == expected

    objects = read_lines(await read(engine, sql, result_format=ResultFormat.JSON_EACH_ROW))
    assert [tuple(one.values()) for one in objects if isinstance(one, dict)] == expected

    table = pa.ipc.open_stream(await read(engine, sql, result_format=ResultFormat.ARROW)).read_all()
    assert table.schema == pa.schema([pa.field("n", pa.int64(), False), pa.field("s", pa.string(), False)])
    assert list(zip(*table.to_pydict().values(), strict=True)) == expected

    text = (await read(engine, sql, result_format=ResultFormat.CSV)).decode()
    assert [tuple(line) for line in csv.reader(io.StringIO(text))] == [
        ("n", "s"),
        *((str(number), name) for number, name in expected),
    ]


async def test_a_union_is_bound_as_a_whole(engine: Engine) -> None:
    content = await read(
        engine, "SELECT toDateTime64(0, 7, 'UTC') AS t UNION ALL SELECT toDateTime64(1, 7, 'UTC')"
    )
    assert sorted(content.splitlines()) == [
        b'["1970-01-01T00:00:00.0000000Z"]',
        b'["1970-01-01T00:00:01.0000000Z"]',
    ]


async def test_statistics_are_complete_at_the_end(engine: Engine) -> None:
    async with await start(engine, "SELECT sum(number) FROM numbers(1000000)") as stream:
        content = b"".join([chunk async for chunk in stream])
    statistics = stream.statistics
    assert (statistics.rows_read, statistics.bytes_read) == (1_000_000, 8_000_000)
    assert (statistics.result_rows, statistics.result_bytes) == (1, len(content))
    assert statistics.elapsed_seconds > 0


@pytest.mark.parametrize(
    "changes, sql",
    [
        ({"max_result_rows": 10}, "SELECT number FROM numbers(11)"),
        ({"max_result_bytes": 1000}, "SELECT number FROM numbers(1000)"),
        (
            {"max_memory_bytes": 30_000_000},
            "SELECT count() FROM (SELECT number FROM numbers(20000000) GROUP BY number)",
        ),
        (
            {"max_memory_bytes": 30_000_000},
            "SELECT sipHash64(number) AS h FROM numbers(20000000) ORDER BY h",
        ),
        ({"max_rows_to_read": 1000}, "SELECT sum(number) FROM numbers(1001)"),
        ({"max_bytes_to_read": 1000}, "SELECT sum(number) FROM numbers(1000)"),
    ],
)
async def test_each_limit_fails_the_query_and_nothing_else(
    engine: Engine, changes: dict[str, int], sql: str
) -> None:
    limits = QueryLimits(deadline_seconds=60, max_threads=1, **changes)
    with pytest.raises(ResourceLimitExceeded) as caught:
        await read(engine, sql, limits=limits)
    assert caught.value.code == "ResourceLimit"
    assert "Code:" in caught.value.engine_message
    assert "Code:" not in caught.value.message
    assert await read(engine, "SELECT 1", limits=limits) == b"[1]\n"


async def test_a_limit_that_is_met_exactly_is_no_error(engine: Engine) -> None:
    limits = QueryLimits(deadline_seconds=60, max_result_rows=10)
    assert len(read_lines(await read(engine, "SELECT number FROM numbers(10)", limits=limits))) == 10


@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_ROWS])
async def test_the_deadline_ends_a_running_query(engine: Engine, sql: str) -> None:
    with pytest.raises(QueryTimedOut) as caught:
        await read(engine, sql, limits=QueryLimits(deadline_seconds=0.3))
    assert caught.value.category is Category.TIMEOUT


async def test_the_deadline_ends_a_query_that_waits_for_a_worker(engine: Engine) -> None:
    busy = [asyncio.create_task(read(engine, ENDLESS)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(QueryTimedOut):
        await read(engine, "SELECT 1", limits=QueryLimits(deadline_seconds=0.2))
    assert await engine.kill("test") == 3
    assert [type(one) for one in await asyncio.gather(*busy, return_exceptions=True)] == [QueryCancelled] * 3


async def test_the_deadline_counts_the_readers_pauses(engine: Engine) -> None:
    stream = await start(engine, ENDLESS_ROWS, limits=QueryLimits(deadline_seconds=0.3))
    with pytest.raises(QueryTimedOut):
        while True:
            await asyncio.wait_for(anext(stream), 30)


async def test_a_killed_tag_ends_all_its_queries_and_no_other(engine: Engine) -> None:
    doomed = [asyncio.create_task(start(engine, ENDLESS, tag="a")) for _ in range(2)]
    spared = await start(engine, ENDLESS_ROWS, tag="b")
    assert await engine.kill("a") == 2
    for task in doomed:
        with pytest.raises(QueryCancelled):
            await task
    assert await anext(spared)
    assert await engine.kill("a") == 0
    await spared.aclose()


async def test_a_stream_that_nobody_reads_can_be_killed(engine: Engine) -> None:
    stream = await start(engine, ENDLESS_ROWS)
    await asyncio.to_thread(wait_until, lambda: stream.statistics.result_bytes > 1 << 20)
    assert await engine.kill("test") == 1
    with pytest.raises(QueryCancelled):
        while True:
            await anext(stream)


async def test_a_query_that_waits_can_be_killed(engine: Engine) -> None:
    busy = [asyncio.create_task(start(engine, ENDLESS, tag="busy")) for _ in range(3)]
    waiting = asyncio.create_task(start(engine, "SELECT 1", tag="waiting"))
    await asyncio.sleep(0)
    assert await engine.kill("waiting") == 1
    with pytest.raises(QueryCancelled):
        await waiting
    assert await engine.kill("busy") == 3
    await asyncio.gather(*busy, return_exceptions=True)


async def test_leaving_a_stream_ends_its_query(engine: Engine) -> None:
    stream = await start(engine, ENDLESS_ROWS)
    await anext(stream)
    await stream.aclose()
    await stream.aclose()
    assert await engine.kill("test") == 0
    assert await read(engine, "SELECT count() FROM system.processes") == b"[1]\n"


async def test_cancelling_the_callers_task_ends_the_query(engine: Engine) -> None:
    task = asyncio.create_task(read(engine, ENDLESS))
    await until_running(engine, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await read(engine, "SELECT count() FROM system.processes") == b"[1]\n"


async def test_a_slow_reader_holds_up_the_query_and_not_memory(engine: Engine) -> None:
    stream = await start(engine, ENDLESS_ROWS)
    await anext(stream)
    process = psutil.Process()
    before = process.memory_info().rss
    held = [stream.statistics.result_bytes]
    while len(held) < 3 or held[-1] != held[-2]:
        await asyncio.to_thread(process.cpu_percent, 0.1)
        held.append(stream.statistics.result_bytes)
    assert held[-1] < 40_000_000
    assert process.memory_info().rss - before < 200_000_000
    await stream.aclose()


async def test_queries_run_side_by_side(engine: Engine) -> None:
    streams = [await start(engine, ENDLESS_ROWS, tag=str(number)) for number in range(3)]
    for stream in streams:
        await anext(stream)
    for stream in streams:
        await stream.aclose()


@pytest.mark.parametrize(
    "sql",
    [
        "DROP DATABASE default",
        "SELECT 1; SELECT 2",
        "INSERT INTO FUNCTION null('a Int64') SELECT 1",
        "SET max_threads = 1",
    ],
)
async def test_only_one_reading_statement_is_taken(engine: Engine, sql: str) -> None:
    with pytest.raises(EngineError):
        await read(engine, sql)
    assert b'"default"' in await read(engine, "SELECT name FROM system.databases")


async def test_an_unknown_failure_shows_only_its_correlation_id(engine: Engine) -> None:
    with pytest.raises(EngineError) as caught:
        await read(engine, "SELECT throwIf(1, 'private')")
    assert caught.value.category is Category.INTERNAL
    assert caught.value.correlation_id in caught.value.message
    assert "private" not in caught.value.message
    assert "private" in caught.value.engine_message


async def test_an_error_after_the_first_rows_comes_while_reading(engine: Engine) -> None:
    limits = QueryLimits(deadline_seconds=60, max_threads=1)
    stream = await start(engine, "SELECT throwIf(number = 400000) FROM numbers(500000)", limits=limits)
    chunks = []
    with pytest.raises(EngineError):
        while True:
            chunks.append(await anext(stream))
    assert chunks
    await stream.aclose()


async def test_a_missing_table_is_told_apart(engine: Engine) -> None:
    with pytest.raises(EngineTableNotFound):
        await read(engine, "SELECT * FROM nowhere.nothing")


async def test_closing_ends_everything_and_refuses_more(holder: EngineHolder) -> None:
    engine = holder.engine
    running = asyncio.create_task(start(engine, ENDLESS))
    streaming = await start(engine, ENDLESS_ROWS)
    await until_running(engine, 2)
    waiting = [asyncio.create_task(start(engine, ENDLESS)) for _ in range(5)]
    await asyncio.sleep(0)
    await engine.close()
    for task in (running, *waiting):
        with pytest.raises(EngineUnavailable):
            await task
    with pytest.raises(EngineUnavailable):
        while True:
            await anext(streaming)
    refused: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: start(engine, "SELECT 1", limits=LIMITS),
        lambda: engine.detach_database("x"),
    )
    for call in refused:
        with pytest.raises(EngineUnavailable):
            await call()
    await engine.close()


def arrow_source(name: str, values: range) -> SourceBody:
    table = pa.table({name: pa.array(values, pa.int64())})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=10_000)
    body: bytes = sink.getvalue().to_pybytes()
    return SourceBody((SourceColumn(name, "Int64"),), InputFormat.ARROW, (body[:100], body[100:]))


async def read_over(engine: Engine, sql: str, **sources: SourceBody) -> list[object]:
    stream = await engine.query(
        sql, format=ResultFormat.JSON_ROWS, limits=LIMITS, tag="test", sources=sources
    )
    async with stream:
        return read_lines(b"".join([chunk async for chunk in stream]))


async def test_a_query_reads_several_sources_each_as_often_as_it_likes(engine: Engine) -> None:
    sources = {"first": arrow_source("x", range(5)), "$second": arrow_source("y", range(3, 9))}
    joined = "SELECT x FROM first AS a INNER JOIN `$second` AS b ON a.x = b.y ORDER BY x"
    assert await read_over(engine, joined, **sources) == [[3], [4]]
    twice = "SELECT count() + (SELECT sum(x) FROM first) FROM first"
    assert await read_over(engine, twice, **sources) == [[15]]


async def test_rows_of_a_source_keep_their_order(engine: Engine) -> None:
    rows = await read_over(
        engine,
        "SELECT y FROM (SELECT x AS y FROM first WHERE x % 2)",
        first=arrow_source("x", range(100_000)),
    )
    assert rows == [[value] for value in range(1, 100_000, 2)]


async def test_a_source_without_rows_is_an_empty_relation(engine: Engine) -> None:
    assert await read_over(engine, "SELECT count() FROM first", first=arrow_source("x", range(0))) == [[0]]
