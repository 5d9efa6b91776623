"""Where the rows of a workspace lie: every stored table of it, whichever store holds it.

Whoever removes, counts or rewrites rows of a whole workspace goes through here, so that none is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.catalog.ledger import StoredTable, TableSize
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.catalog.ledger import TableLedger


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table that the engine holds for a workspace."""

    workspace_id: UUID
    table: EngineTable
    stored: StoredTable
    size: TableSize

    @property
    def name(self) -> str:
        """What queries call it."""
        return self.stored.name


def list_held_tables(
    ledger: TableLedger, workspace_id: UUID, name: str | None = None
) -> tuple[HeldTable, ...]:
    """Return all tables of a workspace that were made, or those of one name, from memory."""
    sizes = ledger.sizes(workspace_id)
    database = database_name(workspace_id)
    return tuple(
        HeldTable(workspace_id, EngineTable(database, own), stored, sizes.get(own, TableSize()))
        for own, stored in ledger.tables(workspace_id).items()
        if stored.definition is not None and name in (None, own)
    )
