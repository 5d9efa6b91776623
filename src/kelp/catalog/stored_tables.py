"""Where the rows of a workspace lie: every stored table of it, whichever store holds it.

Whoever removes, counts or rewrites rows of a whole workspace goes through here, so that none is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.catalog.ledger import StoredTable, TableSize
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.resources.stores import find_owner, readable_stores

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from kelp.catalog.ledger import TableLedger
    from kelp.resources.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table that the engine holds for a workspace, in one of its stores."""

    workspace_id: UUID
    store_id: UUID
    table: EngineTable
    stored: StoredTable
    size: TableSize

    @property
    def name(self) -> str:
        """What queries call it."""
        return self.stored.name


def list_held_tables(
    ledger: TableLedger, snapshot: Snapshot, workspace_id: UUID, name: str | None = None
) -> tuple[HeldTable, ...]:
    """Return all tables of a live workspace that were made, or those of one name, in all its stores; from memory.

    Those of stores in deleted clusters are left out: nobody can read them.
    """
    workspace = find_owner(snapshot, workspace_id)
    stores = readable_stores(snapshot, workspace) if workspace is not None else (workspace_id,)
    return list_tables_of_stores(ledger, workspace_id, stores, name)


def list_tables_of_stores(
    ledger: TableLedger, workspace_id: UUID, stores: Iterable[UUID], name: str | None = None
) -> tuple[HeldTable, ...]:
    """Return all tables that were made in some stores of a workspace, or those of one name; from memory."""
    return tuple(
        HeldTable(
            workspace_id,
            store_id,
            EngineTable(database_name(store_id), own),
            stored,
            ledger.sizes(store_id).get(own, TableSize()),
        )
        for store_id in stores
        for own, stored in ledger.tables(store_id).items()
        if stored.definition is not None and name in (None, own)
    )
