"""Requests and answers on the pipes of the worker process: a document of JSON or pickle, then Arrow streams.

A frame is the length of each part and the parts. Requests are pickled: they come from the process that started the
worker. Answers are JSON, since whoever reads them does not trust the worker.
"""

from __future__ import annotations

import struct
from enum import StrEnum

_COUNT = struct.Struct("!I")
_LENGTH = struct.Struct("!Q")

COUNT_BYTES = _COUNT.size
LENGTH_BYTES = _LENGTH.size
MAXIMUM_PARTS = 64
ADDRESS_FILE_VARIABLE = "KELP_SEGMENT_ADDRESS_FILE"
"""The variable of a worker's environment that names the file of where addresses are, if there is one."""


class Outcome(StrEnum):
    """How a request ended; the first word of an answer's document."""

    DONE = "done"
    REFUSED = "refused"
    """`message` is for the user."""
    OUT_OF_MEMORY = "out of memory"
    FAILED = "failed"
    """A defect of ours; `message` is for the log."""


def print_heading(lengths: list[int]) -> bytes:
    """Return what stands in front of parts of those lengths."""
    return b"".join((_COUNT.pack(len(lengths)), *map(_LENGTH.pack, lengths)))


def read_count(content: bytes) -> int:
    """Return how many parts there are, from the first `COUNT_BYTES`. Raises ValueError."""
    (count,) = _COUNT.unpack(content)
    if not 0 < count <= MAXIMUM_PARTS:
        raise ValueError(f"a frame of {count} parts")
    return int(count)


def read_lengths(content: bytes) -> list[int]:
    """Return the lengths of the parts, from `LENGTH_BYTES` for each of them."""
    return [length for (length,) in _LENGTH.iter_unpack(content)]
