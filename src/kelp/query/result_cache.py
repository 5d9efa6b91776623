"""Results that were read whole and not long ago, for those who ask the same over the same data: dashboards, mostly.

An answer out of here is the one that the engine would give: the key is the statement itself, in which the caller's
scope, the time range and what `now()` meant are written out, and with the version of the tables' data. A statement that
throws dice, and one that reads what segments made (which may come from outside), is run each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kelp.base.recent import Recent
from kelp.clickhouse.chance import depends_on_chance
from kelp.engine.contract import QueryStatistics, ResultStream

if TYPE_CHECKING:
    from kelp.clickhouse.compiler import CompiledResult
    from kelp.engine.contract import Engine
    from kelp.engine.data_versions import DataVersion

_LARGEST_PART = 16
"""No result takes up more than this part of the whole."""

Chunks: TypeAlias = "tuple[bytes, ...]"


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What a result depends on."""

    sql: str
    version: DataVersion


class ResultCache:
    """Belongs to one event loop. `maximum_bytes` of 0 keeps nothing."""

    def __init__(self, engine: Engine, maximum_bytes: int) -> None:
        self._engine = engine
        self._largest_bytes = maximum_bytes // _LARGEST_PART
        self._structure = 0
        self._kept: Recent[CacheKey, Chunks] = Recent(maximum_bytes)

    def key_of(self, result: CompiledResult) -> CacheKey | None:
        """Return the key of a result that can be kept, as the data is now: ask before it is run."""
        if not self._largest_bytes or not result.tables or result.segments or depends_on_chance(result.sql):
            return None
        version = self._engine.version_of(result.tables)
        if version.structure != self._structure:
            # Also when a workspace is closed or its key revoked: nothing of it stays in memory then.
            self._kept.clear()
            self._structure = version.structure
        return CacheKey(result.sql, version)

    def clear(self) -> None:
        """Forget all results."""
        self._kept.clear()

    def find(self, key: CacheKey) -> ResultStream | None:
        """Return the result as a stream that has all its rows."""
        chunks = self._kept.find(key)
        return KeptStream(chunks) if chunks is not None else None

    def record(self, key: CacheKey, stream: ResultStream) -> ResultStream:
        """Return the stream, which is kept when it was read to its end."""
        return _RecordedStream(stream, self, key, self._largest_bytes)

    def keep(self, key: CacheKey, chunks: Chunks) -> None:
        """Keep a whole result."""
        if key.version.structure == self._structure:
            self._kept.keep(key, chunks, len(key.sql) + sum(map(len, chunks)))


class KeptStream(ResultStream):
    """A result out of the cache; nothing is read for it."""

    def __init__(self, chunks: Chunks) -> None:
        self._left = iter(chunks)
        self._sent_rows = self._sent_bytes = 0

    @property
    def statistics(self) -> QueryStatistics:
        return QueryStatistics(result_rows=self._sent_rows, result_bytes=self._sent_bytes)

    async def __anext__(self) -> bytes:
        chunk = next(self._left, None)
        if chunk is None:
            raise StopAsyncIteration
        self._sent_rows += chunk.count(b"\n")
        self._sent_bytes += len(chunk)
        return chunk

    async def aclose(self) -> None:
        self._left = iter(())


class _RecordedStream(ResultStream):
    """Passes a result on, and keeps it if it is not too large and comes to its end."""

    def __init__(self, stream: ResultStream, cache: ResultCache, key: CacheKey, largest_bytes: int) -> None:
        self._stream = stream
        self._cache = cache
        self._key = key
        self._room_bytes = largest_bytes
        self._chunks: list[bytes] = []

    @property
    def statistics(self) -> QueryStatistics:
        return self._stream.statistics

    async def __anext__(self) -> bytes:
        try:
            chunk = await anext(self._stream)
        except StopAsyncIteration:
            if self._room_bytes >= 0:
                self._cache.keep(self._key, tuple(self._chunks))
            raise
        self._room_bytes -= len(chunk)
        if self._room_bytes >= 0:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()
        return chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
