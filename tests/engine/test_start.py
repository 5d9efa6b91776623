"""Starting and stopping: whose folder it is, which engine wrote it, where it lies."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from kelp.clickhouse.ddl import SchemaStatement
from kelp.engine.contract import DatabaseSpec
from kelp.engine.data_folder import LOCATION_FILE, VERSION_FILE
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.errors import DataFolderRefused
from kelp.engine.settings import EmbeddedSettings

from .conftest import LOGS, EngineHolder, Restart, make_logs
from .doubles import KeyRing, insert_of, read, records

COUNT = f"SELECT count() FROM {LOGS.sql}"


async def test_a_folder_has_one_engine(holder: EngineHolder) -> None:
    with pytest.raises(DataFolderRefused, match="in use by another process"):
        await EmbeddedEngine.open(holder.settings, holder.keys)
    assert await read(holder.engine, "SELECT 1") == b"[1]\n"


async def test_a_process_has_one_engine(holder: EngineHolder, tmp_path: Path) -> None:
    with pytest.raises(DataFolderRefused, match="another engine open"):
        await EmbeddedEngine.open(EmbeddedSettings(data_directory=tmp_path / "other"), holder.keys)
    assert await read(holder.engine, "SELECT 1") == b"[1]\n"


@pytest.mark.parametrize(
    "version, words", [("999.1.1.1", "another major"), ("1.1.1.1", "another major"), ("x", "name")]
)
async def test_a_folder_of_another_engine_is_refused(holder: EngineHolder, version: str, words: str) -> None:
    await holder.engine.close()
    (holder.settings.data_directory / VERSION_FILE).write_text(f"{version}\n")
    with pytest.raises(DataFolderRefused, match=words):
        await holder.start()
    assert (holder.settings.data_directory / VERSION_FILE).read_text() == f"{version}\n"


async def test_the_folder_remembers_the_newest_engine(holder: EngineHolder) -> None:
    await holder.engine.close()
    version_file = holder.settings.data_directory / VERSION_FILE
    parts = version_file.read_text().strip().split(".")
    version_file.write_text(".".join([*parts[:-1], str(int(parts[-1]) + 1)]))
    with pytest.raises(DataFolderRefused, match="newer than this one"):
        await holder.start()
    version_file.write_text(".".join([*parts[:-1], "0"]))
    await holder.start()
    assert version_file.read_text().strip() == ".".join(parts)


@pytest.mark.parametrize("name", ["with ? mark", "with & sign", "with \\ slash"])
async def test_a_path_that_the_engine_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataFolderRefused, match="can't hold data"):
        await EmbeddedEngine.open(EmbeddedSettings(data_directory=tmp_path / name), KeyRing())


async def test_any_other_path_will_do(holder: EngineHolder, tmp_path: Path) -> None:
    await holder.engine.close()
    holder.settings = replace(holder.settings, data_directory=tmp_path / 'it\'s 100 % `odd` "ü"')
    engine = await holder.start()
    await engine.insert(insert_of(await make_logs(engine), records(10)))
    engine = await holder.restart()
    assert await read(engine, COUNT, LOGS) == b"[10]\n"


async def test_a_moved_folder_keeps_its_data(holder: EngineHolder, tmp_path: Path) -> None:
    await holder.engine.insert(insert_of(await make_logs(holder.engine), records(10)))
    await holder.engine.close()
    new = tmp_path / "deeper" / "it's here"
    new.parent.mkdir()
    holder.settings.data_directory.rename(new)
    old, holder.settings = holder.settings, replace(holder.settings, data_directory=new)
    engine = await holder.start()
    assert await read(engine, COUNT, LOGS) == b"[10]\n"
    await engine.insert(insert_of(LOGS, records(10)))
    assert not old.data_directory.exists()
    assert (new / LOCATION_FILE).read_text() == f"{new}\n"
    engine = await holder.restart()
    assert await read(engine, COUNT, LOGS) == b"[20]\n"


async def test_clusters_may_lie_elsewhere_and_be_moved(holder: EngineHolder, tmp_path: Path) -> None:
    await holder.engine.close()
    holder.settings = replace(holder.settings, clusters_directory=tmp_path / "one disk")
    spec = DatabaseSpec(UUID(int=9), double_encryption=True, cluster_id=UUID(int=5))
    table = await make_logs(await holder.start(), spec)
    count = f"SELECT count() FROM {table.sql}"
    await holder.engine.insert(insert_of(table, records(10)))
    await holder.engine.close()
    (tmp_path / "one disk").rename(tmp_path / "another disk")
    holder.settings = replace(holder.settings, clusters_directory=tmp_path / "another disk")
    engine = await holder.start()
    assert await read(engine, count, table) == b"[10]\n"
    await engine.insert(insert_of(table, records(10)))
    assert not (tmp_path / "one disk").exists()
    assert await read(await holder.restart(), count, table) == b"[20]\n"


async def test_a_copied_folder_does_not_touch_the_original(holder: EngineHolder, tmp_path: Path) -> None:
    await holder.engine.insert(insert_of(await make_logs(holder.engine), records(10)))
    await holder.engine.close()
    original = holder.settings
    holder.settings = replace(original, data_directory=tmp_path / "copy")
    shutil.copytree(original.data_directory, holder.settings.data_directory, symlinks=True)
    engine = await holder.start()
    await engine.insert(insert_of(LOGS, records(10)))
    assert await read(engine, COUNT, LOGS) == b"[20]\n"
    await engine.close()
    holder.settings = original
    engine = await holder.start()
    assert await read(engine, COUNT, LOGS) == b"[10]\n"


async def test_the_folder_is_for_its_owner_alone(holder: EngineHolder) -> None:
    assert holder.settings.data_directory.stat().st_mode & 0o777 == 0o700


async def test_the_settings_reach_the_engine(holder: EngineHolder, restart: Restart) -> None:
    sql = "SELECT name, value FROM system.server_settings WHERE name IN ('max_server_memory_usage', 'background_pool_size') ORDER BY name"
    expected = b'["background_pool_size", "2"]\n["max_server_memory_usage", "1073741824"]\n'
    assert await read(holder.engine, sql) == expected
    assert await read(await restart(), sql) == expected


async def test_sessions_mean_utc_and_never_spill(holder: EngineHolder) -> None:
    names = ("session_timezone", "max_temporary_data_on_disk_size_for_query", "readonly")
    sql = " , ".join(f"getSetting('{name}')" for name in names)
    assert await read(holder.engine, f"SELECT {sql}") == b'["UTC", 1, 1]\n'
    await holder.engine.execute(SchemaStatement("CREATE DATABASE plain"))
