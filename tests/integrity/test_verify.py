"""What is altered behind the server's back is found, table and part."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from kelp.app.installation import Installation
from kelp.app.maintenance import verify_folder
from kelp.app.services import Storage, make_integrity, open_storage
from kelp.base.ids import WorkspaceId
from kelp.base.settings import Settings
from kelp.blobs.filesystem import FilesystemBlobs
from kelp.blobs.sealed import SealedBlobs
from kelp.catalog.ledger import Load
from kelp.clickhouse.ddl import RECEIPT_COLUMN, database_name
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import InputFormat, InsertStatement, SourceColumn
from kelp.kql.types import Column, ScalarType

COLUMNS = (Column("Level", ScalarType.STRING),)


async def load_row(storage: Storage, workspace_id: WorkspaceId, level: str) -> None:
    await storage.tables.ensure_table(workspace_id, "App_CL", COLUMNS)
    await storage.engine.insert(
        InsertStatement(
            table=EngineTable(database_name(workspace_id), "App_CL"),
            columns=("TimeGenerated", RECEIPT_COLUMN, "Level"),
            structure=(SourceColumn("Level", "String"),),
            select="SELECT now64(7, 'UTC'), now64(7, 'UTC'), Level FROM source",
            format=InputFormat.JSON_EACH_ROW,
            body=(b'{"Level": "%s"}' % level.encode(),),
        )
    )
    storage.ledger.record_loads([Load(uuid4(), workspace_id, "App_CL", 1, 10, None, None)])


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A data folder with two loads whose parts were recorded."""
    settings = Settings(data=tmp_path / "data")
    with closing(Installation.create(settings.data)) as installation:
        names = installation.initialize(settings.server).names
        async with open_storage(installation, settings) as storage:
            for level in ("first", "second"):
                await load_row(storage, names.workspace_id, level)
            await make_integrity(installation, storage).record()
    return settings.data


def part_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "engine").rglob("data.bin") if path.stat().st_size > 0)


async def verify(folder: Path) -> list[str]:
    findings: list[str] = []
    count = await verify_folder(Settings(data=folder), findings.append)
    assert count == len(findings)
    return findings


async def test_what_was_not_touched_is_intact(folder: Path) -> None:
    assert await verify(folder) == []


async def test_one_flipped_bit_is_found(folder: Path) -> None:
    file = part_files(folder)[0]
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    (finding,) = await verify(folder)
    assert "table App_CL" in finding
    assert "was altered" in finding


async def test_an_altered_blob_is_found(folder: Path) -> None:
    with closing(Installation.open(folder)) as installation:
        (workspace_id,) = installation.store.snapshot.workspaces
        blobs = SealedBlobs(FilesystemBlobs(installation.layout.blobs), installation.keys)
        blobs.put(workspace_id, "rejects/2026-01-01/App_CL-1", b"[{}]")
    assert await verify(folder) == []
    (blob,) = [path for path in (folder / "blobs").rglob("App_CL-1*") if path.is_file()]
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.write_bytes(content)
    (finding,) = await verify(folder)
    assert "rejects/2026-01-01/App_CL-1 were altered" in finding
