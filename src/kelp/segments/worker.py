"""The worker process: takes requests from its standard input, one after the other, and answers on its standard output.

It ends when its input does, or when the process that started it ends. Limits are set before anything
is imported that allocates. Started as `python -m kelp.segments.worker <memory bytes>`.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import BinaryIO

from kelp.segments.framing import (
    COUNT_BYTES,
    LENGTH_BYTES,
    Outcome,
    print_heading,
    read_count,
    read_lengths,
)

_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG, see prctl(2)."""


def main() -> None:
    """Serve until the input ends."""
    _limit(int(sys.argv[1]))
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # A library that prints must not print into an answer.
    os.dup2(2, 1)
    while (request := _read_frame(requests)) is not None:
        document, body = _answer(request)
        del request
        answers.write(print_heading([len(document), len(body)]))
        answers.write(document)
        answers.write(body)
        answers.flush()


def _limit(memory_bytes: int) -> None:
    """Bound what the process may do. Rows must not reach a disk, nor outlive the server."""
    # Of what the process writes to memory; address space alone, which libraries reserve in plenty, costs nothing.
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _answer(request: list[bytes]) -> tuple[bytes, bytes]:
    from kelp.segments.computation import run_operation  # noqa: PLC0415 - allocates, so the limit comes first
    from kelp.segments.errors import SegmentRefused  # noqa: PLC0415 - as above

    try:
        operation, columns = pickle.loads(request[0])  # noqa: S301 - written by the process that started this one
        body = run_operation(operation, columns, request[1:])
    except SegmentRefused as refused:
        return _document(Outcome.REFUSED, str(refused)), b""
    except MemoryError:
        return _document(Outcome.OUT_OF_MEMORY), b""
    except Exception as failure:
        # The worker's loop: a defect fails one request.
        return _document(Outcome.FAILED, _describe(failure)), b""
    return _document(Outcome.DONE), body


def _describe(failure: Exception) -> str:
    """Return what failed and where. What its message says may be of the rows, which no log holds."""
    places = (
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(failure.__traceback__)
    )
    return f"{type(failure).__name__} at {', '.join(places)}"


def _document(outcome: Outcome, message: str = "") -> bytes:
    return json.dumps({"outcome": outcome.value, "message": message}).encode()


def _read_frame(stream: BinaryIO) -> list[bytes] | None:
    heading = stream.read(COUNT_BYTES)
    if len(heading) < COUNT_BYTES:
        return None
    lengths = read_lengths(stream.read(LENGTH_BYTES * read_count(heading)))
    parts = [stream.read(length) for length in lengths]
    return parts if [len(part) for part in parts] == lengths else None


if __name__ == "__main__":
    main()
