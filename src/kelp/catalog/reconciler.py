"""Makes the engine agree with the resource store, again and again: databases opened, closed and tables removed.

It compares, it does not remember what was asked; so restart, retry and repair are one loop. The tables of what is
closed or sealed off are closed. It never destroys what it does not recognise: a database without a workspace stays, and
destroying a closed workspace is asked for by name.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from kelp.base.errors import ServiceError
from kelp.catalog.engine_tables import SpecifyDatabase, specify_database
from kelp.catalog.inventory import list_databases
from kelp.clickhouse.ddl import database_name, find_store
from kelp.resources.stores import all_stores, readable_stores
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.engine_tables import EngineTables
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.seals import FindSeal
    from kelp.catalog.stocktaking import Stocktaking
    from kelp.engine.contract import Engine
    from kelp.resources.resource import Resource
    from kelp.resources.store import EngineChange, ResourceStore

INTERVAL_SECONDS = 60.0
"""Between two comparisons when nothing changes."""
FIRST_RETRY_SECONDS = 1.0


class Reconciler:
    """One a process; `run` is its worker."""

    def __init__(
        self,
        engine: Engine,
        store: ResourceStore,
        ledger: TableLedger,
        tables: EngineTables,
        stocktaking: Stocktaking,
        *,
        specify_database: SpecifyDatabase = specify_database,
        find_seal: FindSeal = lambda _owner: None,
    ) -> None:
        self._engine = engine
        self._store = store
        self._ledger = ledger
        self._tables = tables
        self._stocktaking = stocktaking
        self._specify_database = specify_database
        self._find_seal = find_seal
        self._detached: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        self._log = structlog.get_logger("kelp.catalog")

    async def run(self) -> None:
        """Compare at once, after every change of a workspace or table, and each minute, until cancelled."""
        changed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake(_: EngineChange) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

        self._store.subscribe(wake)
        retry_seconds = FIRST_RETRY_SECONDS
        while True:
            changed.clear()
            try:
                failures = await self.reconcile()
            except Exception as failure:
                # The reconciler's loop: whatever goes wrong is tried again.
                failures = (failure,)
                self._log.exception("reconciliation_failed")
            wait_seconds = retry_seconds if failures else INTERVAL_SECONDS
            retry_seconds = min(retry_seconds * 2, INTERVAL_SECONDS) if failures else FIRST_RETRY_SECONDS
            try:
                await asyncio.wait_for(changed.wait(), wait_seconds)
            except TimeoutError:
                await asyncio.to_thread(self._ledger.refresh)

    async def reconcile(self) -> tuple[Exception, ...]:
        """Compare everything once and mend what differs; return what failed, each of it logged.

        A workspace that fails does not concern the others. Raises `EngineError` when the engine can't be asked at all.
        """
        async with self._one_at_a_time:
            return await self._reconcile()

    def is_detached(self, store_id: UUID) -> bool:
        """Tell whether the tables of a store were closed, by this process."""
        return database_name(store_id) in self._detached

    async def _reconcile(self) -> tuple[Exception, ...]:
        databases = await list_databases(self._engine)
        closed = await asyncio.to_thread(self._store.list_closed, Workspace)
        live = self._store.snapshot.workspaces
        failures: list[Exception] = []
        for workspace in (*live.values(), *closed):
            is_closed = workspace.properties.workspace_id not in live
            try:
                await self._reconcile_workspace(workspace, databases, is_closed=is_closed)
            except ServiceError as error:
                failures.append(error)
                self._log.warning(
                    "workspace_not_reconciled",
                    workspace_id=workspace.properties.workspace_id,
                    code=error.code,
                    error=error.message,
                )
        known = {store for workspace in (*live.values(), *closed) for store in all_stores(workspace)}
        for database in databases:
            if (store_id := find_store(database)) is not None and store_id not in known:
                self._log.warning("database_without_workspace", database=database)
        return tuple(failures)

    async def destroy_workspace(self, workspace_id: WorkspaceId) -> None:
        """Remove the databases of a workspace's stores with all rows, and their entries in the ledger.

        For a closed workspace whose time has come. Safe to call again. Raises `EngineError`; then what was not removed
        is not forgotten.
        """
        closed = await asyncio.to_thread(self._store.list_closed, Workspace)
        stores = [
            store_id
            for workspace in closed
            if workspace.properties.workspace_id == workspace_id
            for store_id in all_stores(workspace)
        ]
        for store_id in dict.fromkeys([*stores, workspace_id]):
            await self.destroy_store(store_id)

    async def destroy_store(self, store_id: UUID) -> None:
        """Remove the database of a store with all rows, and its entries in the ledger, as `destroy_workspace` does."""
        database = database_name(store_id)
        await self._engine.drop_database(database)
        await asyncio.to_thread(self._ledger.remove_store, store_id)
        self._detached.discard(database)

    async def _reconcile_workspace(
        self, workspace: Resource[Workspace], databases: frozenset[str], *, is_closed: bool
    ) -> None:
        readable = () if is_closed else readable_stores(self._store.snapshot, workspace)
        readable = tuple(store_id for store_id in readable if self._find_seal(store_id) is None)
        for store_id in all_stores(workspace):
            if store_id not in readable:
                await self._close_store(store_id, databases)
        for store_id in readable:
            await self._open_store(workspace, store_id, databases)

    async def _close_store(self, store_id: UUID, databases: frozenset[str]) -> None:
        database = database_name(store_id)
        if database in databases and database not in self._detached:
            await self._engine.detach_database(database)
            self._detached.add(database)

    async def _open_store(
        self, workspace: Resource[Workspace], store_id: UUID, databases: frozenset[str]
    ) -> None:
        database = database_name(store_id)
        if database not in databases or database in self._detached:
            spec = self._specify_database(self._store.snapshot, workspace, store_id)
            await self._engine.open_database(spec)
            self._detached.discard(database)
        await self._stocktaking.take_once(workspace, store_id)
        await self._reconcile_tables(workspace, store_id)

    async def _reconcile_tables(self, workspace: Resource[Workspace], store_id: UUID) -> None:
        for name, stored in self._ledger.tables(store_id).items():
            if stored.resource_uid is not None:
                declared = self._store.snapshot.find_table(workspace, name)
                if declared is None or declared.uid != stored.resource_uid:
                    await self._tables.drop_table(store_id, name)
                    continue
            if stored.pending is not None:
                await self._tables.complete_table(store_id, name)
