"""Ingestion put together over a node's folders: the door, the journal behind it, and the worker that loads."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.catalog.purge_conditions import PurgeConditions
from kelp.ingest.body_budget import BodyBudget
from kelp.ingest.body_purge import BodyPurge
from kelp.ingest.collection_gate import CollectionGate
from kelp.ingest.discovery import Discovery
from kelp.ingest.flow import FlowDirectory
from kelp.ingest.frame_ledger import FrameLedger
from kelp.ingest.intake import Intake
from kelp.ingest.internal_rows import InternalRows
from kelp.ingest.journal import BacklogLimits, Journal, JournalLimits
from kelp.ingest.key_uses import KeyUses
from kelp.ingest.loading import Loader
from kelp.ingest.operation_log import OperationLog
from kelp.ingest.plain_bodies import PlainBodies
from kelp.ingest.plan_store import PlanStore
from kelp.ingest.planning import Planner
from kelp.ingest.raw_archive import RawArchive
from kelp.ingest.rejects import RejectStore
from kelp.ingest.reprocessing import Reprocessing
from kelp.ingest.store_move import StoreMove
from kelp.ingest.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.base.keys import KeyProvider
    from kelp.base.settings import IngestSettings
    from kelp.blobs import SealedBlobs
    from kelp.catalog.engine_tables import EngineTables
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.engine.contract import Engine
    from kelp.ingest.flow import Origin
    from kelp.resources.store import ResourceStore

_HELD_BYTES = 64 * 2**20
"""Bodies that requests hold at a time; each is in memory about three times while it is sealed."""
_CACHED_BYTES = 16 * 2**20
_PLAIN_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What ingestion is given: the journal's folder, the file of load plans, and the services below it."""

    journal_folder: Path
    plans_file: Path
    keys: KeyProvider
    clock: Clock
    store: ResourceStore
    directory: WorkspaceDirectory
    tables: EngineTables
    ledger: TableLedger
    engine: Engine
    blobs: SealedBlobs


@dataclass(frozen=True, slots=True)
class Ingestion:
    """`run` it beside the server; see `open_ingestion`."""

    intake: Intake
    budget: BodyBudget
    gate: CollectionGate
    rows: InternalRows
    rejects: RejectStore
    archive: RawArchive
    writer: Writer
    reprocessing: Reprocessing
    moves: StoreMove
    frames: FrameLedger
    body_purge: BodyPurge
    key_uses: KeyUses
    _planner: Planner
    _journal: Journal
    _plain_bodies: PlainBodies

    def find_tables(self, origin: Origin) -> frozenset[str]:
        """Return the names of the tables that records of the origin go to. Raises `QueryRefusedError`."""
        return self._planner.find_tables(origin)

    def forget_bodies(self, workspace_id: UUID) -> None:
        """Drop a workspace's bodies from memory, as a revocation of its key asks for."""
        self._journal.forget(workspace_id)
        self._plain_bodies.forget(workspace_id)

    def find_oldest_waiting(self, workspace_id: UUID) -> datetime | None:
        """Return when the oldest body of a workspace was accepted that is not loaded; to ten seconds, never later."""
        return self._journal.measure_backlog(workspace_id).oldest_at

    async def run(self) -> None:
        """Load what comes until cancelled; Kelp's own rows are durable then, too."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.reprocessing.run())
            tasks.create_task(self.writer.run())
            tasks.create_task(self.rows.run())


@asynccontextmanager
async def open_ingestion(around: Surroundings, settings: IngestSettings) -> AsyncIterator[Ingestion]:
    """Open the journal and what belongs to it; closed when the block ends, after `run` has.

    Raises `JournalDamaged`, and `ServiceError` where a file can't be opened.
    """
    limits = JournalLimits(
        cached_bytes=_CACHED_BYTES,
        backlog=BacklogLimits(
            total_bytes=settings.maximum_backlog_bytes,
            workspace_bytes=settings.maximum_workspace_backlog_bytes,
        ),
    )
    journal = await asyncio.to_thread(Journal.open, around.journal_folder, around.keys, around.clock, limits)
    try:
        plans = await asyncio.to_thread(PlanStore, around.plans_file, around.keys, journal.journal_id)
        try:
            yield _assemble(around, settings, journal, plans)
        finally:
            await asyncio.to_thread(plans.close)
    finally:
        await asyncio.to_thread(journal.close)


def _assemble(
    around: Surroundings, settings: IngestSettings, journal: Journal, plans: PlanStore
) -> Ingestion:
    archive = RawArchive(around.blobs, journal.journal_id)
    frames = FrameLedger(journal, plans, archive)
    plain_bodies = PlainBodies(_PLAIN_BYTES)
    intake = Intake(journal, plain_bodies, around.clock)
    rows = InternalRows(intake)
    log = OperationLog(rows, around.clock)
    discovery = Discovery(around.engine)
    rejects = RejectStore(around.blobs)
    flows = FlowDirectory(around.store, around.directory)
    planner = Planner(flows, around.tables, frames, discovery, log, around.clock)
    loader = Loader(around.engine, journal, frames, around.ledger, discovery, rejects, log, around.clock)
    writer = Writer(journal, plain_bodies, frames, planner, loader, settings)
    purges = PurgeConditions(around.store, around.directory)
    reprocessing = Reprocessing(
        around.plans_file.with_name("swaps"),
        around.engine,
        journal,
        frames,
        archive,
        flows,
        planner,
        loader,
        writer,
        around.tables,
        around.ledger,
        purges,
        around.clock,
    )
    exempt = frozenset(name.strip() for name in settings.cap_exempt_tables.split(",") if name.strip())
    return Ingestion(
        intake=intake,
        budget=BodyBudget(_HELD_BYTES),
        gate=CollectionGate(around.clock, exempt, settings.cap_reset_hour),
        rows=rows,
        rejects=rejects,
        archive=archive,
        writer=writer,
        reprocessing=reprocessing,
        moves=StoreMove(writer, frames, around.tables),
        frames=frames,
        body_purge=BodyPurge(archive, planner, discovery),
        key_uses=KeyUses(around.clock),
        _planner=planner,
        _journal=journal,
        _plain_bodies=plain_bodies,
    )
