from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from uuid import UUID

import pytest

from kelp.clickhouse.ddl import TableStorage, database_name
from kelp.engine.disks import WorkspaceDisks
from kelp.engine.errors import EngineError, WorkspaceKeyUnavailable
from tests.engine.doubles import KeyRing

WORKSPACE_ID = UUID(int=1)
DATABASE = database_name(WORKSPACE_ID)
OTHER = database_name(UUID(int=2))
VARIABLE = f"KELP_DISK_KEY_{DATABASE.upper()}"
OUTER_VARIABLE = "KELP_DISK_KEY_INSTALLATION"
OUTER_KEY = bytes(range(16))


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing()


@pytest.fixture
def disks(tmp_path: Path, keys: KeyRing) -> WorkspaceDisks:
    return WorkspaceDisks(tmp_path, keys, OUTER_KEY)


def test_a_key_is_in_the_environment_for_the_block_alone(disks: WorkspaceDisks, keys: KeyRing) -> None:
    disks.prepare(DATABASE, double_encryption=False)
    disks.prepare(OTHER, double_encryption=True)
    before = dict(os.environ)
    with disks.lend_keys([DATABASE]):
        assert os.environ[VARIABLE] == keys.get_disk_key(WORKSPACE_ID).hex()
        assert OUTER_VARIABLE not in os.environ
    with disks.lend_keys([DATABASE, OTHER, "default"]):
        assert len(os.environ) == len(before) + 3
        assert os.environ[OUTER_VARIABLE] == OUTER_KEY.hex()
    with pytest.raises(KeyError), disks.lend_keys([DATABASE]):
        raise KeyError
    assert dict(os.environ) == before


def test_one_thread_at_a_time_has_keys(disks: WorkspaceDisks) -> None:
    disks.prepare(DATABASE, double_encryption=False)
    disks.prepare(OTHER, double_encryption=False)
    seen = []

    def borrow(database: str) -> None:
        for _ in range(50):
            with disks.lend_keys([database]):
                seen.append(sum(name.startswith("KELP_DISK_KEY") for name in os.environ))

    threads = [threading.Thread(target=borrow, args=(database,)) for database in (DATABASE, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 100


def test_other_databases_need_no_key(disks: WorkspaceDisks) -> None:
    before = dict(os.environ)
    with disks.lend_keys(["default"]):
        assert dict(os.environ) == before
    assert disks.table_storage("default") == TableStorage()


def test_the_folder_is_another_each_time_it_is_made(disks: WorkspaceDisks, tmp_path: Path) -> None:
    def prepare() -> str:
        disks.prepare(DATABASE, double_encryption=False)
        disk = disks.table_storage(DATABASE).disk
        assert disk is not None
        assert disk.path.startswith(f"{tmp_path}/{DATABASE}/")
        assert disk.path.endswith("/")
        return disk.path

    first = prepare()
    assert prepare() == first
    disks.remove(DATABASE)
    assert not (tmp_path / DATABASE).exists()
    assert prepare() != first


def test_the_record_is_found_again_and_holds_no_key(
    disks: WorkspaceDisks, keys: KeyRing, tmp_path: Path
) -> None:
    disks.prepare(DATABASE, double_encryption=True)
    again = WorkspaceDisks(tmp_path, keys, OUTER_KEY)
    assert again.table_storage(DATABASE) == disks.table_storage(DATABASE)
    text = (tmp_path / DATABASE / "disk.json").read_text()
    assert set(json.loads(text)) == {"folder", "keyCheck", "outerKeyCheck", "cluster"}
    assert keys.get_disk_key(WORKSPACE_ID).hex() not in text
    assert OUTER_KEY.hex() not in text


def test_a_wrong_key_is_not_lent(disks: WorkspaceDisks, keys: KeyRing, tmp_path: Path) -> None:
    disks.prepare(DATABASE, double_encryption=True)
    keys.changed[WORKSPACE_ID] = bytes(32)
    with pytest.raises(WorkspaceKeyUnavailable, match="can't be used"), disks.lend_keys([DATABASE]):
        raise AssertionError
    keys.changed.clear()
    for wrong in (bytes(16), None):
        with (
            pytest.raises(WorkspaceKeyUnavailable),
            WorkspaceDisks(tmp_path, keys, wrong).lend_keys([DATABASE]),
        ):
            raise AssertionError


def test_a_key_that_cant_be_had_closes_the_workspace(disks: WorkspaceDisks, keys: KeyRing) -> None:
    keys.withdrawn.add(WORKSPACE_ID)
    with pytest.raises(WorkspaceKeyUnavailable) as caught:
        disks.prepare(DATABASE, double_encryption=False)
    assert caught.value.engine_message == "KeyRevoked: The key is revoked."


def test_a_database_is_prepared_before_it_is_used(disks: WorkspaceDisks) -> None:
    with pytest.raises(EngineError):
        disks.table_storage(DATABASE)
    with pytest.raises(EngineError), disks.lend_keys([DATABASE]):
        raise AssertionError


def test_double_encryption_needs_an_installation_key(tmp_path: Path, keys: KeyRing) -> None:
    with pytest.raises(WorkspaceKeyUnavailable):
        WorkspaceDisks(tmp_path, keys).prepare(DATABASE, double_encryption=True)
    assert list(tmp_path.iterdir()) == []
