"""The encrypted folder of each store's database, and the lending of its key to the engine.

The engine reads a disk's key from the environment when it first makes the disk, and keeps disk and key in memory until
the process ends; neither detaching tables nor unsetting the variable removes them. Hence:

* a key is in the environment only for the moment it is needed, under one lock;
* a wrong key must never reach the engine, which would go on using it: each folder has a record that tells the right
  one;
* a folder's name is never used twice, so a database made anew under another key gets another disk.

The record of a database tells in which cluster's folder its files lie, and holds a keyed hash (HMAC-SHA-256) of the
folder's name, from which the key can't be found. Thread-safe.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.base.durable_file import make_directory_durably, sync_directory, write_durably
from kelp.base.errors import ServiceError
from kelp.clickhouse.ddl import EncryptedDisk, TableStorage, find_store
from kelp.engine.errors import EngineError, WorkspaceKeyUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from uuid import UUID

    from kelp.base.keys import KeyProvider

_OUTER_KEY_VARIABLE = "KELP_DISK_KEY_INSTALLATION"
_RECORD = "disk.json"


@dataclass(frozen=True, slots=True)
class _Record:
    folder: str
    key_check: str
    outer_key_check: str | None
    cluster: str | None = None


class WorkspaceDisks:
    """The disks under one directory, and those of clusters under another, in a folder for each.

    `installation_key` (16 bytes) makes double encryption possible.
    """

    def __init__(
        self,
        directory: Path,
        keys: KeyProvider,
        installation_key: bytes | None = None,
        *,
        clusters_directory: Path | None = None,
    ) -> None:
        self._directory = directory
        self._clusters_directory = clusters_directory or directory / "clusters"
        self._keys = keys
        self._installation_key = installation_key
        self._records: dict[str, _Record] = {}
        self._lock = threading.Lock()
        """Held while keys are in the environment."""

    def prepare(self, database: str, *, double_encryption: bool, cluster_id: UUID | None = None) -> None:
        """Make the database's folder unless it exists. Raises `WorkspaceKeyUnavailable`."""
        if self._find_record(database) is not None:
            return
        folder = secrets.token_hex(8)
        outer = self._require_installation_key() if double_encryption else None
        record = _Record(
            folder,
            _key_check(self._get_key(database), folder),
            _key_check(outer, folder) if outer is not None else None,
            str(cluster_id) if cluster_id is not None else None,
        )
        make_directory_durably(self._directory / database)
        make_directory_durably(self._place(database, record))
        content = {
            "folder": folder,
            "keyCheck": record.key_check,
            "outerKeyCheck": record.outer_key_check,
            "cluster": record.cluster,
        }
        write_durably(self._directory / database / _RECORD, json.dumps(content, indent=1).encode())
        self._records[database] = record

    def table_storage(self, database: str) -> TableStorage:
        """Return where tables of the database are to be kept. Raises `EngineError` if it was never prepared."""
        if find_store(database) is None:
            return TableStorage()
        record = self._require_record(database)
        outer = None if record.outer_key_check is None else _OUTER_KEY_VARIABLE
        path = f"{self._place(database, record) / record.folder}/"
        return TableStorage(disk=EncryptedDisk(path, _key_variable(database), outer))

    def remove(self, database: str) -> None:
        """Delete the folder and all in it, and the record last."""
        record = self._find_record(database)
        self._records.pop(database, None)
        folders = [] if record is None else [self._place(database, record)]
        for folder in dict.fromkeys([*folders, self._directory / database]):
            if folder.exists():
                shutil.rmtree(folder)
                sync_directory(folder.parent)

    @contextmanager
    def lend_keys(self, databases: Iterable[str]) -> Iterator[None]:
        """Put the keys of the databases into the environment for the time of the block.

        Only one block at a time. Raises `WorkspaceKeyUnavailable` before it begins. Databases that are no store's need
        no key.
        """
        variables: dict[str, str] = {}
        for database in databases:
            if find_store(database) is not None:
                variables.update(self._key_variables(database))
        with self._lock:
            os.environ.update(variables)
            try:
                yield
            finally:
                for variable in variables:
                    del os.environ[variable]

    def _key_variables(self, database: str) -> dict[str, str]:
        record = self._require_record(database)
        key = self._get_key(database)
        _check_key(key, record.folder, record.key_check)
        variables = {_key_variable(database): key.hex()}
        if record.outer_key_check is not None:
            outer = self._require_installation_key()
            _check_key(outer, record.folder, record.outer_key_check)
            variables[_OUTER_KEY_VARIABLE] = outer.hex()
        return variables

    def _get_key(self, database: str) -> bytes:
        store_id = find_store(database)
        assert store_id is not None
        try:
            return self._keys.get_disk_key(store_id)
        except ServiceError as error:
            raise WorkspaceKeyUnavailable(engine_message=f"{error.code}: {error.message}") from error

    def _place(self, database: str, record: _Record) -> Path:
        """The folder in which those of the database's disks lie, one after the other."""
        if record.cluster is None:
            return self._directory / database
        return self._clusters_directory / record.cluster / "disks" / database

    def _require_installation_key(self) -> bytes:
        if self._installation_key is None:
            raise WorkspaceKeyUnavailable(
                engine_message="the database is doubly encrypted and there is no installation key"
            )
        return self._installation_key

    def _require_record(self, database: str) -> _Record:
        record = self._find_record(database)
        if record is None:
            raise EngineError(engine_message=f"{database} has no disk: open_database comes first")
        return record

    def _find_record(self, database: str) -> _Record | None:
        if (known := self._records.get(database)) is not None:
            return known
        try:
            content = json.loads((self._directory / database / _RECORD).read_bytes())
        except FileNotFoundError:
            return None
        record = _Record(
            content["folder"], content["keyCheck"], content["outerKeyCheck"], content.get("cluster")
        )
        self._records[database] = record
        return record


def _key_variable(database: str) -> str:
    return f"KELP_DISK_KEY_{database.upper()}"


def _key_check(key: bytes, folder: str) -> str:
    return hmac.new(key, b"kelp disk key check " + folder.encode(), hashlib.sha256).hexdigest()


def _check_key(key: bytes, folder: str, expected: str) -> None:
    if not hmac.compare_digest(_key_check(key, folder), expected):
        raise WorkspaceKeyUnavailable(engine_message="the key is not the one that the disk was made with")
