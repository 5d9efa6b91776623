"""The worker process: takes requests from its standard input, one after the other, and answers on its standard output.

It ends when its input does, so that it never outlives the process that started it. Limits are set before anything
is imported that allocates. Started as `python -m kelp.segments.worker <memory bytes>`.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
import traceback
from typing import BinaryIO

from kelp.segments.framing import (
    COUNT_BYTES,
    LENGTH_BYTES,
    Outcome,
    print_heading,
    read_count,
    read_lengths,
)


def main() -> None:
    """Serve until the input ends."""
    memory_bytes = int(sys.argv[1])
    # Of what the process writes to memory; address space alone, which libraries reserve in plenty, costs nothing.
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
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
    except Exception:
        # The worker's loop: a defect fails one request.
        return _document(Outcome.FAILED, traceback.format_exc()), b""
    return _document(Outcome.DONE), body


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
