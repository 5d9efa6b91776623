"""Finding out whether a table's files were changed behind the engine's back.

Disks are encrypted in counter mode, which hides content but lets whoever can write the files flip bits of it; the
engine's own checksums lie beside the data and are no secret. So the files of each part are hashed with a key, and the
hashes are kept elsewhere. Parts never change: a merge or mutation writes new ones and drops the old.

What a comparison proves: a part that was recorded and is still there has the bytes it had when it was recorded; one
that is gone was merged into a part that is there, or is reported. What it can't prove: that a part was right when it
was first recorded (so record soon after loading and after merges), nor one merged from a part that had been altered
since it was last compared; and that parts were never added. Retention and deletion by partition remove parts too: the
caller says which partitions may be gone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import list_active_parts
from kelp.engine.contract import QueryLimits, ResultFormat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.types import EngineTable
    from kelp.engine.contract import Engine

_LIMITS = QueryLimits(deadline_seconds=60)
_TAG = "integrity"


@dataclass(frozen=True, slots=True, order=True)
class PartHash:
    """A part and the keyed hash (BLAKE2b, 256 bits, hexadecimal) of its files' names and bytes."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class PartComparison:
    """The difference between recorded and present parts, by name."""

    altered: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    """Not recorded yet: loaded, merged or mutated since."""

    @property
    def is_intact(self) -> bool:
        """Whether nothing recorded was altered or lost."""
        return not self.altered and not self.missing


async def collect_part_hashes(
    engine: Engine, table: EngineTable, key: bytes, *, known: frozenset[PartHash] = frozenset()
) -> frozenset[PartHash]:
    """Hash the active parts of a table; those that are `known` by name are taken from there without a look.

    A part that is merged away meanwhile is left out. Raises `EngineError`.
    """
    stream = await engine.query(
        list_active_parts(table),
        format=ResultFormat.JSON_ROWS,
        limits=_LIMITS,
        tag=_TAG,
        tables=frozenset({table}),
    )
    async with stream:
        content = b"".join([chunk async for chunk in stream])
    parts = [json.loads(line) for line in content.splitlines()]
    names = {name for name, _ in parts}
    kept = frozenset(part for part in known if part.name in names)
    fresh = names - {part.name for part in kept}
    return kept | await asyncio.to_thread(
        _hash_parts, [(name, Path(path)) for name, path in parts if name in fresh], key
    )


def compare_parts(
    recorded: Iterable[PartHash],
    present: Iterable[PartHash],
    dropped_partitions: frozenset[str] = frozenset(),
) -> PartComparison:
    """Compare what was recorded with what is there. Parts of `dropped_partitions` (by id) may be gone."""
    then = {part.name: part.digest for part in recorded}
    now = {part.name: part.digest for part in present}
    spans = [_PartSpan.parse(name) for name in now]
    gone = [_PartSpan.parse(name) for name in then.keys() - now.keys()]
    return PartComparison(
        altered=frozenset(name for name in then.keys() & now.keys() if then[name] != now[name]),
        missing=frozenset(
            span.name
            for span in gone
            if span.partition not in dropped_partitions and not any(one.covers(span) for one in spans)
        ),
        new=frozenset(now.keys() - then.keys()),
    )


@dataclass(frozen=True, slots=True)
class _PartSpan:
    """A part's name read: `partition_first_last_level` and after a mutation `_version`."""

    name: str
    partition: str
    first_block: int
    last_block: int

    @classmethod
    def parse(cls, name: str) -> _PartSpan:
        partition, first, last, *_ = name.split("_")
        return cls(name, partition, int(first), int(last))

    def covers(self, other: _PartSpan) -> bool:
        """Whether the other part's rows went into this one."""
        return (
            self.partition == other.partition
            and self.first_block <= other.first_block
            and self.last_block >= other.last_block
        )


def _hash_parts(parts: list[tuple[str, Path]], key: bytes) -> frozenset[PartHash]:
    hashes = set()
    for name, folder in parts:
        try:
            hashes.add(PartHash(name, hash_part(folder, key)))
        except FileNotFoundError:
            continue  # merged away since it was listed
    return frozenset(hashes)


def hash_part(folder: Path, key: bytes) -> str:
    """Hash the names and bytes of all files below a folder. `key` has at most 64 bytes. Raises `OSError`."""
    total = hashlib.blake2b(key=key, digest_size=32)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).digest()
        name = str(path.relative_to(folder)).encode()
        total.update(len(name).to_bytes(4) + name + digest)
    return total.hexdigest()
