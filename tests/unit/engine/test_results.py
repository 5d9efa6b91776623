from __future__ import annotations

import asyncio
import threading

import pytest

from kelp.engine.results import ChunkChannel, ReaderLeft


async def take_all(channel: ChunkChannel) -> list[bytes]:
    chunks = []
    while (chunk := await channel.take()) is not None:
        chunks.append(chunk)
    return chunks


async def test_chunks_arrive_in_order_and_end() -> None:
    channel = ChunkChannel(1)

    def work() -> None:
        for number in range(100):
            channel.put(str(number).encode())
        channel.end()

    worker = asyncio.create_task(asyncio.to_thread(work))
    assert await take_all(channel) == [str(number).encode() for number in range(100)]
    assert await channel.take() is None
    await worker


async def test_the_worker_waits_while_the_channel_is_full() -> None:
    channel = ChunkChannel(10)
    put = []

    def work() -> None:
        for number in range(5):
            channel.put(b"12345")
            put.append(number)
        channel.end()

    worker = threading.Thread(target=work)
    worker.start()
    await channel.wait()
    worker.join(0.2)
    assert worker.is_alive()
    assert put == [0, 1]
    assert await take_all(channel) == [b"12345"] * 5
    worker.join()


async def test_an_error_comes_after_the_chunks_before_it() -> None:
    channel = ChunkChannel(100)
    channel.put(b"chunk")
    channel.end(ValueError("late"))
    await channel.wait()
    assert await channel.take() == b"chunk"
    for _ in range(2):
        with pytest.raises(ValueError, match="late"):
            await channel.take()


async def test_an_error_before_any_chunk_is_told_at_once() -> None:
    channel = ChunkChannel(100)
    channel.end(ValueError("early"))
    with pytest.raises(ValueError, match="early"):
        await channel.wait()


async def test_the_first_end_counts() -> None:
    channel = ChunkChannel(100)
    channel.end(ValueError("first"))
    channel.end(ValueError("second"))
    channel.end()
    with pytest.raises(ValueError, match="first"):
        await channel.take()


async def test_a_worker_learns_that_the_reader_left() -> None:
    channel = ChunkChannel(1)
    channel.put(b"1")
    waiting = asyncio.create_task(asyncio.to_thread(channel.put, b"2"))
    await asyncio.sleep(0)
    channel.abandon()
    with pytest.raises(ReaderLeft):
        await waiting
    with pytest.raises(ReaderLeft):
        channel.put(b"3")
    assert await channel.take() is None


async def test_a_worker_learns_that_the_end_came_from_elsewhere() -> None:
    channel = ChunkChannel(1)
    channel.put(b"1")
    waiting = asyncio.create_task(asyncio.to_thread(channel.put, b"2"))
    await asyncio.sleep(0)
    channel.end(ValueError("stopped"))
    with pytest.raises(ReaderLeft):
        await waiting
    assert await channel.take() == b"1"
    with pytest.raises(ValueError, match="stopped"):
        await channel.take()


def test_a_closed_loop_is_no_error_for_the_worker() -> None:
    async def make() -> ChunkChannel:
        return ChunkChannel(1)

    channel = asyncio.run(make())
    channel.put(b"1")
    channel.end()
