"""Brings the log of queries into the workspaces that were queried, through ingestion like any other record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.api.errors import status_of
from kelp.base.ids import WorkspaceId
from kelp.query.log_rows import TABLE, make_log_row

if TYPE_CHECKING:
    from kelp.ingest.internal_rows import InternalRows
    from kelp.query.log import QueryLogEntry
    from kelp.resources.store import ResourceStore


class IngestedQueryLog:
    """A `QueryLog` that writes a row for each workspace that a query reached."""

    def __init__(self, rows: InternalRows, store: ResourceStore) -> None:
        self._rows = rows
        self._store = store

    def record(self, entry: QueryLogEntry) -> None:
        """Hand the rows on; they become searchable like other records."""
        live = self._store.snapshot.workspaces
        reached = [live[WorkspaceId(found)] for found in entry.workspace_ids if found in live]
        for workspace in reached:
            row = make_log_row(entry, workspace, reached, status_of)
            self._rows.add(workspace.properties.workspace_id, TABLE, row)
