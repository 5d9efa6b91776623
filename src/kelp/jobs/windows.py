"""Rows of a query as rows of a table of a workspace, handed in once however often it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kelp.catalog.storage_rules import CONSTANT_COLUMNS
from kelp.kql.types import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.engine_tables import EngineTables
    from kelp.ingest.internal_rows import InternalRows
    from kelp.jobs.own_queries import OwnAnswer

_STAMPED = CONSTANT_COLUMNS | {"_BilledSize", "_CustomerId"}
"""What ingestion writes into every record by itself."""


class WindowSender:
    """Belongs to one event loop."""

    def __init__(self, tables: EngineTables, rows: InternalRows) -> None:
        self._tables = tables
        self._rows = rows

    async def send(
        self,
        workspace_id: WorkspaceId,
        table: str,
        answer: OwnAnswer,
        *,
        once: str,
        keeps_customers: bool = False,
        customer_id: UUID | None = None,
        extra: Mapping[Column, object] | None = None,
    ) -> int:
        """Hand the rows in, each with the values of `extra`, and return how many they are.

        Of those with the same name `once` the rows are stored one time. With `keeps_customers` a row is its own
        `_CustomerId`'s, else that of `customer_id`. Raises `ColumnTypeConflict`, `InvalidDocument`, `ServiceError`.
        """
        if not answer.rows:
            return 0
        left_out = _STAMPED - {"_CustomerId"} if keeps_customers else _STAMPED
        added = extra or {}
        columns: Sequence[Column] = [
            *(column for column in answer.columns if column.name not in left_out),
            *added,
        ]
        await self._tables.ensure_table(workspace_id, table, columns)
        values = {column.name: value for column, value in added.items()}
        kept = {column.name for column in columns}
        objects = [
            {name: value for name, value in row.items() if name in kept} | values
            for row in answer.as_objects()
        ]
        body = msgspec.json.encode(objects)
        await self._rows.send(workspace_id, table, body, once=once, customer_id=customer_id)
        return len(objects)
