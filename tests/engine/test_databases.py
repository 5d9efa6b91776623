"""Databases of workspaces: keys, sleep after a start, revocation, removal, and what lies on the disk."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from kelp.base.errors import Category
from kelp.clickhouse.ddl import (
    SchemaStatement,
    add_column,
    attach_partition,
    create_table,
    delete_rows,
    drop_partition,
    drop_table,
    exchange_tables,
    rename_table,
)
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import DatabaseSpec, Engine
from kelp.engine.errors import EngineError, EngineTableNotFound, WorkspaceKeyUnavailable
from kelp.engine.settings import EmbeddedSettings
from kelp.kql.types import Column, ScalarType

from .conftest import DEFINITION, LOGS, OTHER_LOGS, OTHER_WORKSPACE, WORKSPACE, Restart, make_logs
from .doubles import KeyRing, insert_of, read, records, start

SECRET = "sesame-opens"


async def count(engine: Engine, table: EngineTable) -> bytes:
    return await read(engine, f"SELECT count() FROM {table.sql}", table)


async def fill(engine: Engine, table: EngineTable, rows: int = 10) -> None:
    await engine.insert(insert_of(table, records(rows, message=SECRET)))


async def make_both(engine: Engine) -> None:
    for spec in (WORKSPACE, OTHER_WORKSPACE):
        await fill(engine, await make_logs(engine, spec))


def find_in_files(folder: Path, needle: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def list_key_variables() -> list[str]:
    return [name for name in os.environ if name.startswith("KELP_DISK_KEY")]


async def test_tables_wake_by_themselves_after_a_start(engine: Engine, restart: Restart) -> None:
    await make_both(engine)
    engine = await restart()
    assert await count(engine, LOGS) == b"[10]\n"
    await fill(engine, OTHER_LOGS)
    assert await count(engine, OTHER_LOGS) == b"[20]\n"
    engine = await restart()
    await engine.execute(add_column(LOGS, Column("More", ScalarType.LONG), DEFINITION))
    assert await read(engine, f"SELECT max(More) FROM {LOGS.sql}", LOGS) == b"[null]\n"


async def test_several_sleeping_tables_wake_for_one_query(engine: Engine, restart: Restart) -> None:
    await make_both(engine)
    engine = await restart()
    sql = f"SELECT count() FROM {LOGS.sql} CROSS JOIN {OTHER_LOGS.sql} AS other"
    answers = await asyncio.gather(*(read(engine, sql, LOGS, OTHER_LOGS) for _ in range(6)))
    assert set(answers) == {b"[100]\n"}


async def test_neither_keys_nor_content_are_in_any_file(
    engine: Engine, keys: KeyRing, settings: EmbeddedSettings, restart: Restart
) -> None:
    logs = await make_logs(engine, replace(WORKSPACE, double_encryption=True))
    await fill(engine, logs, 5000)
    engine = await restart()
    assert await count(engine, logs) == b"[5000]\n"
    key = keys.get_disk_key(WORKSPACE.store_id)
    for needle in (
        SECRET.encode(),
        key,
        key.hex().encode(),
        key.hex().upper().encode(),
        bytes(range(16)).hex().encode(),
    ):
        assert find_in_files(settings.data_directory, needle) == []
    assert list_key_variables() == []


async def test_encrypted_files_say_so(engine: Engine, logs: EngineTable, settings: EmbeddedSettings) -> None:
    await engine.insert(insert_of(logs, records(10), "a token of deduplication"))
    disks = settings.data_directory / "disks"
    files = [path for path in disks.rglob("*") if path.is_file() and path.name != "disk.json"]
    assert {path.read_bytes()[:3] or path.name for path in files} == {b"ENC"}


async def test_a_withdrawn_key_closes_only_its_workspace(
    engine: Engine, keys: KeyRing, restart: Restart
) -> None:
    await make_both(engine)
    keys.withdrawn.add(WORKSPACE.store_id)
    engine = await restart()
    for attempt in (count(engine, LOGS), fill(engine, LOGS), engine.execute(drop_table(LOGS))):
        with pytest.raises(WorkspaceKeyUnavailable) as caught:
            await attempt
        assert caught.value.code == "WorkspaceKeyUnavailable"
        assert caught.value.category is Category.UNAVAILABLE
    assert await count(engine, OTHER_LOGS) == b"[10]\n"
    keys.withdrawn.clear()
    assert await count(engine, LOGS) == b"[10]\n"


async def test_a_wrong_key_is_refused_before_it_does_harm(
    engine: Engine, keys: KeyRing, restart: Restart
) -> None:
    await make_both(engine)
    keys.changed[WORKSPACE.store_id] = bytes(32)
    engine = await restart()
    with pytest.raises(WorkspaceKeyUnavailable):
        await count(engine, LOGS)
    with pytest.raises(WorkspaceKeyUnavailable):
        await make_logs(engine, name="More")
    keys.changed.clear()
    assert await count(engine, LOGS) == b"[10]\n"


async def test_a_table_nobody_named_stays_asleep(engine: Engine, restart: Restart) -> None:
    await make_both(engine)
    engine = await restart()
    with pytest.raises(WorkspaceKeyUnavailable):
        await read(engine, f"SELECT count() FROM {LOGS.sql}")
    assert await count(engine, LOGS) == b"[10]\n"


async def test_a_detached_database_is_unreadable_until_it_is_opened(engine: Engine, keys: KeyRing) -> None:
    await make_both(engine)
    await engine.detach_database(WORKSPACE.name)
    for attempt in (
        count(engine, LOGS),
        fill(engine, LOGS),
        engine.execute(drop_partition(LOGS, "20260101")),
    ):
        with pytest.raises(WorkspaceKeyUnavailable):
            await attempt
    with pytest.raises(EngineTableNotFound):
        await read(engine, f"SELECT count() FROM {LOGS.sql}")
    assert await count(engine, OTHER_LOGS) == b"[10]\n"

    keys.withdrawn.add(WORKSPACE.store_id)
    with pytest.raises(WorkspaceKeyUnavailable):
        await engine.open_database(WORKSPACE)
    with pytest.raises(WorkspaceKeyUnavailable):
        await count(engine, LOGS)
    keys.withdrawn.clear()
    await engine.open_database(WORKSPACE)
    assert await count(engine, LOGS) == b"[10]\n"
    await engine.open_database(WORKSPACE)
    assert await count(engine, LOGS) == b"[10]\n"


async def test_detaching_kills_the_databases_queries_and_no_others(engine: Engine) -> None:
    await make_both(engine)
    endless = "SELECT number FROM numbers(1000000000000) WHERE 0 = (SELECT count() FROM {} WHERE Count < 0)"
    doomed = await start(engine, endless.format(LOGS.sql), LOGS)
    spared = await start(engine, endless.format(OTHER_LOGS.sql), OTHER_LOGS)
    await engine.detach_database(WORKSPACE.name)
    with pytest.raises(WorkspaceKeyUnavailable):
        while True:
            await anext(doomed)
    await anext(spared)
    await spared.aclose()


async def test_a_sleeping_database_can_be_detached_without_its_key(
    engine: Engine, keys: KeyRing, restart: Restart
) -> None:
    await make_both(engine)
    keys.withdrawn.add(WORKSPACE.store_id)
    engine = await restart()
    await engine.detach_database(WORKSPACE.name)
    keys.withdrawn.clear()
    await engine.open_database(WORKSPACE)
    assert await count(engine, LOGS) == b"[10]\n"


@pytest.mark.parametrize("withdrawn", [False, True], ids=["with its key", "without its key"])
@pytest.mark.parametrize("asleep", [False, True], ids=["awake", "asleep"])
async def test_a_removed_database_leaves_nothing(
    engine: Engine, keys: KeyRing, settings: EmbeddedSettings, restart: Restart, withdrawn: bool, asleep: bool
) -> None:
    await make_both(engine)
    if asleep:
        engine = await restart()
    if withdrawn:
        keys.withdrawn.add(WORKSPACE.store_id)
    await engine.drop_database(WORKSPACE.name)
    await engine.drop_database(WORKSPACE.name)
    assert not (settings.data_directory / "disks" / WORKSPACE.name).exists()
    assert find_in_files(settings.data_directory / "engine", WORKSPACE.name.encode()) == []
    with pytest.raises(WorkspaceKeyUnavailable):
        await count(engine, LOGS)
    assert await count(engine, OTHER_LOGS) == b"[10]\n"

    keys.withdrawn.clear()
    keys.changed[WORKSPACE.store_id] = bytes(32)
    assert await count(engine, await make_logs(engine)) == b"[0]\n"
    await fill(engine, LOGS)
    engine = await restart()
    assert await count(engine, LOGS) == b"[10]\n"
    assert await count(engine, OTHER_LOGS) == b"[10]\n"


async def test_a_removal_cut_short_is_finished_by_the_next_opening(
    engine: Engine, keys: KeyRing, settings: EmbeddedSettings
) -> None:
    await make_both(engine)
    await engine.drop_database(WORKSPACE.name)
    left_over = settings.data_directory / "disks" / WORKSPACE.name
    left_over.mkdir()
    (left_over / "disk.json").write_text('{"folder": "old", "keyCheck": "0", "outerKeyCheck": null}')
    assert await count(engine, await make_logs(engine)) == b"[0]\n"


async def test_double_encryption_needs_both_keys(engine: Engine, keys: KeyRing, restart: Restart) -> None:
    spec = DatabaseSpec(WORKSPACE.store_id, double_encryption=True)
    await fill(engine, await make_logs(engine, spec))
    assert "AES_128_CTR" in create_table(LOGS, DEFINITION, engine.table_storage(spec.name)).sql
    keys.withdrawn.add(WORKSPACE.store_id)
    engine = await restart()
    with pytest.raises(WorkspaceKeyUnavailable):
        await count(engine, LOGS)
    keys.withdrawn.clear()
    assert await count(engine, LOGS) == b"[10]\n"


async def test_a_workspaces_table_needs_an_opened_database(engine: Engine) -> None:
    with pytest.raises(EngineError):
        engine.table_storage(WORKSPACE.name)


async def test_schema_statements_keep_tables_awake(engine: Engine, restart: Restart) -> None:
    await fill(engine, await make_logs(engine))
    twin = await make_logs(engine, name="Twin")
    engine = await restart()
    await engine.execute(attach_partition(twin, LOGS, "20260101"))
    assert await count(engine, twin) == b"[10]\n"
    await engine.execute(delete_rows(twin, "Count < 4"))
    assert await count(engine, twin) == b"[6]\n"
    await engine.execute(drop_partition(LOGS, "20260101"))
    await engine.execute(exchange_tables(LOGS, twin))
    assert await count(engine, LOGS) == b"[6]\n"
    assert await count(engine, twin) == b"[0]\n"

    moved = EngineTable(WORKSPACE.name, "Moved")
    engine = await restart()
    await engine.execute(rename_table(LOGS, moved))
    assert await count(engine, moved) == b"[6]\n"
    with pytest.raises(EngineTableNotFound):
        await count(engine, LOGS)
    await engine.execute(drop_table(twin))
    await engine.execute(drop_table(twin))


async def test_tables_outside_workspaces_need_no_key(engine: Engine) -> None:
    table = EngineTable("plain", "Rows")
    await engine.execute(SchemaStatement("CREATE DATABASE plain"))
    sql = f"CREATE TABLE {table.sql} ENGINE = Memory AS SELECT number FROM numbers(10)"
    await engine.execute(SchemaStatement(sql, creates=frozenset({table})))
    assert await count(engine, table) == b"[10]\n"


async def test_making_a_table_again_wakes_it(engine: Engine, restart: Restart) -> None:
    await fill(engine, await make_logs(engine))
    await restart()
    engine = await restart()
    assert await count(engine, await make_logs(engine)) == b"[10]\n"


async def test_a_database_of_a_cluster_lies_in_its_folder(engine: Engine, restart: Restart) -> None:
    spec = DatabaseSpec(UUID(int=9), double_encryption=True, cluster_id=UUID(int=5))
    await fill(engine, await make_logs(engine, spec))
    assert (
        f"/clusters/{UUID(int=5)}/disks/{spec.name}/"
        in create_table(LOGS, DEFINITION, engine.table_storage(spec.name)).sql
    )
    engine = await restart()
    assert await count(engine, EngineTable(spec.name, "Logs")) == b"[10]\n"
    disk = engine.table_storage(spec.name).disk
    assert disk is not None
    assert files_in(disk.path)
    await engine.drop_database(spec.name)
    assert not files_in(disk.path)


def files_in(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]
