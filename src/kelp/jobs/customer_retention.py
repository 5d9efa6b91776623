"""Removes the rows of customers that keep records for less time than their workspace; queries hide them before.

What was received as it came stays for as long as the workspace keeps it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from kelp.base.clock import to_ticks
from kelp.base.errors import ServiceError
from kelp.catalog.customer_retention import group_by_retention
from kelp.catalog.inventory import count_rows
from kelp.catalog.stored_tables import list_held_tables
from kelp.clickhouse.ddl import CUSTOMER_COLUMN, print_of_customers_before

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.stored_tables import HeldTable
    from kelp.engine.contract import Engine
    from kelp.jobs.row_removal import RowRemoval
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

NAME = "customer-retention"
INTERVAL = timedelta(hours=1)


class CustomerRetention:
    """The job. Belongs to one event loop."""

    def __init__(
        self, store: ResourceStore, ledger: TableLedger, engine: Engine, removal: RowRemoval, clock: Clock
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._engine = engine
        self._removal = removal
        self._clock = clock
        self._log = structlog.get_logger("kelp.retention")

    async def run(self) -> None:
        """Remove what has passed by now. A workspace where it fails doesn't concern the others."""
        snapshot = self._store.snapshot
        for workspace_id, customers in list(snapshot.customers_of.items()):
            workspace = snapshot.workspaces.get(workspace_id)
            groups = group_by_retention(customers, 1 << 30)
            if workspace is None or not groups:
                continue
            try:
                for days, ids in groups.items():
                    await self._remove(workspace, days, ids)
            except ServiceError as error:
                self._log.warning("retention_postponed", workspace_id=workspace_id, error=error.message)

    async def _remove(self, workspace: Resource[Workspace], days: int, ids: tuple[str, ...]) -> None:
        cutoff_ticks = to_ticks(self._clock.now() - timedelta(days=days))
        predicate = print_of_customers_before(ids, cutoff_ticks)
        for held in list_held_tables(self._ledger, self._store.snapshot, workspace.properties.workspace_id):
            if not _may_hold(held, cutoff_ticks):
                continue
            if await count_rows(self._engine, held.table, predicate):
                rows = await self._removal.remove_matching(held, predicate)
                self._log.info("rows_removed", workspace_id=held.workspace_id, table=held.name, rows=rows)


def _may_hold(held: HeldTable, cutoff_ticks: int) -> bool:
    definition = held.stored.definition
    if definition is None or not any(column.name == CUSTOMER_COLUMN for column in definition.columns):
        return False
    return held.size.rows > 0 and (held.size.first_ticks is None or held.size.first_ticks < cutoff_ticks)
