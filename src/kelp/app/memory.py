"""How memory is handed out and back: bodies of a megabyte come and go by the thousand, and must not stay behind."""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS = -1, -3, -8
"""Names of `mallopt(3)`."""
_LARGE_BYTES = 4 * 1024 * 1024
"""Blocks from this size on are mapped for themselves. Bodies have up to one megabyte: to map each would cost a tenth of
the CPU time of ingestion."""
_SPARE_BYTES = 16 * 1024 * 1024
_ARENA_COUNT = 2
_ENGINE_ALLOCATOR = "JE_MALLOC_CONF"
"""The engine has an allocator of its own, which reads this when the engine's library is loaded."""
_ENGINE_POLICY = f"narenas:{_ARENA_COUNT},dirty_decay_ms:500,muzzy_decay_ms:0"


def return_large_memory() -> None:
    """Have large blocks given back to the system soon after they are freed.

    Call before there are threads and before the engine is imported. Left alone, the C library learns from the first
    large blocks to keep them, in a pool for each thread, and under load a fifth of the process's memory are such
    leftovers. Does nothing where the C library has no such knob.
    """
    os.environ.setdefault(_ENGINE_ALLOCATOR, _ENGINE_POLICY)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
    mallopt(_TRIM_THRESHOLD, _SPARE_BYTES)
    mallopt(_ARENAS, _ARENA_COUNT)
