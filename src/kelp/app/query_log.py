"""Brings the log of queries into the workspaces that were queried, through ingestion like any other record."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kelp.api.errors import status_of
from kelp.base.ids import WorkspaceId
from kelp.identity.principal import AccountKind
from kelp.query.log_rows import TABLE, make_log_row
from kelp.resources.author import Author, AuthorKind

if TYPE_CHECKING:
    from kelp.ingest.internal_rows import InternalRows
    from kelp.query.log import QueryLogEntry
    from kelp.resources.lockbox import LockboxGrants
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace


class IngestedQueryLog:
    """A `QueryLog` that writes a row for each workspace that a query reached.

    A query that a customer's approval of a lockbox request let through leaves an audit record of the customer, too.
    """

    def __init__(
        self, rows: InternalRows, store: ResourceStore, lockbox: LockboxGrants | None = None
    ) -> None:
        self._rows = rows
        self._store = store
        self._lockbox = lockbox
        self._writing: set[asyncio.Task[None]] = set()

    def record(self, entry: QueryLogEntry) -> None:
        """Hand the rows on; they become searchable like other records."""
        live = self._store.snapshot.workspaces
        reached = [live[WorkspaceId(found)] for found in entry.workspace_ids if found in live]
        for workspace in reached:
            row = make_log_row(entry, workspace, reached, status_of)
            self._rows.add(workspace.properties.workspace_id, TABLE, row)
            if self._lockbox is not None and workspace.tenant_id != entry.request.caller.tenant_id:
                if self._lockbox.has_asked(entry.request.caller, workspace.id):
                    self._start_recording(entry, workspace)

    def _start_recording(self, entry: QueryLogEntry, workspace: Resource[Workspace]) -> None:
        task = asyncio.create_task(asyncio.to_thread(self._record_access, entry, workspace))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def _record_access(self, entry: QueryLogEntry, workspace: Resource[Workspace]) -> None:
        caller = entry.request.caller
        kind = AuthorKind.USER if caller.kind is AccountKind.USER else AuthorKind.APPLICATION
        author = Author(
            workspace.tenant_id, caller.object_id, caller.name, kind, entry.request.origin.correlation_id
        )
        with self._store.write(author) as transaction:
            transaction.record_action(workspace.id, "lockbox/query/action")
