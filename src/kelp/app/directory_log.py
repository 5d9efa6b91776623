"""Brings sign-ins and changes of the directory into the workspace that their tenant chose, like any other record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.base.ids import WorkspaceId
from kelp.identity.event_rows import make_event_row

if TYPE_CHECKING:
    import asyncio

    from kelp.identity.directory import Directory
    from kelp.identity.events import DirectoryEvent, SignInEvent
    from kelp.ingest.internal_rows import InternalRows
    from kelp.resources.store import ResourceStore


class DirectoryLog:
    """An `EventSink` that writes a row for each event of a tenant that has a workspace for them."""

    def __init__(
        self,
        rows: InternalRows,
        store: ResourceStore,
        directory: Directory,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._rows = rows
        self._store = store
        self._directory = directory
        self._loop = loop

    def tell(self, event: SignInEvent | DirectoryEvent) -> None:
        """Hand the row on, from whichever thread; it becomes searchable like other records."""
        tenant = self._directory.find_tenant(str(event.tenant_id))
        chosen = tenant.log_workspace_id if tenant is not None else None
        workspace = self._store.snapshot.workspaces.get(WorkspaceId(chosen)) if chosen else None
        if workspace is None or workspace.tenant_id != event.tenant_id:
            return
        table, row = make_event_row(event)
        self._loop.call_soon_threadsafe(self._rows.add, workspace.properties.workspace_id, table, row)
