"""A closed workspace whose time has come is gone with its keys, whatever happens on the way, and that is proved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kelp.app.installation import Installation
from kelp.app.jobs import make_workspace_destruction
from kelp.app.services import Storage, make_integrity, make_reconciler, open_storage, surroundings_of
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId, WorkspaceId
from kelp.base.settings import IngestSettings, Settings
from kelp.ingest.ingestion import Ingestion, open_ingestion
from kelp.ingest.intake import ReceivedBody
from kelp.ingest.journal import EnvelopeKind
from kelp.ingest.rejects import Reject
from kelp.jobs.workspace_destruction import WorkspaceDestruction
from kelp.resources.author import system_author
from kelp.resources.destruction import Destruction
from kelp.resources.workspace import Workspace, WorkspaceSettings, delete_workspace, put_workspace
from tests.unit.ingest.samples import TurnedClock

SECRET, TABLE = "a-very-secret-word", "Telltale_CL"


@dataclass
class House:
    """An installation that ingests, with two workspaces: one to be destroyed, one to stay."""

    folder: Path
    installation: Installation
    storage: Storage
    ingestion: Ingestion
    clock: TurnedClock
    doomed: ResourceId
    tenant_id: UUID

    def workspace_id(self, name: str) -> WorkspaceId:
        (found,) = self.storage.directory.find_workspaces(name)
        return found.properties.workspace_id

    async def send(self, workspace_id: WorkspaceId, text: str) -> None:
        body = b'[{"Text": "%s"}]' % text.encode()
        received = ReceivedBody(kind=EnvelopeKind.DATA_COLLECTOR, route=TABLE, stream=TABLE, body=body)
        await self.ingestion.intake.accept((workspace_id,), received)

    def delete(self, *, force: bool) -> None:
        with self.installation.store.write(system_author(self.tenant_id)) as transaction:
            delete_workspace(transaction, self.doomed, force=force)

    def job(self) -> WorkspaceDestruction:
        settings = Settings(data=self.folder)
        return make_workspace_destruction(self.installation, self.storage, self.ingestion, settings)

    def proofs(self) -> tuple[Destruction, ...]:
        return self.installation.store.list_destructions(self.tenant_id)

    def files_with(self, *needles: bytes) -> list[str]:
        """The files below the data folder in which any of the needles stands."""
        return [
            str(path.relative_to(self.folder))
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and any(needle in path.read_bytes() for needle in needles)
        ]


@asynccontextmanager
async def open_house(folder: Path, clock: TurnedClock) -> AsyncIterator[House]:
    """Open the folder, new or not, and load what is in its journal."""
    settings = Settings(data=folder, ingest=IngestSettings(flush_interval_seconds=0.05))
    with closing(Installation.create(folder, clock)) as installation:
        names = installation.initialize(settings.server).names
        group = names.workspace_resource_id.parent
        assert group is not None
        doomed = group.child("Microsoft.OperationalInsights/workspaces", "doomed")
        async with open_storage(installation, settings) as storage:
            around = surroundings_of(installation, storage)
            async with open_ingestion(around, settings.ingest) as ingestion:
                running = asyncio.create_task(ingestion.run())
                try:
                    yield House(folder, installation, storage, ingestion, clock, doomed, names.tenant_id)
                finally:
                    running.cancel()
                    await asyncio.wait([running])


async def fill(house: House) -> tuple[WorkspaceId, list[bytes]]:
    """Make the workspace that is to be destroyed, with something everywhere; return it and its keys."""
    store, keys = house.installation.store, house.installation.keys
    with store.write(system_author(house.tenant_id)) as transaction:
        made = put_workspace(transaction, house.doomed, WorkspaceSettings("local"))
    workspace_id = made.properties.workspace_id
    stays = house.workspace_id("default")
    await make_reconciler(house.installation, house.storage).reconcile()
    await house.send(workspace_id, SECRET)
    await house.ingestion.writer.drain()
    keys.rotate_data_key(workspace_id)
    await house.ingestion.writer.release()
    await house.send(workspace_id, SECRET)
    await house.send(stays, "stays")
    await house.ingestion.writer.drain()
    reject = Reject(TABLE, UUID(int=7), house.clock.now(), "reason", (), (SECRET,))
    house.ingestion.rejects.put(workspace_id, reject)
    await make_integrity(house.installation, house.storage).record()
    versions = keys.list_data_key_versions(workspace_id)
    secrets = [keys.get_data_key(workspace_id, version).secret for version in versions]
    return workspace_id, [*secrets, keys.get_disk_key(workspace_id)]


async def close_and_settle(house: House, *, force: bool) -> None:
    house.delete(force=force)
    await make_reconciler(house.installation, house.storage).reconcile()


def assert_destroyed(house: House, workspace_id: WorkspaceId, keys: list[bytes]) -> None:
    needles = [SECRET.encode(), *keys, *(key.hex().encode() for key in keys)]
    assert house.files_with(*needles) == []
    assert not list(house.folder.rglob(f"*{workspace_id}*"))
    assert not list(house.folder.rglob(f"*{workspace_id.hex}*"))
    with pytest.raises(ServiceError) as missing:
        house.installation.keys.get_disk_key(workspace_id)
    assert missing.value.category is Category.NOT_FOUND
    assert house.ingestion.frames.count_frames(workspace_id) == 0
    assert house.installation.store.list_closed(Workspace) == ()
    (proof,) = house.proofs()
    assert (proof.workspace_id, proof.resource_id) == (workspace_id, str(house.doomed))
    assert (proof.keys, proof.cluster_id) == ((1, 2), "default")
    assert (proof.tables, proof.rows) == (1, 2)
    assert proof.blobs == 2
    assert proof.journal_frames >= 1
    assert proof.completed_at is not None
    records = house.installation.store.audit_records(house.tenant_id)
    (record,) = [record for record in records if record.sequence == proof.audit_sequence]
    assert record.action.endswith("/destroy/action")
    assert record.code == proof.proof
    assert house.installation.store.find_broken_audit_record() is None


async def assert_other_stays(house: House) -> None:
    stays = house.workspace_id("default")
    assert house.storage.ledger.sizes(stays)[TABLE].rows == 1
    await house.ingestion.writer.release()
    archived = house.ingestion.archive.list_days(stays)
    assert len(archived) == 1


async def test_after_fourteen_days_nothing_is_left_but_the_proof(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", TurnedClock()) as house:
        workspace_id, keys = await fill(house)
        await close_and_settle(house, force=False)
        house.clock.turn(timedelta(days=13, hours=23).total_seconds())
        await house.job().run()
        assert house.proofs() == ()
        house.clock.turn(timedelta(hours=1).total_seconds())
        await house.job().run()
        assert_destroyed(house, workspace_id, keys)
        await assert_other_stays(house)
        await house.job().run()
        assert len(house.proofs()) == 1


async def test_force_destroys_at_once(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", TurnedClock()) as house:
        workspace_id, keys = await fill(house)
        await close_and_settle(house, force=True)
        await house.job().run()
        assert_destroyed(house, workspace_id, keys)
        # Not even what was accepted in the last moment comes to anything.
        assert house.ingestion.frames.list_open_plans(workspace_id) == []


async def fail(*_: object) -> None:
    raise OSError("a crash")


def fail_now(*_: object) -> None:
    raise OSError("a crash")


CRASHES: list[Callable[[House], tuple[object, str, Any]]] = [
    lambda house: (house.installation.keys, "destroy_workspace_keys", fail_now),
    lambda house: (house.ingestion.frames, "erase_workspace", fail_now),
    lambda house: (house.storage.engine, "drop_database", fail),
    lambda house: (house.storage.blobs._store, "delete_prefix", fail_now),
    lambda house: (house.installation.database, "flush_log", fail_now),
]


async def test_a_crash_anywhere_ends_in_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = TurnedClock()
    async with open_house(tmp_path / "data", clock) as house:
        workspace_id, keys = await fill(house)
        await close_and_settle(house, force=True)
    for crash in CRASHES:
        async with open_house(tmp_path / "data", clock) as house:
            with monkeypatch.context() as patch:
                patch.setattr(*crash(house))
                with pytest.raises(OSError, match="a crash"):
                    await house.job().run()
    async with open_house(tmp_path / "data", clock) as house:
        await house.job().run()
        assert_destroyed(house, workspace_id, keys)
        await assert_other_stays(house)
