"""Changes to files behind the engine's back are found; the engine's own changes are not taken for them."""

from __future__ import annotations

import shutil
from pathlib import Path

from kelp.clickhouse.ddl import delete_rows, drop_partition, optimize_partition
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import Engine
from kelp.engine.manifest import PartComparison, collect_part_hashes, compare_parts

from .conftest import EngineHolder
from .doubles import insert_of, records

KEY = bytes(range(32))


async def fill(engine: Engine, logs: EngineTable) -> None:
    for day in (1, 2):
        await engine.insert(insert_of(logs, records(100, day=day)))


def find_part(holder: EngineHolder, name: str) -> Path:
    (folder,) = (holder.settings.data_directory / "disks").rglob(name)
    return folder


async def test_an_untouched_table_is_intact(holder: EngineHolder, logs: EngineTable) -> None:
    await fill(holder.engine, logs)
    recorded = await collect_part_hashes(holder.engine, logs, KEY)
    assert {part.name for part in recorded} == {"20260101_1_1_0", "20260102_2_2_0"}
    engine = await holder.restart()
    assert compare_parts(recorded, await collect_part_hashes(engine, logs, KEY)) == PartComparison()
    other = await collect_part_hashes(engine, logs, bytes(32))
    assert {part.digest for part in recorded}.isdisjoint(part.digest for part in other)


async def test_a_flipped_bit_is_found(holder: EngineHolder, logs: EngineTable) -> None:
    await fill(holder.engine, logs)
    recorded = await collect_part_hashes(holder.engine, logs, KEY)
    victim = find_part(holder, "20260101_1_1_0") / "data.bin"
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    found = compare_parts(recorded, await collect_part_hashes(holder.engine, logs, KEY))
    assert found == PartComparison(altered=frozenset({"20260101_1_1_0"}))
    assert not found.is_intact


async def test_a_lost_part_is_found(holder: EngineHolder, logs: EngineTable) -> None:
    await fill(holder.engine, logs)
    recorded = await collect_part_hashes(holder.engine, logs, KEY)
    await holder.engine.close()
    shutil.rmtree(find_part(holder, "20260102_2_2_0"))
    engine = await holder.start()
    found = compare_parts(recorded, await collect_part_hashes(engine, logs, KEY))
    assert found == PartComparison(missing=frozenset({"20260102_2_2_0"}))


async def test_a_merged_part_is_no_loss(engine: Engine, logs: EngineTable) -> None:
    for number in range(3):
        await engine.insert(insert_of(logs, records(100, message=str(number))))
    recorded = await collect_part_hashes(engine, logs, KEY)
    await engine.execute(optimize_partition(logs, "20260101"))
    found = compare_parts(recorded, await collect_part_hashes(engine, logs, KEY))
    assert found.is_intact
    assert len(found.new) == 1


async def test_a_deletion_is_no_loss(engine: Engine, logs: EngineTable) -> None:
    await fill(engine, logs)
    recorded = await collect_part_hashes(engine, logs, KEY)
    await engine.execute(delete_rows(logs, "Count < 10"))
    assert compare_parts(recorded, await collect_part_hashes(engine, logs, KEY)).is_intact


async def test_a_dropped_partition_is_a_loss_unless_announced(engine: Engine, logs: EngineTable) -> None:
    await fill(engine, logs)
    recorded = await collect_part_hashes(engine, logs, KEY)
    await engine.execute(drop_partition(logs, "20260101"))
    present = await collect_part_hashes(engine, logs, KEY)
    assert compare_parts(recorded, present).missing == {"20260101_1_1_0"}
    assert compare_parts(recorded, present, frozenset({"20260101"})).is_intact
