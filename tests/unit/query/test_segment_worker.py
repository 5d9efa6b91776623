"""Worker processes: what they compute, and that whatever ends one early ends one query only."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, cast

import pyarrow as pa
import pytest
import structlog

from kelp.base.settings import SegmentSettings
from kelp.engine.errors import QueryCancelled, QueryTimedOut
from kelp.kql.types import ScalarType
from kelp.plan.segment_operations import Calls, SegmentCall, SegmentColumn, SegmentOperation, TabularOperation
from kelp.query.errors import SegmentFailed, SegmentInputTooLarge
from kelp.query.segment_worker import SegmentWorkers

TEXT = SegmentColumn("text", ScalarType.STRING)
PACKED = SegmentColumn("packed", ScalarType.STRING)
PACK = Calls((SegmentCall("zlib_compress_to_base64_string", ("text",), PACKED),))


class Deed(TabularOperation):
    """Does something in the worker as soon as it is unpacked there."""

    title: ClassVar[str] = "deed"

    def __init__(self, deed: Callable[..., object], *arguments: object) -> None:
        self._deed = (deed, arguments)

    def __reduce__(self) -> Any:
        return self._deed


@asynccontextmanager
async def open_workers(**changes: Any) -> AsyncIterator[SegmentWorkers]:
    workers = SegmentWorkers(SegmentSettings(**{"workers": 1, **changes}))
    try:
        yield workers
    finally:
        await workers.close()


def rows(*texts: str) -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table({"text": pa.array(texts, pa.utf8())})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return cast("bytes", sink.getvalue().to_pybytes())


async def ask(
    workers: SegmentWorkers,
    operation: SegmentOperation = PACK,
    deadline_seconds: float = 60.0,
    tag: str = "tag",
) -> list[str]:
    body = await workers.run(
        operation, (TEXT, PACKED), [(rows("a", "b"),)], tag=tag, deadline_seconds=deadline_seconds
    )
    with pa.ipc.open_stream(body) as reader:
        return cast("list[str]", reader.read_all().column("text").to_pylist())


async def test_rows_come_back_in_their_order_and_the_worker_is_kept() -> None:
    async with open_workers() as workers:
        assert await ask(workers) == ["a", "b"]
        (kept,) = workers._idle
        assert await ask(workers) == ["a", "b"]
        assert workers._idle == [kept]


async def test_the_deadline_ends_the_worker_and_the_next_request_gets_another() -> None:
    async with open_workers() as workers:
        with pytest.raises(QueryTimedOut):
            await ask(workers, Deed(time.sleep, 600), deadline_seconds=2)
        assert workers._idle == []
        assert await ask(workers) == ["a", "b"]


async def test_a_worker_that_dies_fails_its_request_and_no_other() -> None:
    async with open_workers() as workers:
        with pytest.raises(SegmentFailed, match="'deed' needed more than it may use"):
            await ask(workers, Deed(os._exit, 9))
        assert await ask(workers) == ["a", "b"]


async def test_more_memory_than_allowed_fails_the_request() -> None:
    async with open_workers(memory_bytes=1 << 30) as workers:
        with pytest.raises(SegmentFailed, match="more memory"):
            await ask(workers, Deed(bytearray, 1 << 31))
        assert await ask(workers) == ["a", "b"]


async def test_a_defect_is_told_without_what_it_was() -> None:
    async with open_workers() as workers:
        with (
            structlog.testing.capture_logs() as logged,
            pytest.raises(SegmentFailed, match="'deed' could not be computed") as failed,
        ):
            await ask(workers, Deed(int, "secret of the rows"))
    (line,) = logged
    assert "ValueError at worker.py:" in line["failure"]
    assert "secret" not in f"{failed.value} {line}"


async def test_what_runs_can_be_cancelled_by_its_tag() -> None:
    async with open_workers() as workers:
        await ask(workers)
        asked = asyncio.create_task(ask(workers, Deed(time.sleep, 600), tag="slow"))
        await asyncio.sleep(0)
        assert await workers.kill("another") == 0
        assert await workers.kill("slow") == 1
        with pytest.raises(QueryCancelled):
            await asked


async def test_who_stops_waiting_ends_the_worker() -> None:
    async with open_workers() as workers:
        await ask(workers)
        asked = asyncio.create_task(ask(workers, Deed(time.sleep, 600)))
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (workers._busy, workers._idle) == ({}, [])


async def test_requests_beyond_the_workers_wait() -> None:
    async with open_workers() as workers:
        assert await asyncio.gather(*(ask(workers) for _ in range(3))) == [["a", "b"]] * 3
        assert len(workers._idle) == 1


async def test_a_worker_writes_no_file(tmp_path: Path) -> None:
    async with open_workers() as workers:
        with pytest.raises(SegmentFailed, match="could not be computed"):
            await ask(workers, Deed(Path.write_text, tmp_path / "rows", "secret"))
        assert not (tmp_path / "rows").exists() or not (tmp_path / "rows").read_bytes()
        assert await ask(workers) == ["a", "b"]


def test_the_refusal_of_much_input_says_what_to_do() -> None:
    message = str(SegmentInputTooLarge("parse_xml", 1000))
    assert "'parse_xml'" in message
    assert "segments.input_bytes" in message
    assert "Filter" in message
