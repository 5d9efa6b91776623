"""Worker processes that compute segments: started when first needed, kept, killed at the deadline or on cancel.

A worker has one request at a time, a limit on its memory, and nothing of the server but the pipes. Whatever ends it
early ends one query; the next one gets a new worker. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from kelp.engine.errors import QueryCancelled, QueryTimedOut
from kelp.plan.segment_operations import operation_name
from kelp.query.errors import SegmentFailed, SegmentInputRefused
from kelp.segments.framing import (
    ADDRESS_FILE_VARIABLE,
    COUNT_BYTES,
    LENGTH_BYTES,
    Outcome,
    print_heading,
    read_count,
    read_lengths,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.base.settings import SegmentSettings
    from kelp.plan.segment_operations import SegmentColumn, SegmentOperation

_LEAVE_SECONDS = 2.0
"""How long an idle worker may take to end when its input ends."""
_READ_AHEAD_BYTES = 1024 * 1024
_PASSED_VARIABLES = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ")
_OWN_VARIABLES = {
    # A query's segment has one core, as its statements with sources have; the memory limit allows no reserves.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


class _Answer(msgspec.Struct):
    outcome: Outcome
    message: str = ""


_decode_answer = msgspec.json.Decoder(_Answer).decode


class SegmentWorkers:
    """The workers of one server or command. Safe for concurrent use from the tasks of one event loop."""

    def __init__(self, settings: SegmentSettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.workers)
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, str] = {}
        """The tag of what each runs."""

    async def run(
        self,
        operation: SegmentOperation,
        columns: Sequence[SegmentColumn],
        inputs: Sequence[Sequence[bytes]],
        *,
        tag: str,
        deadline_seconds: float,
    ) -> bytes:
        """Return the operation's rows over the inputs, each the chunks of an Arrow stream, as such a stream.

        Raises `SegmentFailed`, `SegmentInputRefused`, `QueryTimedOut`, `QueryCancelled`.
        """
        name = operation_name(operation)
        request = ((pickle.dumps((operation, tuple(columns))),), *inputs)
        try:
            async with asyncio.timeout(deadline_seconds), self._places:
                document, body = await self._ask(request, tag, name)
        except TimeoutError:
            raise QueryTimedOut from None
        return _read_answer(name, document, body)

    async def kill(self, tag: str) -> int:
        """Kill what runs under the tag; return how many there were."""
        found = [worker for worker, owner in self._busy.items() if owner == tag]
        for worker in found:
            worker.is_cancelled = True
            worker.kill()
        return len(found)

    async def close(self) -> None:
        """Kill what runs, let the idle ones end. Safe to call again."""
        for worker in self._busy:
            worker.is_cancelled = True
            worker.kill()
        idle, self._idle = self._idle, []
        for worker in idle:
            await worker.leave()

    async def _ask(self, request: Sequence[Sequence[bytes]], tag: str, name: str) -> list[bytes]:
        worker = self._idle.pop() if self._idle else await _Worker.start(self._settings)
        self._busy[worker] = tag
        is_whole = False
        try:
            answer = await worker.exchange(request)
            is_whole = True
            return answer
        except (OSError, EOFError, ValueError) as failure:
            if worker.is_cancelled:
                raise QueryCancelled from failure
            raise SegmentFailed(f"'{name}' needed more than it may use, and was ended.") from failure
        finally:
            del self._busy[worker]
            if is_whole and not worker.is_cancelled:
                self._idle.append(worker)
            else:
                await worker.end()


def _read_answer(name: str, document: bytes, body: bytes) -> bytes:
    answer = _decode_answer(document)
    match answer.outcome:
        case Outcome.DONE:
            return body
        case Outcome.REFUSED:
            raise SegmentInputRefused(answer.message)
        case Outcome.OUT_OF_MEMORY:
            raise SegmentFailed(f"'{name}' needs more memory than it may use.")
        case Outcome.FAILED:
            structlog.get_logger("kelp.query").error("segment failed", segment=name, failure=answer.message)
            raise SegmentFailed(f"'{name}' could not be computed.")


class _Worker:
    """A process with its pipes. `is_cancelled` tells that it was killed for a reason of ours."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout
        self.is_cancelled = False

    @classmethod
    async def start(cls, settings: SegmentSettings) -> _Worker:
        environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        if settings.address_file is not None:
            environment[ADDRESS_FILE_VARIABLE] = str(settings.address_file)
        options: dict[str, Any] = {"limit": _READ_AHEAD_BYTES, "env": environment | _OWN_VARIABLES}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # The folder it is started in holds no modules of ours.
            "-P",
            "-m",
            "kelp.segments.worker",
            str(settings.memory_bytes),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            **options,
        )
        return cls(process)

    async def exchange(self, request: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Send parts, each in chunks, and return those of the answer.

        Raises OSError or EOFError when the process ends first.
        """
        self._requests.write(print_heading([sum(map(len, part)) for part in request]))
        for part in request:
            for chunk in part:
                self._requests.write(chunk)
                await self._requests.drain()
        count = read_count(await self._answers.readexactly(COUNT_BYTES))
        lengths = read_lengths(await self._answers.readexactly(LENGTH_BYTES * count))
        return [await self._answers.readexactly(length) for length in lengths]

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        self.kill()
        self._requests.close()
        await self._process.wait()

    async def leave(self) -> None:
        """End its input, and kill it where that is not enough."""
        self._requests.close()
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            await self.end()
