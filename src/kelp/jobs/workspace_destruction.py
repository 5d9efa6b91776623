"""Destroys closed workspaces whose time has come: their keys, rows, raw data, journal and books.

What it finds is recorded before anything is removed, and every step may be repeated, so that a crash at any point ends
in the same: nothing left, the keys erased, and the proof in the audit. The keys go first: from then on nobody can read
what is left, here or in a copy, and nothing that follows needs them.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from kelp.base.errors import ServiceError
from kelp.catalog.stored_tables import list_tables_of_stores
from kelp.resources.author import system_author
from kelp.resources.destruction import Destruction
from kelp.resources.stores import all_stores
from kelp.resources.workspace import RECOVERY_PERIOD, Workspace
from kelp.vault.errors import KeyNotFound

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.base.ids import WorkspaceId
    from kelp.blobs.sealed import SealedBlobs
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.reconciler import Reconciler
    from kelp.ingest.ingestion import Ingestion
    from kelp.resources.database import Database
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.vault.key_hierarchy import KeyHierarchy

NAME = "workspace-destruction"
INTERVAL = timedelta(minutes=1)


class WorkspaceBook(Protocol):
    """A record that has entries of workspaces. Blocks."""

    def remove_workspace(self, workspace_id: UUID) -> None:
        """Strike out everything of a workspace."""
        ...


class WorkspaceDestruction:
    """Of all tenants; `run` is the job. Belongs to one event loop."""

    def __init__(
        self,
        store: ResourceStore,
        ledger: TableLedger,
        reconciler: Reconciler,
        ingestion: Ingestion,
        blobs: SealedBlobs,
        keys: KeyHierarchy,
        database: Database,
        books: tuple[WorkspaceBook, ...],
        clock: Clock,
        after: timedelta,
    ) -> None:
        """`after` is how long after its closing a workspace is destroyed, unless that was forced; `books` are what
        else knows of workspaces.
        """
        self._store = store
        self._ledger = ledger
        self._reconciler = reconciler
        self._ingestion = ingestion
        self._blobs = blobs
        self._keys = keys
        self._database = database
        self._books = books
        self._clock = clock
        self._after = after
        self._log = structlog.get_logger("kelp.destruction")

    async def run(self) -> None:
        """Destroy what is due. Raises the first `ServiceError` or `OSError` at the end; a workspace where it fails
        does not concern the others, and is tried again.
        """
        failures: list[ServiceError | OSError] = []
        for closed in await asyncio.to_thread(self._store.list_closed, Workspace):
            if not self._is_due(closed):
                continue
            try:
                await self._destroy(closed)
            except (ServiceError, OSError) as failure:
                workspace_id = closed.properties.workspace_id
                self._log.warning("destruction_postponed", workspace_id=workspace_id, error=str(failure))
                failures.append(failure)
        if failures:
            raise failures[0]

    def _is_due(self, closed: Resource[Workspace]) -> bool:
        """Tell whether the time has come: at once if it was forced, else so long after it was closed."""
        closed_at, recoverable_until = closed.deleted_at, closed.purge_at
        assert closed_at is not None
        assert recoverable_until is not None
        due_at = recoverable_until
        if recoverable_until == closed_at + RECOVERY_PERIOD:
            due_at = max(due_at, closed_at + self._after)
        return self._clock.now() >= due_at

    async def _destroy(self, closed: Resource[Workspace]) -> None:
        workspace_id = closed.properties.workspace_id
        destruction = await asyncio.to_thread(self._begin, closed)
        self._ingestion.forget_bodies(workspace_id)
        await asyncio.to_thread(self._erase_keys, workspace_id)
        await asyncio.to_thread(self._ingestion.frames.erase_workspace, workspace_id)
        await self._reconciler.destroy_workspace(workspace_id)
        for book in self._books:
            await asyncio.to_thread(book.remove_workspace, workspace_id)
        await asyncio.to_thread(self._blobs.delete_workspace, workspace_id)
        await asyncio.to_thread(self._complete, closed, destruction)
        self._log.info("workspace_destroyed", workspace_id=workspace_id, keys=len(destruction.keys))

    def _begin(self, closed: Resource[Workspace]) -> Destruction:
        """Record what there is, or return what was recorded by an attempt before."""
        workspace_id = closed.properties.workspace_id
        with self._store.write(system_author(closed.tenant_id)) as transaction:
            known = transaction.find_destruction(workspace_id)
            if known is not None:
                return known
            made = self._take_stock(closed, transaction.now)
            transaction.begin_destruction(closed, made)
            return made

    def _take_stock(self, closed: Resource[Workspace], now: datetime) -> Destruction:
        workspace_id = closed.properties.workspace_id
        held = list_tables_of_stores(self._ledger, workspace_id, all_stores(closed))
        cluster_id, versions = self._find_keys(workspace_id)
        assert closed.deleted_at is not None
        return Destruction(
            workspace_id=workspace_id,
            tenant_id=closed.tenant_id,
            resource_id=str(closed.id),
            closed_at=closed.deleted_at,
            began_at=now,
            cluster_id=cluster_id,
            keys=versions,
            tables=len(held),
            rows=sum(table.size.rows for table in held),
            blobs=sum(1 for _ in self._blobs.iter_entries(workspace_id, "")),
            journal_frames=self._ingestion.frames.count_frames(workspace_id),
        )

    def _find_keys(self, workspace_id: WorkspaceId) -> tuple[str, tuple[int, ...]]:
        try:
            versions = self._keys.list_data_key_versions(workspace_id)
            return self._keys.get_status(workspace_id).cluster_id, versions
        except KeyNotFound:
            return "", ()

    def _erase_keys(self, workspace_id: WorkspaceId) -> None:
        try:
            self._keys.destroy_workspace_keys(workspace_id)
        except KeyNotFound:
            return  # by an attempt before this one

    def _complete(self, closed: Resource[Workspace], destruction: Destruction) -> None:
        with self._store.write(system_author(closed.tenant_id)) as transaction:
            transaction.complete_destruction(closed, destruction)
        self._database.flush_log()
